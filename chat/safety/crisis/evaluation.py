"""How well people in danger are found, measured on labelled messages. No model is asked: a scripted one
stands in for it, which knows the labels and is wrong or away as often as it is told to be.
"""

import hashlib
import json
import math
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from chat.safety.crisis.classifier import Judgement
from chat.safety.crisis.decision import decide
from chat.safety.crisis.stage_one import Sighting, assess


@dataclass(frozen=True, slots=True)
class Case:
    """One labelled message, perhaps with those before it; the newest last."""

    messages: tuple[str, ...]
    language: str
    category: str
    is_crisis: bool


@dataclass(frozen=True, slots=True)
class Script:
    """The scripted model: which shares of the messages it judges wrongly, and gives no judgement of."""

    wrong: float = 0.0
    failing: float = 0.0

    def judge(self, case: Case) -> Judgement | None:
        """Return its judgement; the same for the same message, whatever else is asked."""
        digest = hashlib.sha256("\n".join(case.messages).encode()).digest()
        chance = int.from_bytes(digest[:4]) / 2**32
        if chance < self.failing:
            return None
        return Judgement(case.is_crisis is not (chance < self.failing + self.wrong), 0.9)


@dataclass(slots=True)
class Count:
    """What became of the messages of one group."""

    total: int = 0
    seen: int = 0
    strong: int = 0
    protocol: int = 0
    support: int = 0


@dataclass(slots=True)
class Report:
    """What was measured.

    Attributes:
        with_model: by (is crisis, language, category), decided with the scripted model.
        without_model: the same, by the cues alone.
        missed: crises that stage one let by.
        ms: mean milliseconds of stage one a case.
    """

    with_model: dict[tuple[bool, str, str], Count] = field(default_factory=lambda: defaultdict(Count))
    without_model: dict[tuple[bool, str, str], Count] = field(default_factory=lambda: defaultdict(Count))
    missed: list[Case] = field(default_factory=list)
    ms: float = 0.0

    def sum(self, *, is_crisis: bool, with_model: bool = True) -> Count:
        """Return the count of all crises, or of all others."""
        groups = self.with_model if with_model else self.without_model
        return _added(count for key, count in groups.items() if key[0] is is_crisis)

    @property
    def recall(self) -> float:
        """Share of the crises that stage one sees."""
        crises = self.sum(is_crisis=True)
        return _share(crises.seen, crises.total)

    @property
    def passed_on(self) -> float:
        """Share of the others that stage one sees, too."""
        others = self.sum(is_crisis=False)
        return _share(others.seen, others.total)

    def precision(self, *, with_model: bool = True) -> float:
        """Share of crises among the messages that get the protocol."""
        right = self.sum(is_crisis=True, with_model=with_model).protocol
        wrong = self.sum(is_crisis=False, with_model=with_model).protocol
        return _share(right, right + wrong)

    def false_positives(self, *, with_model: bool = True) -> float:
        """Share of the others that get the protocol."""
        others = self.sum(is_crisis=False, with_model=with_model)
        return _share(others.protocol, others.total)


def read_cases(path: Path) -> list[Case]:
    """Read a file of JSON lines: ``text`` (or ``messages``), ``label``, if known ``lang`` and ``category``.

    Raises:
        ValueError: a line is not JSON.
        KeyError: a line lacks its text or label.
    """
    return [_case(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def measure(cases: Sequence[Case], script: Script) -> Report:
    """Take every case through both stages."""
    report = Report()
    for case in cases:  # once before the clock runs, so that every expression is compiled
        assess(case.messages)
    begun = time.process_time()
    sightings = [assess(case.messages) for case in cases]
    report.ms = (time.process_time() - begun) * 1000 / max(len(cases), 1)
    for case, sighting in zip(cases, sightings, strict=True):
        judged = script.judge(case) if sighting else None
        key = (case.is_crisis, case.language, case.category)
        _enter(report.with_model[key], sighting, decide(sighting, judged, is_asked=True).kind)
        _enter(report.without_model[key], sighting, decide(sighting, None, is_asked=False).kind)
        if case.is_crisis and not sighting:
            report.missed.append(case)
    return report


def interval(part: int, whole: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share (Wilson 1927)."""
    if not whole:
        return 0.0, 1.0
    z, share = 1.96, part / whole
    centre = share + z * z / (2 * whole)
    spread = z * math.sqrt(share * (1 - share) / whole + z * z / (4 * whole * whole))
    scale = 1 + z * z / whole
    return max((centre - spread) / scale, 0.0), min((centre + spread) / scale, 1.0)


def _case(line: dict[str, object]) -> Case:
    messages = line["messages"] if "messages" in line else [line["text"]]
    return Case(
        tuple(map(str, messages)),
        str(line.get("lang", "")),
        str(line.get("category", "")),
        bool(line["label"]),
    )


def _enter(count: Count, sighting: Sighting, kind: str) -> None:
    count.total += 1
    count.seen += bool(sighting)
    count.strong += sighting.level == max(type(sighting.level))
    count.protocol += kind == "protocol"
    count.support += kind == "support"


def _added(counts: Iterable[Count]) -> Count:
    total = Count()
    for count in counts:
        for name in Count.__slots__:
            setattr(total, name, getattr(total, name) + getattr(count, name))
    return total


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
