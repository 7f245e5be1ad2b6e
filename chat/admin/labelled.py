"""Labelled questions: staff add, change, import and export them, and see how often the router is right."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone

from accounts import audit
from chat.database import in_database
from chat.evaluation.labelled import FORMATS, LabelsRefused, exported, imported
from chat.evaluation.router import measure
from chat.models import LabelledQuestion, Turn
from chat.safety.personal import scrub

MOST_BYTES = 2_000_000
MOST_MEASURED = 2_000  # the newest; each takes a few milliseconds
MOST_SHOWN = 200  # of the wrong ones


class ImportForm(forms.Form):
    """A file of labelled questions."""

    file = forms.FileField(
        label="File",
        help_text="CSV with the columns text, language, intent, slots, note, or JSON lines with these names. "
        "Questions that are there already get the file's labels. One bad row, and nothing is taken.",
        widget=forms.FileInput(attrs={"accept": ".csv,.jsonl"}),
    )

    def clean_file(self) -> UploadedFile:
        """Refuse what is too large, and what is neither CSV nor JSON lines by its name."""
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError("The file is larger than 2 MB.")
        if self.form_of(file) not in FORMATS:
            raise forms.ValidationError("The name is to end with .csv or .jsonl.")
        return file

    @staticmethod
    def form_of(file: UploadedFile) -> str:
        """Return the ending of the file's name."""
        return str(file.name).rpartition(".")[2].lower()


@admin.register(LabelledQuestion)
class LabelledQuestionAdmin(admin.ModelAdmin):
    """The examples, with their files and the router's figures."""

    list_display = ("text", "intent", "language", "slots", "note", "added_at")
    list_filter = ("intent", "language")
    search_fields = ("text", "note")
    ordering = ("intent", "text")
    fields = ("text", "language", "intent", "slots", "note")

    def get_urls(self) -> list[URLPattern]:
        """Return the pages, with the files and the figures."""
        name = "chat_labelledquestion_{}".format
        wrap = self.admin_site.admin_view
        return [
            path("accuracy/", self.accuracy, name=name("accuracy")),
            path("import/", wrap(self.take_file), name=name("import")),
            path("export/<slug:form>/", wrap(self.give_file), name=name("export")),
            *super().get_urls(),
        ]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Begin with a customer's question, without personal values, where the address names its turn.

        The address holds the turn's id and none of its words.
        """
        try:
            asked = UUID(request.GET.get("turn", ""))
        except ValueError:
            return {}
        if not request.user.has_perm("chat.view_turn"):
            raise PermissionDenied
        turn = Turn.objects.select_related("question").filter(pk=asked).first()
        if turn is None:
            raise Http404
        audit.record(audit.Act.CONVERSATION_READ, target=turn, request=request, page="label")
        text = " ".join(scrub(turn.question.text).split())[
            : LabelledQuestion._meta.get_field("text").max_length
        ]
        return {"text": text, "language": turn.language or "en", "intent": turn.intent}

    async def accuracy(self, request: HttpRequest) -> HttpResponse:
        """Show how often each intent is told, which is taken for which, and the examples that fail.

        The questions go through the stage itself, now; it waits on the event loop between its short steps.
        """
        response = await in_database(self.admin_site.admin_view(self._accuracy_page), request)
        if isinstance(response, TemplateResponse) and "questions" in (response.context_data or {}):
            report = await measure(response.context_data["questions"])
            response.context_data |= {"report": report, "wrong": report.wrong[:MOST_SHOWN]}
        return response

    def _accuracy_page(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        questions = list(LabelledQuestion.objects.order_by("-added_at", "-pk")[:MOST_MEASURED])
        context = self._context(request, "How often the router is right")
        context |= {"questions": questions, "is_cut": len(questions) == MOST_MEASURED}
        return TemplateResponse(request, "admin/chat/labelledquestion/accuracy.html", context)

    def take_file(self, request: HttpRequest) -> HttpResponse:
        """Show the form for a file, and take one."""
        if not (self.has_add_permission(request) and self.has_change_permission(request)):
            raise PermissionDenied
        form = ImportForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            file = form.cleaned_data["file"]
            try:
                added, changed = imported(file.read(), form.form_of(file))
            except LabelsRefused as refusal:
                form.add_error("file", f"Nothing was taken. {refusal.words}")
            else:
                self.message_user(request, f"{added} added, {changed} changed.")
                return redirect("admin:chat_labelledquestion_changelist")
        context = self._context(request, "Import labelled questions") | {"form": form}
        return TemplateResponse(request, "admin/chat/labelledquestion/import.html", context)

    def give_file(self, request: HttpRequest, form: str) -> HttpResponse:
        """Return all of them as a file."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if form not in FORMATS:
            raise Http404
        name = f"labelled-questions-{timezone.localdate()}.{form}"
        content = exported(LabelledQuestion.objects.all(), form)
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return HttpResponse(content, content_type=f"{FORMATS[form]}; charset=utf-8", headers=headers)

    def _context(self, request: HttpRequest, title: str) -> dict[str, Any]:
        return {**self.admin_site.each_context(request), "title": title, "opts": self.model._meta}
