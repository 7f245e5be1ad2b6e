"""The chat page. It can be read and asked on without a script; with one, the page takes over from what stands
there.
"""

from typing import Any
from uuid import UUID, uuid4

from asgiref.sync import async_to_sync
from django.conf import settings
from django.contrib import messages as flash
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from chat import conversations
from chat.errors import ChatError, NotFound, RateLimited
from chat.models import Conversation, Message, Turn
from chat.privacy import markdown
from chat.turn.outcome import citation_json, message_json, rating_json, source_json
from knowledge.models import Booking, Document, Segment

LISTED_CONVERSATIONS = 200
SHOWN_MESSAGES = 100
STARTERS = 4

# Questions for policies that many airlines have, by the policy's titles in English and Spanish; each is only
# offered while it is published in the language of the page.
_QUESTIONS = {
    ("checked-baggage", "equipaje-facturado"): (
        _("Baggage"),
        _("How many bags can I check in, and how heavy may they be?"),
    ),
    ("flight-delays", "retrasos-de-vuelos"): (
        _("Delays"),
        _("What do I get when my flight is more than three hours late?"),
    ),
    ("changes-to-a-booking", "cambios-en-una-reserva"): (
        _("Changes"),
        _("Can I move my flight to another day, and what does it cost?"),
    ),
    ("travelling-with-pets", "viajar-con-mascotas"): (
        _("Pets"),
        _("Can my dog travel with me in the cabin?"),
    ),
    ("refunds-and-cancellations", "reembolsos-y-cancelaciones"): (
        _("Refunds"),
        _("How long does a refund take?"),
    ),
    ("cabin-baggage", "equipaje-de-mano"): (_("Baggage"), _("What may I take into the cabin?")),
    ("special-assistance-and-reduced-mobility", "asistencia-especial-y-movilidad-reducida"): (
        _("Assistance"),
        _("How do I ask for a wheelchair at the airport?"),
    ),
}


def home(request: HttpRequest) -> HttpResponse:
    """Lead to the desk, or to the sign-in page."""
    return redirect("chat" if request.user.is_authenticated else "sign-in")


@require_safe
@never_cache
@login_required
def chat_page(request: HttpRequest, conversation_id: UUID | None = None) -> HttpResponse:
    """Show a conversation of the signed-in person, or the page on which one begins."""
    return _page(request, _own(request.user, conversation_id))


@require_POST
@login_required
def ask(request: HttpRequest, conversation_id: UUID | None = None) -> HttpResponse:
    """Take a question from the form (browsers without a script) and show the conversation."""
    conversation = _own(request.user, conversation_id)
    text = request.POST.get("text", "")
    try:
        text = conversations.check_message(text)
        conversation = conversation or conversations.open_conversation(
            request.user, accept_language=request.headers.get("Accept-Language", "")
        )
        client_id = _uuid_or_none(request.POST.get("client_id", ""))
        async_to_sync(conversations.submit)(request.user, conversation.pk, text, client_id, over_http=True)
    except RateLimited as error:
        response = _page(request, conversation, problem=error.words, draft=text, status=429)
        for name, value in {"Retry-After": str(error.retry_after), **error.headers}.items():
            response[name] = value
        return response
    except ChatError as error:
        return _page(request, conversation, problem=error.words, draft=text, status=422)
    return redirect("conversation", conversation.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def delete(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Ask whether a conversation is to be deleted, and delete it."""
    conversation = _own(request.user, conversation_id)
    if request.method != "POST":
        return render(request, "chat/delete.html", {"conversation": conversation})
    try:
        conversations.delete(request.user, conversation_id)
    except NotFound as error:  # another tab was quicker
        raise Http404 from error
    flash.success(request, _("The conversation is deleted."))
    return redirect("chat")


@require_safe
@never_cache
@login_required
def export(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Give a conversation as Markdown, to be kept."""
    _own(request.user, conversation_id)
    text = markdown(conversations.export(request.user, conversation_id))
    name = f'attachment; filename="conversation-{conversation_id}.md"'
    headers = {"Content-Disposition": name}
    return HttpResponse(text, content_type="text/markdown; charset=utf-8", headers=headers)


def starters(user: User) -> list[tuple[str, str]]:
    """Return questions to begin with, as (topic, question); only what is loaded can be asked about."""
    titles = _titles(get_language() or "") or _titles(settings.LANGUAGE_CODE)
    known = [question for slugs, question in _QUESTIONS.items() if any(slug in titles for slug in slugs)]
    named = {slug for slugs in _QUESTIONS for slug in slugs}
    others = [
        (_("Policy"), _("What does the policy “%(title)s” say?") % {"title": title})
        for slug, title in titles.items()
        if slug not in named
    ]
    return [*_about_own_trip(user), *known, *others][:STARTERS]


def _titles(language: str) -> dict[str, str]:
    """Return the titles of the policies in a language, by their slugs."""
    published = Document.objects.readable_by("public").published().filter(language=language)
    return {slugify(title): title for title in published.order_by("title").values_list("title", flat=True)}


def _about_own_trip(user: User) -> list[tuple[str, str]]:
    upcoming = Segment.objects.filter(
        booking__in=Booking.objects.for_user(user.pk).filter(status=Booking.Status.CONFIRMED),
        date__gte=timezone.localdate(),
    )
    segment = upcoming.select_related("booking").order_by("date", "position").first()
    if segment is None:
        return []
    words = _("Is flight %(flight)s of my booking %(booking)s on time?")
    return [(_("Your trip"), words % {"flight": segment.number, "booking": segment.booking.reference})]


def transcript(conversation: Conversation, *, last: int | None = None) -> list[dict[str, Any]]:
    """Return the messages in order as clients have them, answers with what belongs to them.

    Args:
        conversation: whose messages.
        last: at most so many, from the end; None for all.
    """
    messages = conversation.messages.select_related("asked_in", "answered_in__rating")
    messages = messages.prefetch_related("answered_in__citations").order_by("-position")
    return [_item(message) for message in reversed(messages[:last])]


def _item(message: Message) -> dict[str, Any]:
    turn = getattr(message, "answered_in", None) or getattr(message, "asked_in", None)
    if turn is None:
        return message_json(message)
    item = {**message_json(message, turn=turn.pk), "state": turn.status}
    if turn.answer_id == message.pk:
        item["citations"] = [citation_json(citation) for citation in turn.citations.all()]
        item["notices"] = turn.notices
        item["quick_replies"] = turn.quick_replies
        item["source"] = source_json(turn)
        item["rating"] = rating_json(turn)
    elif turn.status == Turn.Status.FAILED:
        item["error"] = {
            "code": turn.error_code,
            "words": turn.error_words,
            "retryable": turn.error_retryable,
        }
    return item


def _page(
    request: HttpRequest,
    conversation: Conversation | None,
    *,
    problem: str = "",
    draft: str = "",
    status: int = 200,
) -> HttpResponse:
    last = None if "all" in request.GET else SHOWN_MESSAGES
    items = transcript(conversation, last=last) if conversation else []
    context = {
        "conversation": conversation,
        "conversations": _listed(request.user, conversation),
        "items": items,
        "hidden_count": conversation.message_count - len(items) if conversation else 0,
        "is_waiting": any(item.get("state") in Turn.UNFINISHED for item in items),
        "starters": [] if items else starters(request.user),
        "client_id": uuid4(),
        "longest": settings.MESSAGE_MAX_CHARACTERS,
        "problem": problem,
        "draft": draft,
    }
    return render(request, "chat/page.html", context, status=status)


def _listed(user: User, present: Conversation | None) -> list[Conversation]:
    begun = Q(message_count__gt=0, archived_at=None)
    wanted = begun | Q(pk=present.pk) if present else begun
    mine = Conversation.objects.visible_to(user).filter(wanted)
    return list(mine.order_by("-last_message_at", "-created_at")[:LISTED_CONVERSATIONS])


def _own(user: User, conversation_id: UUID | None) -> Conversation | None:
    """Return the person's conversation; somebody else's and an unknown one are missing alike."""
    if conversation_id is None:
        return None
    try:
        return conversations.get_conversation(user, conversation_id)
    except NotFound as error:
        raise Http404 from error


def _uuid_or_none(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
