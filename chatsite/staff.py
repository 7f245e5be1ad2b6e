"""Who of the staff asks for a page that programs read too: by a session, a key or a token from a sign-in."""

from dataclasses import dataclass

from django.http import HttpRequest

from accounts.models import User
from accounts.tokens.access import Access, ended_among, of_session
from accounts.tokens.bearer import resolve_bearer
from chatsite.admin_site import needs_second_step


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who was let in, and what by."""

    access: Access
    is_staff: bool


def visitor(request: HttpRequest, *, by_bearer: bool = True) -> Visitor | None:
    """Return who asks; None: nobody that is known. What was sent on purpose goes before a cookie.

    A third party is never staff, whoever let it in. Synchronous: it asks the database.
    """
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if by_bearer and scheme.lower() == "bearer":
        found = resolve_bearer(value.strip())
        return Visitor(found[1], found[0].is_staff and found[1].scopes is None) if found else None
    user = request.user
    if not isinstance(user, User):
        return None
    return Visitor(of_session(request.session, user), user.is_staff and not needs_second_step(request))


def no_longer_staff(accesses: set[Access]) -> set[Access]:
    """Return those whose access has ended, or whose person is no member of staff any more."""
    staff = set(
        User.objects.filter(pk__in={access.user_id for access in accesses}, is_staff=True).values_list(
            "pk", flat=True
        )
    )
    return ended_among(accesses) | {access for access in accesses if access.user_id not in staff}
