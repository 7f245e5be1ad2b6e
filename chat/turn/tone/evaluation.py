"""How well the tone of messages is told, measured on labelled ones. No model is asked."""

import json
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from chat.turn.intents import date_in
from chat.turn.tone.reading import Sentiment, read
from chat.turn.tone.urgency import is_urgent

# The messages' day: a date in one of them is near or far whenever they are measured.
_NOW = datetime.fromisoformat("2026-11-18T09:00:00+00:00")


@dataclass(frozen=True, slots=True)
class Case:
    """One labelled message, perhaps with the person's questions before it, oldest first."""

    text: str
    language: str
    sentiment: Sentiment
    is_urgent: bool
    earlier: tuple[str, ...] = ()


@dataclass(slots=True)
class Report:
    """What was measured.

    Attributes:
        table: how many of each class (first) were taken for which (second).
        urgent: how many of (is urgent, was taken for urgent).
        by_language: right and all, by language.
        wrong: the cases that were taken for something else, with what.
        ms: mean milliseconds of CPU a message.
    """

    table: Counter[tuple[Sentiment, Sentiment]] = field(default_factory=Counter)
    urgent: Counter[tuple[bool, bool]] = field(default_factory=Counter)
    by_language: dict[str, tuple[int, int]] = field(default_factory=dict)
    wrong: list[tuple[Case, str]] = field(default_factory=list)
    ms: float = 0.0

    def count(self, sentiment: Sentiment) -> tuple[int, int]:
        """Return how many of a class were told right, and how many there are."""
        return self.table[sentiment, sentiment], sum(self.table[sentiment, each] for each in Sentiment)

    def taken_for(self, sentiment: Sentiment) -> int:
        """Return how many messages were taken for a class."""
        return sum(self.table[each, sentiment] for each in Sentiment)

    @property
    def accuracy(self) -> float:
        """Share of all messages that were told right."""
        return sum(self.table[each, each] for each in Sentiment) / max(self.table.total(), 1)

    @property
    def urgency_accuracy(self) -> float:
        """Share of all messages whose urgency was told right."""
        return (self.urgent[True, True] + self.urgent[False, False]) / max(self.urgent.total(), 1)

    @property
    def calm_taken_for_cross(self) -> float:
        """Share of calm messages taken for frustrated or angry ones: these people are misjudged."""
        calm = self.count(Sentiment.CALM)[1]
        cross = self.table[Sentiment.CALM, Sentiment.FRUSTRATED] + self.table[Sentiment.CALM, Sentiment.ANGRY]
        return cross / max(calm, 1)


def read_cases(path: Path) -> list[Case]:
    """Read a file of JSON lines: ``text``, ``sentiment``, ``urgent``, if known ``lang`` and ``earlier``.

    Raises:
        ValueError: a line is not JSON, or its sentiment is none.
        KeyError: a line lacks its text or labels.
    """
    return [_case(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def measure(cases: Sequence[Case]) -> Report:
    """Read every case."""
    report = Report()
    for case in cases:  # once before the clock runs, so that every expression is compiled
        read(case.text, case.earlier)
    begun = time.thread_time()
    readings = [read(case.text, case.earlier) for case in cases]
    report.ms = (time.thread_time() - begun) * 1000 / max(len(cases), 1)
    for case, reading in zip(cases, readings, strict=True):
        day = date_in(case.text, _NOW.date())
        slots = {"date": day.isoformat()} if day else {}
        urgent = is_urgent(reading, slots, (), today=_NOW.date(), now=_NOW)
        report.table[case.sentiment, reading.sentiment] += 1
        report.urgent[case.is_urgent, urgent] += 1
        right, total = report.by_language.get(case.language, (0, 0))
        report.by_language[case.language] = right + (case.sentiment is reading.sentiment), total + 1
        if reading.sentiment is not case.sentiment:
            report.wrong.append((case, str(reading.sentiment)))
        if urgent is not case.is_urgent:
            report.wrong.append((case, "urgent" if urgent else "not urgent"))
    return report


def _case(line: dict[str, object]) -> Case:
    return Case(
        text=str(line["text"]),
        language=str(line.get("lang", "")),
        sentiment=Sentiment(line["sentiment"]),
        is_urgent=bool(line["urgent"]),
        earlier=tuple(map(str, line.get("earlier", ()))),
    )
