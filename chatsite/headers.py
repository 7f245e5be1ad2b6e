"""Headers of every answer, static files included, that neither Django nor django-csp sets."""

from collections.abc import Callable
from typing import Final

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponse

# What the pages never ask a browser for, so that nothing that slips into one can. Passkeys stay allowed.
_NOT_USED: Final = (
    "accelerometer", "autoplay", "camera", "display-capture",
    "geolocation", "gyroscope", "hid", "magnetometer", "microphone", "midi", "payment", "serial", "usb",
    "xr-spatial-tracking",
)  # fmt: skip
HEADERS: Final = {
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in _NOT_USED),
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Headers:
    """Middleware; a view that has set one of the headers itself keeps it."""

    async_capable = sync_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """``get_response`` is what answers."""
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with the headers."""
        if iscoroutinefunction(self):
            return self._later(request)  # type: ignore[return-value]
        return _with_headers(self.get_response(request))

    async def _later(self, request: HttpRequest) -> HttpResponse:
        return _with_headers(await self.get_response(request))  # type: ignore[misc]


def _with_headers(response: HttpResponse) -> HttpResponse:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response
