"""Who a person is and what they may use, as rows."""

from accounts.models.people import User

__all__ = ["User"]
