"""Pages that show and change nothing."""

from django.http import HttpRequest


class ReadOnly:
    """An admin page that shows and changes nothing."""

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Refuse: people of the desk do not write records of what was said."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Refuse."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Refuse."""
        return False
