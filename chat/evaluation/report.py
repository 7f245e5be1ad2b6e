"""Sums of a run: by check, group, language and expected intent; and which intent was taken for which."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from chat.evaluation.cases import INTENTS, Case
from chat.evaluation.judging import Check, Got


@dataclass(slots=True)
class Count:
    """Passed, of how many."""

    passed: int = 0
    of: int = 0

    def add(self, passed: bool) -> None:
        """Count one."""
        self.passed += passed
        self.of += 1

    @property
    def share(self) -> float:
        """Return the share passed; 1 of nothing."""
        return self.passed / self.of if self.of else 1.0

    @property
    def percent(self) -> str:
        """Return the share in percent, as pages show it."""
        return f"{self.share * 100:.1f}"


@dataclass(slots=True)
class Confusion:
    """How often an intent was taken for another, and whether a language changes that.

    Attributes:
        cells: by true and predicted intent.
        by_intent, by_language: right, of how many.
    """

    cells: Counter[tuple[str, str]] = field(default_factory=Counter)
    by_intent: dict[str, Count] = field(default_factory=lambda: defaultdict(Count))
    by_language: dict[str, Count] = field(default_factory=lambda: defaultdict(Count))
    all: Count = field(default_factory=Count)

    def add(self, true: str, predicted: str, language: str) -> None:
        """Count one; of several true intents (``a|b``) the predicted one, else the first."""
        several = true.split("|")
        true = predicted if predicted in several else several[0]
        self.cells[true, predicted] += 1
        for count in (self.by_intent[true], self.by_language[language or "?"], self.all):
            count.add(true == predicted)

    @property
    def intents(self) -> list[str]:
        """Return the intents that there are, in their usual order."""
        there = {intent for cell in self.cells for intent in cell}
        return [intent for intent in INTENTS if intent in there]

    @property
    def languages(self) -> list[tuple[str, Count]]:
        """Return the languages with their sums."""
        return sorted(self.by_language.items())

    def rows(self) -> Iterator[tuple[str, list[tuple[str, int]], Count]]:
        """Yield each true intent with its (predicted, how often) and its sum."""
        for true in self.intents:
            cells = [(predicted, self.cells[true, predicted]) for predicted in self.intents]
            yield true, cells, self.by_intent.get(true, Count())


@dataclass(slots=True)
class Report:
    """The sums of a run."""

    cases: Count = field(default_factory=Count)
    checks: dict[str, Count] = field(default_factory=lambda: defaultdict(Count))
    groups: dict[str, Count] = field(default_factory=lambda: defaultdict(Count))
    intents: dict[str, Count] = field(default_factory=lambda: defaultdict(Count))
    languages: dict[str, Count] = field(default_factory=lambda: defaultdict(Count))
    providers: Counter[str] = field(default_factory=Counter)
    router: Confusion = field(default_factory=Confusion)


def report_of(
    cases: Iterable[Case], results: Mapping[str, Got], checks: Mapping[str, Sequence[Check]]
) -> Report:
    """Return the sums of a run."""
    report = Report()
    for case in cases:
        got, found = results[case.id], checks[case.id]
        passes = all(check.passed for check in found)
        report.cases.add(passes)
        report.groups[case.group].add(passes)
        report.intents[case.intent or "any"].add(passes)
        report.languages[case.language or got.language or "?"].add(passes)
        report.providers[got.provider or "fixed words"] += 1
        for check in found:
            report.checks[check.name].add(check.passed)
        if case.intent and not case.crisis:
            report.router.add(case.intent, got.intent or "none", case.language or got.language)
    return report
