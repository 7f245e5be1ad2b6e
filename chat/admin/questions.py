"""Questions that found nothing or little, grouped by likeness: what the company should write about next."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_POST

from accounts.audit.reading import note_list
from chat.admin.grouping import Group, group_alike
from chat.admin.read_only import ReadOnly
from chat.models import Citation, Turn, WeakQuestion
from chat.safety.personal import scrub
from knowledge.admin.documents import NEW_DOCUMENT

MOST_QUESTIONS = 2_000  # the newest; grouping them takes a fraction of a second
GROUPS_A_PAGE = 25
MOST_LISTED = 50  # questions listed of one group
WEAK = (Turn.Grounding.REFUSED, Turn.Grounding.INSUFFICIENT, Turn.Grounding.UNSURE)
_DAYS = [(1, "the last day"), (7, "the last 7 days"), (30, "the last 30 days"), (90, "the last 90 days")]


class QuestionFilter(forms.Form):
    """Which questions are looked at."""

    days = forms.TypedChoiceField(choices=_DAYS, coerce=int, empty_value=30, required=False, label="Asked in")
    grounding = forms.MultipleChoiceField(
        choices=[(value, value.label) for value in WEAK],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        label="Found",
    )

    def chosen(self) -> tuple[int, list[str]]:
        """Return days and kinds; what is not chosen, or not valid, is the usual."""
        cleaned = self.cleaned_data if self.is_valid() else {}
        return cleaned.get("days") or 30, cleaned.get("grounding") or [value.value for value in WEAK]


@dataclass(frozen=True, slots=True)
class WeakGroup:
    """Questions alike, newest first, as the page shows them.

    Attributes:
        typical: the question most like all of them.
        people: how many different people asked.
        closest: the citation of the passage that came first, where one was offered.
    """

    typical: Turn
    turns: Sequence[Turn]
    count: int
    people: int
    last: datetime
    kinds: Sequence[tuple[str, int]]
    closest: Citation | None


@admin.register(WeakQuestion)
class WeakQuestionAdmin(ReadOnly, admin.ModelAdmin):
    """The page, and the step from a question to a new document."""

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Let everybody in who may read turns."""
        return request.user.has_perm("chat.view_turn")

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Show it to those."""
        return self.has_view_permission(request)

    def get_urls(self) -> list[URLPattern]:
        """Return the list, and the step to a new document."""
        begin = self.admin_site.admin_view(require_POST(self.begin_document))
        return [
            path("", self.admin_site.admin_view(self.page), name="chat_weakquestion_changelist"),
            path("<uuid:turn_id>/document/", begin, name="chat_weakquestion_document"),
        ]

    def page(self, request: HttpRequest) -> HttpResponse:
        """Show the groups, the largest first."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        days, kinds = QuestionFilter(request.GET).chosen()
        turns = list(_weak_turns(days, kinds)[:MOST_QUESTIONS])
        groups = group_alike([(turn, turn.question.text, turn.language) for turn in turns])
        page = Paginator(groups, GROUPS_A_PAGE).get_page(request.GET.get("page"))
        note_list(request, "chat.weakquestion", len(turns))
        context = {
            **self.admin_site.each_context(request),
            "title": "Questions that found too little",
            "opts": self.model._meta,
            "form": QuestionFilter(initial={"days": days, "grounding": kinds}),
            "groups": _shown(page),
            "page": page,
            "found": len(turns),
            "is_cut": len(turns) == MOST_QUESTIONS,
            "may_write": request.user.has_perm("knowledge.add_document"),
            "may_read": request.user.has_perm("chat.view_conversation"),
        }
        return TemplateResponse(request, "chat/admin/questions.html", context)

    def begin_document(self, request: HttpRequest, turn_id: UUID) -> HttpResponse:
        """Open the form for a new document with the question as its title.

        The words travel in the session: in the address they would end in logs.
        """
        if not (self.has_view_permission(request) and request.user.has_perm("knowledge.add_document")):
            raise PermissionDenied
        turn = get_object_or_404(Turn.objects.select_related("question"), pk=turn_id)
        title = _title_of(scrub(turn.question.text))
        request.session[NEW_DOCUMENT] = {
            "title": title,
            "slug": slugify(title)[:120].strip("-"),
            "language": turn.language or "en",
        }
        return redirect(reverse("admin:knowledge_document_add"))


def _weak_turns(days: int, kinds: Sequence[str]) -> QuerySet[Turn]:
    since = timezone.now() - timedelta(days=days)
    turns = Turn.objects.filter(grounding__in=kinds, created_at__gte=since)
    known = ("id", "language", "grounding", "confidence", "created_at", "conversation__owner_id")
    related = turns.select_related("question", "conversation").order_by("-created_at", "pk")
    return related.only(*known, "conversation_id", "question_id", "question__text")


def _shown(page: Page) -> list[WeakGroup]:
    """Add what only the groups of this page need."""
    turns = [turn for group in page for turn in group.members]
    first = Citation.objects.filter(turn__in=turns, number=1, kind=Citation.Kind.PASSAGE).defer("quote")
    citations = {citation.turn_id: citation for citation in first}
    return [_weak_group(group, citations) for group in page]


def _weak_group(group: Group[Turn], citations: dict[UUID, Citation]) -> WeakGroup:
    turns, typical = group.members, group.typical
    for turn in (typical, *turns[:MOST_LISTED]):  # what to write about needs nobody's numbers
        turn.question.text = scrub(turn.question.text)
    kinds = Counter(Turn.Grounding(turn.grounding).label for turn in turns)
    closest = citations.get(typical.pk) or next(filter(None, (citations.get(t.pk) for t in turns)), None)
    return WeakGroup(
        typical=typical,
        turns=turns[:MOST_LISTED],
        count=len(turns),
        people=len({turn.conversation.owner_id for turn in turns}),
        last=turns[0].created_at,
        kinds=kinds.most_common(),
        closest=closest,
    )


def _title_of(question: str) -> str:
    """Return the question as a title: one line, cut at a word."""
    line = " ".join(question.split())
    return line if len(line) <= 120 else line[:119].rsplit(" ", 1)[0] + "…"
