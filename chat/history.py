"""The pages of one's own conversations: found, named, put away. They need no script."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final
from uuid import UUID

from django.contrib import messages as flash
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chat import conversations, filing
from chat.errors import MessageRefused, NotFound
from chat.models.conversations import TITLE_CHARACTERS

PAGE_SIZE: Final = 30
LONGEST_SEARCH: Final = 200  # characters
View = Callable[..., HttpResponse]


def _of_owner(view: View) -> View:
    """Answer a request for what is not there, or somebody else's, with the page that says so."""

    @wraps(view)
    def answer(request: HttpRequest, **names: Any) -> HttpResponse:
        try:
            return view(request, **names)
        except NotFound as error:
            raise Http404 from error

    return never_cache(login_required(answer))


@require_safe
@never_cache
@login_required
def history(request: HttpRequest) -> HttpResponse:
    """List the person's conversations, those put away apart; a search looks through both."""
    words = request.GET.get("q", "").replace("\x00", "")[:LONGEST_SEARCH].strip()
    archived = request.GET.get("archived") == "true"
    wanted = filing.Wanted(words=words, archived=None if words else archived)
    found = filing.find(request.user, wanted).order_by("-active_at", "-pk")
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    matches = filing.matches_of(page, words)
    context = {
        "page": page,
        "rows": [(one, matches.get(one.pk)) for one in page],
        "words": words,
        "archived": archived,
        "longest_search": LONGEST_SEARCH,
    }
    return render(request, "chat/history.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@_of_owner
def rename(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Ask for another title of a conversation, and give it that."""
    conversation = conversations.get_conversation(request.user, conversation_id)
    problem, title = "", request.POST.get("title", conversation.title)
    if request.method == "POST":
        try:
            filing.change(request.user, conversation_id, title=title)
            return redirect(_way_back(request, conversation_id))
        except MessageRefused as error:
            problem = error.words
    context = {
        "conversation": conversation,
        "title": title,
        "problem": problem,
        "longest": TITLE_CHARACTERS,
        "next": _way_back(request, conversation_id),
    }
    return render(request, "chat/rename.html", context, status=422 if problem else 200)


@require_POST
@_of_owner
def archive(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Put a conversation away, or take it back out (``archived=false``)."""
    archived = request.POST.get("archived", "true") != "false"
    filing.change(request.user, conversation_id, archived=archived)
    done = (
        _("The conversation is in the archive.") if archived else _("The conversation is back on the list.")
    )
    flash.success(request, done)
    return redirect(_way_back(request, conversation_id))


def _way_back(request: HttpRequest, conversation_id: UUID) -> str:
    """Return the page of ours that somebody came from, if they say so; else the conversation's."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) and wanted.startswith("/chat/"):
        return wanted
    return redirect("conversation", conversation_id)["Location"]
