"""The form of a document with the text of its newest version."""

from dataclasses import dataclass

from django import forms
from django.contrib.admin.widgets import AdminDateWidget

from knowledge.admin.comparison import Fact, Row, is_changed, rows
from knowledge.admin.marks import mark_of
from knowledge.documents.clean import clean
from knowledge.documents.differ import moved
from knowledge.documents.split import split
from knowledge.models import Document, Version

TEXT_FIELDS = ("text", "note", "effective_from", "effective_until")
_DETAILS = ("title", "slug", "category", "audience", "language")


@dataclass(frozen=True, slots=True)
class Conflict:
    """What somebody else saved meanwhile, and how the person's own input differs from it."""

    latest: Version | None
    facts: list[Fact]
    rows: list[Row]


class DocumentForm(forms.ModelForm):
    """A document with the text of its newest version; a changed text becomes a draft."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    text = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 30, "class": "vLargeTextField"}), help_text="Markdown."
    )
    note = forms.CharField(
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text="What changed and why; kept with the version.",
    )
    effective_from = forms.DateField(
        required=False, widget=AdminDateWidget, help_text="First day; empty: from the beginning."
    )
    effective_until = forms.DateField(
        required=False, widget=AdminDateWidget, help_text="Last day; empty: until replaced."
    )

    class Meta:
        model = Document
        fields = _DETAILS

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.conflict: Conflict | None = None
        is_new = self.instance._state.adding
        self.latest = None if is_new else self.instance.latest_version()
        self._mark = "" if is_new else mark_of(self.instance)
        self._stored = {} if is_new else {name: getattr(self.instance, name) for name in _DETAILS}
        self.initial["seen"] = self._mark
        if self.latest:
            for name in ("text", "effective_from", "effective_until"):
                self.initial.setdefault(name, getattr(self.latest, name))
            if self.latest.status == Version.Status.DRAFT:
                self.initial.setdefault("note", self.latest.note)

    def clean(self) -> dict[str, object]:
        """Refuse what could not be published, and what would overwrite somebody else's change unseen."""
        cleaned = super().clean()
        if "text" in cleaned:
            cleaned["text"] = clean(cleaned["text"])
            if "\0" in cleaned["text"]:
                self.add_error("text", "It holds zero bytes, so it is not a text.")
            elif not split(cleaned["text"], cleaned.get("title", "")):
                self.add_error("text", "There is no text in it.")
        first, last = cleaned.get("effective_from"), cleaned.get("effective_until")
        if first and last and last < first:
            self.add_error("effective_until", "It would end before it begins.")
        if self._stored and cleaned.get("seen") != self._mark:
            self._meet_conflict(cleaned)
        return cleaned

    def has_new_text(self) -> bool:
        """Say whether text or dates differ from the newest version, or a draft's note from its own."""
        if self.latest is None:
            return True
        same = all(
            self.cleaned_data[name] == getattr(self.latest, name) for name in TEXT_FIELDS if name != "note"
        )
        is_draft = self.latest.status == Version.Status.DRAFT
        return not same or (is_draft and self.cleaned_data["note"] != self.latest.note)

    def details_changed(self) -> bool:
        """Say whether anything beside the text differs from what is stored."""
        return any(self.cleaned_data[name] != value for name, value in self._stored.items())

    def origin(self) -> dict[str, object]:
        """Return the file and pages of the text: an edited text is no file's any more, but has its pages."""
        if self.latest is None:
            return {}
        text = self.cleaned_data["text"]
        if text == self.latest.text:
            return {"file_name": self.latest.file_name, "page_starts": self.latest.page_starts}
        return {"page_starts": moved(self.latest.page_starts, self.latest.text, text)}

    def _meet_conflict(self, cleaned: dict[str, object]) -> None:
        """Show the difference; saving once more, now that it was seen, goes ahead."""
        latest = self.latest
        facts = [
            Fact(self.fields[name].label or name, str(self._stored[name]), str(cleaned.get(name, "")))
            for name in _DETAILS
            if cleaned.get(name) != self._stored[name]
        ]
        if latest:
            facts += [
                Fact(
                    self.fields[name].label or name,
                    str(getattr(latest, name) or ""),
                    str(cleaned.get(name) or ""),
                )
                for name in ("effective_from", "effective_until")
                if cleaned.get(name) != getattr(latest, name)
            ]
        found = rows(latest.text if latest else "", str(cleaned.get("text", "")))
        if not facts and not is_changed(found):
            return  # both want the same, as after a button pressed twice
        self.conflict = Conflict(latest, facts, found)
        self.data = self.data.copy()
        self.data[self.add_prefix("seen")] = self._mark
        words = (
            "This document was changed while you were editing, so nothing of yours is saved yet. Your input "
            "is kept below, with how it differs from what is saved now. Save again to have yours."
        )
        self.add_error(None, words)
