"""Questions sent together: taken at once, item by item, and sent on as ordinary messages, a few at a time."""

from chat.batches.own import connect
from chat.batches.releasing import RELEASE_SECONDS, release
from chat.batches.taking import NewItem, cancel, progress_of, take

__all__ = ["RELEASE_SECONDS", "NewItem", "cancel", "connect", "progress_of", "release", "take"]
