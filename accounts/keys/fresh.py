"""Whether somebody has proven lately who they are: a key outlives the session it is made in."""

import time

from allauth.account import app_settings
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from django.contrib.sessions.backends.base import SessionBase

from accounts.models import User

_RECORDS = "account_authentication_methods"


def is_fresh(session: SessionBase, user: User) -> bool:
    """Tell whether the person gave a password, passkey or code in this session within the last minutes.

    People who can only come by way of another service have nothing to give here; for them the sign-in counts.
    """
    records = session.get(_RECORDS, ())
    latest = max((record["at"] for record in records), default=0.0)
    if time.time() - latest < app_settings.REAUTHENTICATION_TIMEOUT:
        return True
    return not get_reauthentication_flows(user)
