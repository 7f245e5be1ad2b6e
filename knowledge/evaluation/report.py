"""The tables of an evaluation, as text and as JSON."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from knowledge.evaluation.asking import Asked
from knowledge.evaluation.figures import Found, Told, digest, found, share_from, told
from knowledge.evaluation.judging import Judged

One = TypeVar("One", Judged, Asked)

_FOUND = {
    "n": ("questions", "d"),
    "R@1": ("recall_1", ".3f"),
    "R@5": ("recall_5", ".3f"),
    "R@10": ("recall_10", ".3f"),
    "MRR@10": ("mrr_10", ".3f"),
    "doc first": ("document_first", ".3f"),
    "touching R@1": ("touching_1", ".3f"),
    "R@5 ": ("touching_5", ".3f"),
    "whole R@1": ("whole_1", ".3f"),
    "R@5  ": ("whole_5", ".3f"),
    "median ms": ("median_ms", ".1f"),
    "p95 ms": ("p95_ms", ".1f"),
}


@dataclass(frozen=True, slots=True)
class AtMark:
    """What a mark does: the share of questions whose score reaches it, by group."""

    mark: float
    reach: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Everything measured.

    ``found`` is by group of answered questions; ``told`` by kind of unanswered ones, each against first turns
    and against all answered questions; ``marks`` what reaches each mark; ``digest`` the sum of all rankings.
    """

    found: Mapping[str, Found]
    told: Mapping[str, Mapping[str, Told]]
    marks: Sequence[AtMark]
    digest: str


def evaluate(judged: Sequence[Judged], unanswered: Sequence[Asked], marks: Iterable[float]) -> Evaluation:
    """Put the questions into groups and reckon for each."""
    groups = _groups(judged)
    others = _by(unanswered, lambda one: one.question.kind)
    scores = {name: [one.score for one in group] for name, group in groups.items()}
    reached = {name: scores[name] for name in ("all", "first turns", "follow-ups") if name in scores}
    reached |= {
        "found in 5": [one.score for one in judged if one.right and one.right <= 5],
        "not in 5": [one.score for one in judged if not one.right or one.right > 5],
    }
    reached |= {kind: [one.score for one in group] for kind, group in others.items()}
    return Evaluation(
        found={name: found(group) for name, group in groups.items()},
        told={
            kind: {
                name: told(scores[name], [one.score for one in group])
                for name in ("first turns", "follow-ups", "all")
                if name in scores
            }
            for kind, group in others.items()
        },
        marks=[
            AtMark(mark, {name: share_from(group, mark) for name, group in reached.items() if group})
            for mark in sorted(set(marks))
        ],
        digest=digest([one.asked for one in judged] + list(unanswered)),
    )


def as_text(evaluation: Evaluation) -> str:
    """Return the tables in Markdown, their columns aligned."""
    parts = []
    if evaluation.found:
        rows = [
            [name, *(format(getattr(row, field), form) for field, form in _FOUND.values())]
            for name, row in evaluation.found.items()
        ]
        parts.append(_table(["answered questions", *(name.strip() for name in _FOUND)], rows))
    if any(evaluation.told.values()):
        rows = [
            [kind, name, str(row.questions), f"{row.auc:.3f}", f"{row.kept:.3f}"]
            for kind, against in evaluation.told.items()
            for name, row in against.items()
        ]
        parts.append(_table(["nothing answers", "told from", "n", "AUC", "kept at 5 %"], rows))
    if evaluation.marks:
        names = list(evaluation.marks[0].reach)
        rows = [[f"{at.mark:g}", *(f"{at.reach[name]:.3f}" for name in names)] for at in evaluation.marks]
        parts.append(_table(["reach the mark", *names], rows))
    parts.append(f"Digest of all rankings and scores: {evaluation.digest}")
    return "\n\n".join(parts)


def as_data(evaluation: Evaluation) -> dict[str, Any]:
    """Return the same for JSON."""
    return asdict(evaluation)


def _groups(judged: Sequence[Judged]) -> dict[str, Sequence[Judged]]:
    """Return all, first turns and follow-ups, then each language, kind and set where there are several."""
    groups: dict[str, Sequence[Judged]] = {"all": judged} if judged else {}
    turns = _by(judged, lambda one: "follow-ups" if one.question.history else "first turns")
    groups |= {name: turns[name] for name in ("first turns", "follow-ups") if name in turns}
    for name in ("language", "kind", "part", "style"):
        parts = _by(judged, lambda one, name=name: getattr(one.question, name))
        if len(parts) > 1 and list(parts.values()) != list(turns.values()):
            groups |= {
                f"{'set' if name == 'part' else name} {value or 'plain'}": part
                for value, part in parts.items()
            }
    return groups


def _by(many: Iterable[One], key: Callable[[One], str]) -> dict[str, list[One]]:
    groups: dict[str, list[One]] = {}
    for one in many:
        groups.setdefault(key(one), []).append(one)
    return groups


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]

    def line(cells: Sequence[str]) -> str:
        first, *others = zip(cells, widths, strict=True)
        return "| " + " | ".join([first[0].ljust(first[1]), *(c.rjust(w) for c, w in others)]) + " |"

    rule = "|-" + "-|-".join("-" * width for width in widths[:1]) + "-|"
    rule += "|".join("-" * (width + 1) + ":" for width in widths[1:]) + "|"
    return "\n".join([line(head), rule, *map(line, rows)])
