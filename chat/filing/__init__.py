"""A person's conversations as a collection: listed, searched, named, put away."""

from chat.filing.changes import begin, change, delete
from chat.filing.listing import Wanted, find, listed
from chat.filing.matches import Match, matches_of
from chat.filing.titles import checked_title

__all__ = ["Match", "Wanted", "begin", "change", "checked_title", "delete", "find", "listed", "matches_of"]
