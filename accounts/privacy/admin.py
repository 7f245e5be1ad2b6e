"""Deleting people in the admin: the same way as they would delete themselves."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.models import User
from accounts.privacy.erasing import AccountKept, check_not_last, erase_account


class ErasesPeople:
    """Mixin for the ``ModelAdmin`` of people."""

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Say who goes, with what, and who cannot. Names no conversation: their titles are people's words."""
        people = list(objs)
        kept: list[str] = []
        for person in people:
            try:
                check_not_last(person)
            except AccountKept as refused:
                kept.append(f"{person.get_username()}: {refused.words}")
        names = [f"{person.get_username()}, with conversations, sessions and keys" for person in people]
        may = self.has_delete_permission(request)
        return names, {"accounts": len(people)}, set() if may else {"user"}, kept

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        """Delete one."""
        erase_account(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Delete many, one after the other."""
        for person in queryset:
            erase_account(person)
