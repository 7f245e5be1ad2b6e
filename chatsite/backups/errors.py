"""What can go wrong with a backup."""


class BackupError(Exception):
    """It was not made, or not put back; the message says why, and nothing was changed."""
