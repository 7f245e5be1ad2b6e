"""Headers of every answer, static files included, that neither Django nor django-csp sets."""

from typing import Final

from django.http import HttpRequest

from chatsite.middleware import BothWays, Passing

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


class Headers(BothWays):
    """Middleware; a view that has set one of the headers itself keeps it."""

    def passing(self, request: HttpRequest) -> Passing:
        """Add the headers to the answer."""
        response = yield
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response
