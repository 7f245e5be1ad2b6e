"""Signals of the chat, sent within the transaction of what they tell of: a receiver that fails undoes it.

``chat`` does not know who listens; webhooks do. Receivers must be quick, as an answer waits for them.
"""

from django.dispatch import Signal

# sender: Turn; turn: finished, as it was saved; citations: the answer's; texts: a callable that returns
# question and answer with placeholders for personal data (empty where they cannot be masked), or None.
turn_settled = Signal()

# sender: Conversation; ids: the conversations that are being deleted for good.
conversations_erased = Signal()
