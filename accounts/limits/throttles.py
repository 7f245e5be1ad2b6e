"""Limits on REST requests, as the REST framework calls them: after it knows who asks."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from rest_framework.throttling import BaseThrottle

from accounts.limits.address import network_of_request
from accounts.limits.limiter import take_now
from accounts.limits.rules import rule

if TYPE_CHECKING:  # the framework reads its settings, which name this file, while it is being imported
    from rest_framework.request import Request
    from rest_framework.views import APIView


class Requests(BaseThrottle):
    """So many requests of a user, whatever they ask for."""

    rule_name: ClassVar[str] = "user_requests"
    methods: ClassVar[Sequence[str]] = ()

    def allow_request(self, request: "Request", view: "APIView") -> bool:
        """Count the request; its answer will tell how many are left."""
        if self.methods and request.method not in self.methods:
            return True
        user = request.user
        key = user.pk if user and user.is_authenticated else network_of_request(request)
        self._decision = take_now(rule(self.rule_name), key)
        request._request.limit_decision = self._decision
        return self._decision.allowed

    def wait(self) -> float:
        """Return the seconds until the next may come."""
        return self._decision.retry_after


class Uploads(Requests):
    """So many requests with files of a member of staff."""

    rule_name = "uploads"

    def allow_request(self, request: "Request", view: "APIView") -> bool:
        """Count the request, if it brings files."""
        if not (request.content_type or "").startswith("multipart/"):
            return True
        return super().allow_request(request, view)


class Tickets(Requests):
    """So many tickets for sockets."""

    rule_name = "user_tickets"
    methods = ("POST",)


class Keys(Requests):
    """So many API keys made."""

    rule_name = "user_keys"
    methods = ("POST",)
