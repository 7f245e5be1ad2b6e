"""Pages by cursor: stable while things are added."""

from accounts.cursors import Cursors


class NewestVersionFirst(Cursors):
    """Versions of one document."""

    ordering = ("-number",)


class AsTheyStand(Cursors):
    """Passages in the order of the text."""

    ordering = ("position",)
    page_size = 100


class AsSent(Cursors):
    """The files of a batch."""

    ordering = ("pk",)
    page_size = 100
