"""Admin pages on which staff read what customers wrote: every page that is shown is an entry.

The entry is written after the page was put together and before it is drawn; where it cannot be written, the
page is not shown.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from accounts.audit.acts import Act
from accounts.audit.trail import digest, record


class ReadsAreAudited:
    """Mixin for a ``ModelAdmin`` (before it) whose pages show texts of customers."""

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the list; it holds titles and questions."""
        response = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse):
            listed = getattr(response.context_data.get("cl"), "result_count", None)
            note_list(request, self.opts.label_lower, listed)
        return response

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show one."""
        response = super().changeform_view(request, object_id, form_url, extra_context)
        self._note(request, object_id, response)
        return response

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show what was done to one; its name is a customer's words."""
        response = super().history_view(request, object_id, extra_context)
        self._note(request, object_id, response)
        return response

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask whether one is to be deleted; its name is a customer's words."""
        response = super().delete_view(request, object_id, extra_context)
        self._note(request, object_id, response)
        return response

    def _note(self, request: HttpRequest, object_id: str | None, response: HttpResponse) -> None:
        if isinstance(response, TemplateResponse) and object_id is not None:
            page = request.resolver_match.url_name.rpartition("_")[2] if request.resolver_match else ""
            target = (self.opts.label_lower, object_id)
            record(Act.CONVERSATION_READ, target=target, request=request, page=page)


def note_list(request: HttpRequest, kind: str, listed: int | None) -> None:
    """Write that staff were shown a list of customers' words, and whether they had searched for something.

    What they searched for may be a person's name, so it stands as a digest: the same search is known again.
    """
    words = request.GET.get("q", "").strip()
    filters = sorted(name for name in request.GET if name not in ("q", "p", "o", "all"))
    facts: dict[str, Any] = {"listed": listed, "filters": filters}
    if words:
        record(Act.CONVERSATIONS_SEARCHED, target=(kind, ""), request=request, words=digest(words), **facts)
    else:
        record(Act.CONVERSATIONS_LISTED, target=(kind, ""), request=request, **facts)
