"""Personal data: found in texts, masked with placeholders, restored for the one person it belongs to.

``detect`` finds values. ``Placeholders`` masks what goes to a model, and ``Restorer`` brings a conversation's
own values back on the answer's stream; ``scrub`` takes values out of logs and lists for good.
"""

from chat.safety.personal.detection import detect
from chat.safety.personal.known import NOTHING_KNOWN, Known, Person
from chat.safety.personal.placeholders import PLACEHOLDER, Placeholders, without_placeholders
from chat.safety.personal.restore import Restorer
from chat.safety.personal.scrubbing import scrub, scrub_log_line
from chat.safety.personal.spans import Span

__all__ = [
    "NOTHING_KNOWN",
    "PLACEHOLDER",
    "Known",
    "Person",
    "Placeholders",
    "Restorer",
    "Span",
    "detect",
    "scrub",
    "scrub_log_line",
    "without_placeholders",
]
