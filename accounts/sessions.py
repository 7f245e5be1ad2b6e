"""Ending people's sessions."""

from typing import Final

from allauth.usersessions.models import UserSession
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.utils.translation import gettext

from accounts.models import User

# In this order: browsers also name those whose pages they can show.
_BROWSERS: Final = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"), ("Chrome", "Chrome"), ("CriOS", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
_SYSTEMS: Final = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("CrOS", "ChromeOS"),
    ("Windows", "Windows"), ("Mac OS", "Mac"), ("Linux", "Linux"),
)  # fmt: skip


def browser_name(user_agent: str) -> str:
    """Return what a person would call a browser; its own words where it is none of the usual.

    >>> browser_name("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
    'Firefox on Linux'
    """
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    if browser and system:
        return gettext("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or user_agent or gettext("Unknown browser")


def end_session(session: UserSession) -> None:
    """End one browser's session: its next request is nobody's."""
    session.end()


def end_sessions(user: User) -> int:
    """End all sessions of a person and return how many there were."""
    sessions = list(UserSession.objects.filter(user=user))
    for session in sessions:
        end_session(session)
    return len(sessions)


@receiver(post_save, sender=User, dispatch_uid="end-sessions-of-the-deactivated")
def _end_when_deactivated(instance: User, *, created: bool, raw: bool = False, **_: object) -> None:
    """Forget the sessions of somebody who is deactivated.

    They are nobody's at once, as Django looks at the flag with every request. Without this they would be
    alive again after the account is opened again.
    """
    if not (instance.is_active or created or raw):
        end_sessions(instance)
