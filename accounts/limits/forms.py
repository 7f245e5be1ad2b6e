"""Limits on forms: every POST is counted before the form is looked at.

Two counters stand here. django-ratelimit counts each form by address; its fixed window may let twice its rate
through across an edge. The sliding window of this package counts the same, exactly, and the accounts that a
form names.
"""

import re
from typing import ClassVar, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django_ratelimit.core import get_usage

from accounts.limits.address import network_of_request
from accounts.limits.limiter import take_all_now
from accounts.limits.passwords import key_of_account
from accounts.limits.rules import Rule, Use, rule

MINUTE_SECONDS = 60
_PERIODS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}

# Rules of a group beside its own rate: by address, and by the account that a field of the form names.
_BY_ADDRESS: Final = {"sign-up": "sign_up_address", "password-reset": "password_reset_address"}
_BY_ACCOUNT: Final = {"password-reset": ("password_reset_account", "email")}


class LimitedPosts:
    """A page whose form may be sent a few times a minute from one address.

    ``limit_group`` names the counter; pages that share it share the count.
    """

    limit_group: ClassVar[str]
    limit_rate: ClassVar[str] = "10/m"

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        """Answer 429 with ``Retry-After`` beyond the rate."""
        if request.method == "POST" and settings.RATELIMIT_ENABLE:
            seconds = seconds_to_wait(request, self.limit_group, self.limit_rate)
            if seconds:
                return too_many_requests(request, seconds=seconds)
        return super().dispatch(request, *args, **kwargs)


def seconds_to_wait(request: HttpRequest, group: str, rate: str) -> int:
    """Count one sending of a form; return 0 when it may go on, else the seconds to wait.

    Args:
        request: the POST.
        group: name of the counter.
        rate: as django-ratelimit has it, such as ``10/m``.
    """
    decision = take_all_now(*_uses(request, group, rate))
    if not decision.allowed:
        return decision.retry_seconds
    if decision.is_alone:
        return 0  # django-ratelimit's counter is away as well, and would make the person wait for that
    usage = get_usage(request, group=group, key="ip", rate=rate, method="POST", increment=True)
    # A limit of 0 is how the library says that its counter is away.
    refused = usage and usage["limit"] and usage["should_limit"]
    return max(1, usage["time_left"]) if refused else 0


def too_many_requests(request: HttpRequest, *, seconds: int = MINUTE_SECONDS) -> HttpResponse:
    """Return the page that asks to wait ``seconds``; allauth's own limits lead here, too."""
    response = render(request, "429.html", {"seconds": seconds}, status=429)
    response["Retry-After"] = str(seconds)
    return response


def _uses(request: HttpRequest, group: str, rate: str) -> list[Use]:
    address = network_of_request(request)
    uses = [Use(_rule_of(group, rate), address)]
    if group in _BY_ADDRESS:
        uses.append(Use(rule(_BY_ADDRESS[group]), address))
    if group in _BY_ACCOUNT:
        name, field = _BY_ACCOUNT[group]
        if typed := request.POST.get(field, ""):
            uses.append(Use(rule(name), key_of_account(typed)))
    return uses


def _rule_of(group: str, rate: str) -> Rule:
    count, many, period = re.fullmatch(r"(\d+)/(\d*)([smhd])", rate).groups()
    return Rule(f"form-{group}", int(count), int(many or 1) * _PERIODS[period])
