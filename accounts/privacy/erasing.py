"""Deleting an account: the one way for the person themselves, for staff and for commands."""

from django.db import transaction
from django.db.models import ProtectedError, RestrictedError
from django.utils.translation import gettext

from accounts.models import User
from accounts.privacy.parts import parts


class AccountKept(Exception):
    """The account cannot be deleted; ``words`` say why."""

    def __init__(self, words: str):
        self.words = words
        super().__init__(words)


def erase_account(user: User) -> None:
    """Delete a person with all that is theirs, in one transaction; what stands elsewhere goes after it.

    The audit trail keeps that it happened, without the person's name.

    Raises:
        AccountKept: it is the last administrator's, or something that must stay leans on it.
        DatabaseError: nothing was deleted.
    """
    with transaction.atomic():
        locked = User.objects.select_for_update().get(pk=user.pk)
        check_not_last(locked)
        for part in parts():
            if part.eraser is not None:
                part.eraser(locked)
        try:
            locked.delete()
        except (ProtectedError, RestrictedError) as error:
            raise AccountKept(gettext("Something that has to be kept belongs to this account.")) from error


def check_not_last(user: User) -> None:
    """Raise AccountKept for the one administrator there is."""
    administrators = User.objects.filter(is_superuser=True, is_active=True)
    if user.is_superuser and not administrators.exclude(pk=user.pk).exists():
        raise AccountKept(
            gettext("This is the last administrator's account. Make another administrator first.")
        )
