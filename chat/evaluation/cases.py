"""What is asked, and what is expected: the cases of a dataset, read from TOML or JSON lines."""

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Any, Final, get_args

from chat.turn.context import Intent

GOLDEN: Final = Path(__file__).with_name("golden")
INTENTS: Final = get_args(Intent)
OUTCOMES: Final = ("answered", "refused", "talk", "crisis", "uncited", "failed")
CUSTOMER: Final = "customer"  # has no bookings, and has told no language
_KINDS: Final = ("", "protocol", "support")


class DatasetRefused(Exception):
    """A dataset cannot be used; says where and why."""


@dataclass(frozen=True, slots=True)
class Case:
    """One question and what is expected of its answer. What is empty is not judged, unless said otherwise.

    Attributes:
        id: unique in all files of a run.
        ask: as a customer writes it.
        after: the customer's earlier questions of the conversation, oldest first; all are really asked.
        person: user name of who asks; ``customer`` has no bookings and no language of their own.
        day: on which it is asked; None: the evaluation's fixed day. It selects the versions in force.
        intent: expected; ``a|b`` where both are right.
        slots: expected among those found.
        language: expected of the answer.
        outcome: expected, one of ``OUTCOMES`` or ``a|b``. Empty: ``talk`` for small talk and hand-overs,
            ``crisis`` with the protocol, otherwise ``answered``.
        cites: slugs of documents, or keys of records, that the answer must cite; ``a|b``: one of them.
        cites_not: that it must not cite. What only staff may read is never to be cited, in any case.
        says: phrases the answer must hold, whatever their case; ``a|b``: one of them.
        says_not: phrases it must not hold.
        crisis: ``protocol`` or ``support``; empty: nothing of the kind may be shown, which is judged always.
        model_says: what the scripted model answers, where the desk has to make something better of it.
        group: in the table; the file's name unless given.
    """

    id: str
    ask: str
    after: tuple[str, ...] = ()
    person: str = CUSTOMER
    day: date | None = None
    intent: str = ""
    slots: Mapping[str, Any] = field(default_factory=dict)
    language: str = ""
    outcome: str = ""
    cites: tuple[str, ...] = ()
    cites_not: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    says_not: tuple[str, ...] = ()
    crisis: str = ""
    model_says: str = ""
    group: str = ""

    @property
    def expected_outcome(self) -> str:
        """Return what is to become of the question."""
        if self.outcome:
            return self.outcome
        if self.crisis == "protocol":
            return "crisis"
        return "talk" if self.intent in ("small_talk", "hand_off") else "answered"


_NAMES: Final = {one.name for one in fields(Case)}
_LISTS: Final = ("after", "cites", "cites_not", "says", "says_not")


def read_cases(paths: Iterable[Path]) -> list[Case]:
    """Return the cases of files and of the files in folders, in order.

    Raises:
        DatasetRefused: a file cannot be read, a case is not as it should be, or an id is there twice.
    """
    cases: dict[str, Case] = {}
    for path in paths:
        for file in _files(path):
            for row in _rows(file):
                case = case_of(row, group=file.stem)
                if case.id in cases:
                    raise DatasetRefused(f"{file}: there are two cases {case.id!r}.")
                cases[case.id] = case
    if not cases:
        raise DatasetRefused("There are no cases.")
    return list(cases.values())


def case_of(row: Mapping[str, Any], *, group: str = "") -> Case:
    """Return the case of a row; raises DatasetRefused."""
    where = f"{group}: case {row.get('id', '?')!r}"
    if unknown := set(row) - _NAMES:
        raise DatasetRefused(f"{where} has unknown fields: {', '.join(sorted(unknown))}.")
    if not all(isinstance(row.get(name), str) and row[name].strip() for name in ("id", "ask")):
        raise DatasetRefused(f"{where} needs an id and a question (ask).")
    for name in _LISTS:
        if not isinstance(row.get(name, []), list | tuple):
            raise DatasetRefused(f"{where}: {name} is to be a list.")
    known = {name: tuple(value) if name in _LISTS else value for name, value in row.items()}
    if isinstance(known.get("day"), str):
        known["day"] = _day(known["day"], where)
    case = Case(**{"group": group, **known})
    _check(case, where)
    return case


def row_of(case: Case) -> dict[str, Any]:
    """Return the case as JSON-able values that ``case_of`` takes."""
    return asdict(case) | {"day": case.day.isoformat() if case.day else None}


def _check(case: Case, where: str) -> None:
    if strange := [name for name in case.intent.split("|") if name and name not in INTENTS]:
        raise DatasetRefused(f"{where}: {strange[0]!r} is no intent ({', '.join(INTENTS)}).")
    if strange := [name for name in case.outcome.split("|") if name and name not in OUTCOMES]:
        raise DatasetRefused(f"{where}: {strange[0]!r} is no outcome ({', '.join(OUTCOMES)}).")
    if case.crisis not in _KINDS:
        raise DatasetRefused(f"{where}: crisis is to be protocol or support.")


def _day(text: str, where: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise DatasetRefused(f"{where}: {text!r} is no day.") from None


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(file for file in path.iterdir() if file.suffix in (".toml", ".jsonl"))
    return [path]


def _rows(file: Path) -> list[Mapping[str, Any]]:
    try:
        text = file.read_text(encoding="utf-8")
        if file.suffix == ".toml":
            return tomllib.loads(text).get("case", [])
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    except (OSError, ValueError) as error:
        raise DatasetRefused(f"{file}: {error}") from error
