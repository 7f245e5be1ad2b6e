"""Crisis: messages of people who may be in danger, or who speak of somebody who is.

* ``stage_one``   cues from data files (``cues/``), on every message
* ``classifier``  what a model is asked about a message with cues, and how its answer is read
* ``care``        the fixed texts and the help lines, from files that staff's tables take the place of
"""

from chat.safety.crisis.stage_one import Level, Sighting, assess, is_possible_crisis

__all__ = ["Level", "Sighting", "assess", "is_possible_crisis"]
