"""Labelled questions as files: CSV for spreadsheets, JSON lines for programs; and those of a dataset."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction

from chat.evaluation.cases import Case
from chat.models import LabelledQuestion

FIELDS: Final = ("text", "language", "intent", "slots", "note")
FORMATS: Final = {"csv": "text/csv", "jsonl": "application/x-ndjson"}
MOST_ROWS: Final = 5_000
_FORMULA = ("=", "+", "-", "@", "\t")  # what a spreadsheet would work out when it opens the file


class LabelsRefused(Exception):
    """A file was not taken; ``words`` say why, with the line."""

    def __init__(self, words: str):
        self.words = words
        super().__init__(words)


def exported(questions: Iterable[LabelledQuestion], form: str) -> str:
    """Return the questions as a file of the form ``csv`` or ``jsonl``."""
    rows = [{name: getattr(question, name) for name in FIELDS} for question in questions]
    if form == "jsonl":
        return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    written = io.StringIO()
    writer = csv.DictWriter(written, FIELDS)
    writer.writeheader()
    for row in rows:
        slots = json.dumps(row["slots"], ensure_ascii=False) if row["slots"] else ""
        writer.writerow({name: _guarded(value) for name, value in {**row, "slots": slots}.items()})
    return written.getvalue()


def imported(content: bytes, form: str) -> tuple[int, int]:
    """Take a file, all of it or nothing; a question that is there already gets the file's labels.

    Returns:
        How many were added, and how many changed.

    Raises:
        LabelsRefused: it is of another form, or a row is not as it should be.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise LabelsRefused("The file is not UTF-8.") from None
    rows = list(_csv_rows(text) if form == "csv" else _json_rows(text))
    if len(rows) > MOST_ROWS:
        raise LabelsRefused(f"The file has {len(rows):,} rows; {MOST_ROWS:,} is the most.")
    if not rows:
        raise LabelsRefused("The file has no rows.")
    with transaction.atomic():
        changes = [_saved(line, row) for line, row in rows]
    return sum(changes), len(changes) - sum(changes)


def add_cases(cases: Iterable[Case]) -> int:
    """Add the questions of a dataset that stand by themselves, with one intent; return how many are new."""
    rows = {
        case.ask: LabelledQuestion(
            text=case.ask,
            language=case.language or "en",
            intent=case.intent,
            slots=dict(case.slots),
            note=f"golden: {case.id}"[:200],
        )
        for case in cases
        if case.intent and "|" not in case.intent and not (case.after or case.crisis or case.day)
    }
    known = set(LabelledQuestion.objects.filter(text__in=rows).values_list("text", flat=True))
    new = [row for text, row in rows.items() if text not in known]
    LabelledQuestion.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def _csv_rows(text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    reader = csv.DictReader(io.StringIO(text))
    if not {"text", "intent"} <= set(reader.fieldnames or ()):
        raise LabelsRefused(f"The first line is to name the columns: {', '.join(FIELDS)}.")
    try:
        for row in reader:
            yield reader.line_num, {name: _unguarded(row.get(name) or "") for name in FIELDS}
    except csv.Error as error:
        raise LabelsRefused(f"Line {reader.line_num}: {error}.") from error


def _json_rows(text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    for line, written in enumerate(text.splitlines(), start=1):
        if not written.strip():
            continue
        try:
            row = json.loads(written)
        except ValueError:
            raise LabelsRefused(f"Line {line} is not JSON.") from None
        if not isinstance(row, dict):
            raise LabelsRefused(f"Line {line} is no JSON object.")
        yield line, row


def _saved(line: int, row: Mapping[str, Any]) -> bool:
    """Save one row; tell whether it is new."""
    text = str(row.get("text") or "").strip()
    question = LabelledQuestion.objects.filter(text=text).first() or LabelledQuestion(text=text)
    is_new = question.pk is None
    question.language = str(row.get("language") or "en").strip()
    question.intent = str(row.get("intent") or "").strip()
    question.slots = _slots(row.get("slots"), line)
    question.note = str(row.get("note") or "").strip()
    try:
        question.full_clean()
    except ValidationError as error:
        name, messages = next(iter(error.message_dict.items()))
        raise LabelsRefused(f"Line {line}: {name}: {messages[0]}") from error
    question.save()
    return is_new


def _slots(value: Any, line: int) -> dict[str, Any]:
    try:
        slots = json.loads(value) if isinstance(value, str) and value.strip() else value or {}
    except ValueError:
        slots = None
    if not isinstance(slots, dict):
        raise LabelsRefused(f"Line {line}: slots is to be a JSON object.")
    return slots


def _guarded(value: str) -> str:
    return f"'{value}" if value.startswith(_FORMULA) else value


def _unguarded(value: str) -> str:
    return value[1:] if value.startswith("'") and value[1:].startswith(_FORMULA) else value
