"""Whether an answer is as expected: one check after the other, each with what was expected and what came."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from chat.evaluation.cases import Case

CHECKS: Final = (
    "intent", "slots", "language", "outcome", "cites", "cites not", "says", "says not", "crisis", "staff only"
)  # fmt: skip
_NOTE = re.compile(r"\s?\[\^?[\d?]+\]")
_MARKS = re.compile(r"[*_`]+")
# An amount and a measure are the same in whichever way they are written: "EUR 45", "45 €", "8kg".
_AMOUNT = re.compile(
    r"(?:€|\beur\b|\beuros?\b)\s?(\d[\d.,]*\d|\d)|(\d[\d.,]*\d|\d)\s?(?:€|\beur\b|\beuros?\b)"
)
_MEASURE = re.compile(r"(?<=\d) (?=(?:kg|cm|ml|wh|km|%)(?!\w))")


@dataclass(frozen=True, slots=True)
class Got:
    """What came of a question.

    Attributes:
        cited: slugs of documents and keys of records, in the order of the footnotes.
        staff_only: those of them that customers may not read.
        crisis: ``protocol``, ``support`` or nothing.
        ms: the whole answer took.
    """

    intent: str = ""
    slots: Mapping[str, Any] = field(default_factory=dict)
    language: str = ""
    outcome: str = ""
    text: str = ""
    cited: tuple[str, ...] = ()
    staff_only: tuple[str, ...] = ()
    crisis: str = ""
    grounding: str = ""
    provider: str = ""
    error: str = ""
    ms: int = 0


@dataclass(frozen=True, slots=True)
class Check:
    """One expectation, and whether it was met."""

    name: str
    passed: bool
    expected: str
    got: str


def judge(case: Case, got: Got) -> list[Check]:
    """Return the checks that the case asks for, in the order of ``CHECKS``."""
    checks = [*_understood(case, got), *_cited(case, got), *_said(case, got)]
    checks.append(_check("crisis", case.crisis == got.crisis, case.crisis or "none", got.crisis or "none"))
    checks.append(_check("staff only", not got.staff_only, "nothing for staff cited", got.staff_only))
    return checks


def plain(text: str) -> str:
    """Return the text as phrases are looked for: small letters, one space, no marks, amounts alike."""
    bare = _MARKS.sub("", _NOTE.sub("", text)).replace("’", "'")
    bare = " ".join(bare.casefold().split())
    return _MEASURE.sub("", _AMOUNT.sub(lambda found: f"€{found[1] or found[2]}", bare))


def holds(text: str, phrase: str) -> bool:
    """Tell whether a ``plain`` text holds a phrase; a number in it is a whole one: €45 is not in €450."""
    wanted = plain(phrase)
    before = r"(?<!\d)(?<!\d[.,])" if wanted[:1].isdigit() else ""
    after = r"(?!\d)(?![.,]\d)" if wanted[-1:].isdigit() else ""
    return re.search(f"{before}{re.escape(wanted)}{after}", text) is not None


def _understood(case: Case, got: Got) -> list[Check]:
    checks = []
    if case.intent:
        checks.append(_check("intent", got.intent in case.intent.split("|"), case.intent, got.intent))
    if case.slots:
        found = {name: got.slots.get(name) for name in case.slots}
        checks.append(_check("slots", found == dict(case.slots), dict(case.slots), dict(got.slots)))
    if case.language:
        checks.append(_check("language", got.language == case.language, case.language, got.language))
    expected = case.expected_outcome
    come = f"{got.outcome} ({got.error})" if got.error else got.outcome
    return [*checks, _check("outcome", got.outcome in expected.split("|"), expected, come)]


def _cited(case: Case, got: Got) -> list[Check]:
    checks = []
    if case.cites:
        missing = [one for one in case.cites if not set(one.split("|")) & set(got.cited)]
        checks.append(_check("cites", not missing, missing or case.cites, got.cited))
    if case.cites_not:
        wrong = sorted(set(case.cites_not) & set(got.cited))
        checks.append(_check("cites not", not wrong, f"none of {', '.join(case.cites_not)}", wrong))
    return checks


def _said(case: Case, got: Got) -> list[Check]:
    checks, text = [], plain(got.text)
    if case.says:
        missing = [one for one in case.says if not any(holds(text, phrase) for phrase in one.split("|"))]
        checks.append(_check("says", not missing, missing or case.says, got.text))
    if case.says_not:
        wrong = [one for one in case.says_not if holds(text, one)]
        checks.append(_check("says not", not wrong, f"none of {', '.join(case.says_not)}", wrong))
    return checks


def _check(name: str, passed: bool, expected: object, got: object) -> Check:
    return Check(name, passed, _words(expected), _words(got))


def _words(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {inner}" for name, inner in value.items()) or "none"
    if isinstance(value, Collection) and not isinstance(value, str):
        return ", ".join(map(str, value)) or "none"
    return str(value)
