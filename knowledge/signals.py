"""Signals of the library, sent within the transaction of what they tell of: a failing receiver undoes it."""

from django.dispatch import Signal

version_changed = Signal()  # sender: Version; version: with its document; is_published: or withdrawn
