"""What a request gets when nothing could answer it: 503 while the database is away, 500 otherwise."""

import sys
from http import HTTPStatus

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import get_template
from django.utils.translation import gettext_lazy as _
from django.views.defaults import page_not_found

from chat.openai_api.errors import error_body
from chatsite.programs import FOR_PROGRAMS, OPENAI

RETRY_SECONDS = 5
_WORDS = {
    HTTPStatus.SERVICE_UNAVAILABLE: _(
        "The desk cannot reach its database right now. Please try again shortly."
    ),
    HTTPStatus.INTERNAL_SERVER_ERROR: _("Something went wrong on our side. Please try again."),
}
_CODES = {HTTPStatus.SERVICE_UNAVAILABLE: "unavailable", HTTPStatus.INTERNAL_SERVER_ERROR: "internal"}


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request for what is not there: on the API as for an unknown id, elsewhere with the page."""
    status, code = HTTPStatus.NOT_FOUND, "not_found"
    if request.path.startswith(OPENAI):
        return JsonResponse(
            error_body(str(_("There is no such thing.")), status=status, code=code), status=status
        )
    if not request.path.startswith(FOR_PROGRAMS):
        return page_not_found(request, exception)
    body = {
        "type": f"urn:chatsite:problem:{code}",
        "title": str(_("There is no such thing.")),
        "status": status,
        "code": code,
    }
    return JsonResponse(body, status=status, content_type="application/problem+json")


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer a request that broke; Django calls this while the exception is being handled.

    The page is made without the request, whose person would have to be looked up.
    """
    away = isinstance(sys.exc_info()[1], (OperationalError, InterfaceError))
    status = HTTPStatus.SERVICE_UNAVAILABLE if away else HTTPStatus.INTERNAL_SERVER_ERROR
    if request.path.startswith(OPENAI):
        told = error_body(str(_WORDS[status]), status=status, code=_CODES[status])
        response: HttpResponse = JsonResponse(told, status=status)
    elif request.path.startswith(FOR_PROGRAMS):
        body = {"title": str(_WORDS[status]), "status": status, "code": _CODES[status], "retryable": True}
        response = JsonResponse(body, status=status, content_type="application/problem+json")
    else:
        response = HttpResponse(get_template(f"{status}.html").render(), status=status)
    if away:
        response["Retry-After"] = str(RETRY_SECONDS)
    return response
