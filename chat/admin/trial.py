"""Try a question: how it is understood, what is found, the prompt, and the answer. Nothing is kept."""

from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from accounts import audit
from chat.admin.read_only import ReadOnly
from chat.database import in_database
from chat.models import Trial as TrialEntry
from chat.models import Turn
from chat.turn.context import TurnContext
from chat.turn.state import MOST_EXCHANGES
from chat.turn.trial import Asked, Trial, try_question
from knowledge.models import Audience

_LANGUAGES = [
    ("", "As the question is written"),
    *(("en", "English"), ("es", "Spanish"), ("pt", "Portuguese"), ("fr", "French"), ("de", "German")),
    ("it", "Italian"),
]
_AUDIENCES = [
    (Audience.PUBLIC, "A customer: public documents"),
    (Audience.STAFF, "Staff: show staff documents in the ranking too"),
]

_WRITTEN_BY = {
    Turn.Source.MODEL: "Written by a model",
    Turn.Source.QUOTED: "Quoted word for word",
    Turn.Source.CACHE: "From the answer cache",
    Turn.Source.FIXED: "Fixed words of the desk",
}


class TrialForm(forms.Form):
    """A question and what surrounds it."""

    question = forms.CharField(
        max_length=settings.MESSAGE_MAX_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
    )
    earlier = forms.CharField(
        required=False,
        label="Earlier questions",
        max_length=settings.MESSAGE_MAX_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"}),
        help_text="One a line, the oldest first. They count for less than the question itself.",
    )
    language = forms.ChoiceField(required=False, choices=_LANGUAGES)
    audience = forms.ChoiceField(
        choices=_AUDIENCES,
        label="Asked by",
        help_text="Answers are made of public documents whatever you choose.",
    )
    on = forms.DateField(
        required=False,
        label="Day of travel",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="Selects the texts in force on that day; empty: the day in the question, else today.",
    )

    def clean_earlier(self) -> tuple[str, ...]:
        """Return the last earlier questions, as many as a conversation remembers."""
        lines = (line.strip() for line in self.cleaned_data["earlier"].splitlines())
        return tuple(filter(None, lines))[-MOST_EXCHANGES:]

    def asked(self) -> Asked:
        """Return what a valid form asks."""
        return Asked(**self.cleaned_data)


@admin.register(TrialEntry)
class TrialAdmin(ReadOnly, admin.ModelAdmin):
    """The page. A POST, so that what is typed stands in no address and no log."""

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Let everybody in who may read turns."""
        return request.user.has_perm("chat.view_turn")

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Show it to those."""
        return self.has_view_permission(request)

    def get_urls(self) -> list[URLPattern]:
        """Return the one page."""
        return [path("", self.page, name="chat_trial_changelist")]

    async def page(self, request: HttpRequest) -> HttpResponse:
        """Show the form, and below it what came of the question.

        The model is waited for on the event loop. The steps around it run as the turn's own do: no database
        connection is held meanwhile.
        """
        response = await in_database(self.admin_site.admin_view(self._form_page), request)
        form = response.context_data.get("form") if isinstance(response, TemplateResponse) else None
        if form is not None and form.is_bound and form.is_valid():
            trial = await try_question(form.asked(), with_answer="_answer" in request.POST)
            response.context_data |= _shown(trial)
        return response

    def _form_page(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = TrialForm(request.POST) if request.method == "POST" else TrialForm(initial=_initial(request))
        context = {
            **self.admin_site.each_context(request),
            "title": "Try a question",
            "opts": self.model._meta,
            "form": form,
            "refuse_below": settings.SEARCH_REFUSE_BELOW,
            "sure_above": settings.SEARCH_SURE_ABOVE,
            "chain": settings.LLM_CHAIN,
        }
        return TemplateResponse(request, "chat/admin/trial.html", context)


def _initial(request: HttpRequest) -> dict[str, Any]:
    """Return a turn's question with those before it, when the address names the turn."""
    try:
        asked = UUID(request.GET.get("turn", ""))
    except ValueError:
        return {}
    turn = Turn.objects.select_related("question", "conversation__owner").filter(pk=asked).first()
    if turn is None:
        return {}
    audit.record(audit.Act.CONVERSATION_READ, target=turn, request=request, page="trial")
    before = Turn.objects.filter(conversation=turn.conversation, position__lt=turn.position)
    texts = before.order_by("-position").values_list("question__text", flat=True)[:MOST_EXCHANGES]
    return {
        "question": turn.question.text,
        "earlier": "\n".join(" ".join(text.split()) for text in reversed(texts)),
        "language": turn.conversation.owner.language,
    }


def _shown(trial: Trial) -> dict[str, Any]:
    """Return what the template cannot tell from the trial by itself."""
    context = trial.context
    notes = [
        {
            "number": note.number,
            "title": note.evidence.source.title,
            "section": note.evidence.source.section,
            "passage_id": note.evidence.hit.passage_id if note.evidence.hit else None,
        }
        for note in context.footnotes
    ]
    return {
        "trial": trial,
        "understood": {name: _plain(value) for name, value in _understood(context).items()},
        "verdict": Turn.Grounding(trial.grounding).label if trial.grounding else "",
        "answer": {"id": "trial", "text": context.text, "citations": notes} if context.text else None,
        "changed_its_mind": context.grounding != trial.grounding,
        "written_by": _WRITTEN_BY[context.source],
        "elapsed_ms": context.elapsed_ms,
    }


def _understood(context: TurnContext) -> dict[str, object]:
    """Return what the question names, how it sounds, and what the answer does about that."""
    hurry = ["travels soon"] if context.mood and context.mood.is_urgent else []
    steps = [step.replace("_", " ") for step in context.strategy.steps]
    mood = {"tone": [context.tone, *hurry], "strategy": steps or "plain answer"} if context.mood else {}
    return {**context.slots, **mood}


def _plain(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
