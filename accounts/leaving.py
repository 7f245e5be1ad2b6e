"""Leaving for another site after a form was sent."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

View = Callable[..., HttpResponseBase]


def leave_by_page(view: View) -> View:
    """Turn a view's redirect to another site into a page that goes there by itself.

    The policy's ``form-action 'self'`` holds for every redirect that follows a form in some browsers, also
    for those of the other site, which nobody can list beforehand. A page's own refresh is no form.
    """

    @wraps(view)
    def leaving(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        target = response.get("Location", "")
        host = urlsplit(target).netloc
        if (
            request.method != "POST"
            or response.status_code != HTTPStatus.FOUND
            or host in ("", request.get_host())
        ):
            return response
        page = render(request, "accounts/leaving.html", {"target": target, "host": host})
        page["Cache-Control"] = "no-store"
        page["Referrer-Policy"] = "no-referrer"
        return page

    return leaving
