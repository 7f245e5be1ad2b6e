"""The words of the live page: every figure as text, made here once for the page and for its events.

The page is for staff, like the administration it stands in: it speaks English.
"""

from datetime import datetime
from typing import Any, Final

from django.utils import timezone

from chatsite.recent_answers import PERCENTS, SOURCES
from chatsite.stats import COUNTED

UNKNOWN: Final = "–"
NOW: Final = (
    ("turns.running", "Answers running"),
    ("turns.queued", "Answers waiting"),
    ("answers_last_minute", "Answers in the last minute"),
    ("sockets", "Open sockets"),
    ("open_conversations", "Open conversations"),
)
RATES: Final = (
    ("recent.answers_per_minute", "Answers a minute"),
    ("recent.failed_per_minute", "Failures a minute"),
    ("recent.tokens_per_minute", "Tokens a minute"),
    ("recent.money_per_hour", "Money an hour"),
)
WAITS: Final = (("first_token_ms", "To the first words"), ("total_ms", "To the whole answer"))
SOURCE_WORDS: Final = {
    "model": "Written by a model",
    "cache": "From the answer cache",
    "shared": "Shared with somebody who asked the same at once",
    "quoted": "Quoted from documents",
    "fixed": "Fixed words",
}
COUNTS: Final = (
    ("answer_cache.hits", "Answers from the cache"),
    ("answer_cache.misses", "Answers not in the cache"),
    ("answer_cache.share", "Share from the cache"),
    ("ratings.up", "Thumbs up, in 30 days"),
    ("ratings.down", "Thumbs down, in 30 days"),
)
SAFETY: Final = (
    ("safety.claims", "Claims checked"),
    ("safety.unsupported", "Claims that no source bears out"),
    ("safety.marked", "Claims marked"),
    ("safety.withheld", "Answers withheld"),
    ("safety.promises", "Promises found"),
    ("safety.personal", "Personal values found"),
    ("safety.failures", "Checks that failed"),
    ("safety.leaks", "Leaks stopped"),
    ("safety.cut_from_sources", "Orders cut out of sources"),
    ("tone.not_told", "Tones not told"),
    ("personal_data.not_masked", "Values that could not be masked"),
)
_KINDS: Final = {"web": "Web", "worker": "Worker"}


def page_parts(figures: dict[str, Any]) -> dict[str, Any]:
    """Return what the template shows: named figures as text, and the rows of the tables."""
    told = shown(figures)
    texts = told["texts"]
    paths = {
        name: [(f"recent.{name}.p{percent}", texts[f"recent.{name}.p{percent}"]) for percent in PERCENTS]
        for name, _ in WAITS
    }
    return {
        "shown": told,
        "now": _named(NOW, texts),
        "rates": _named(RATES, texts),
        "counts": _named(COUNTS, texts),
        "safety": _named(SAFETY, texts),
        "percents": PERCENTS,
        "waits": [(label, paths[name]) for name, label in WAITS],
        "sources": [
            (
                SOURCE_WORDS[name],
                [(path, texts[path]) for path in (f"recent.sources.{name}", f"recent.share.{name}")],
            )
            for name in SOURCES
        ],
    }


def shown(figures: dict[str, Any]) -> dict[str, Any]:
    """Return the figures as people read them: ``texts`` by path, rows of ``processes`` and of ``steps``."""
    recent = figures["recent"]
    texts = {
        **{path: UNKNOWN for path, _ in (*COUNTS, *SAFETY)},
        **_flat({key: figures[key] or {} for key in ("turns", "recent", "ratings", *COUNTED)}),
        "sockets": _text(figures["sockets"]),
        "answers_last_minute": _text(
            sum(row["answers_last_minute"] for row in figures["processes"].values())
        ),
        "open_conversations": _text(len(figures["conversations"])),
        "recent.money_per_hour": f"{recent['money_per_hour']:.4f} {recent['currency']}",
        "window": _minutes(recent["seconds"]),
        "at": f"{timezone.localtime():%H:%M:%S}",
    }
    for name in SOURCES:
        texts[f"recent.share.{name}"] = _share(recent["sources"][name], recent["answers"])
    for name, _ in WAITS:
        for percent in PERCENTS:
            path = f"{name}.p{percent}"
            texts[f"recent.{path}"] = _ms(recent[name][f"p{percent}"])
    if cached := figures["answer_cache"]:
        texts["answer_cache.share"] = _share(cached["hits"], cached["hits"] + cached["misses"])
    return {"texts": texts, "processes": _processes(figures["processes"]), "steps": _steps(recent["steps"])}


def _named(labels: tuple[tuple[str, str], ...], texts: dict[str, str]) -> list[tuple[str, str, str]]:
    return [(path, label, texts[path]) for path, label in labels]


def _flat(figures: dict[str, Any], before: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in figures.items():
        if isinstance(value, dict):
            found |= _flat(value, f"{before}{name}.")
        elif isinstance(value, int | float):
            found[before + name] = _text(value)
    return found


def _processes(processes: dict[str, dict[str, Any]]) -> list[list[str]]:
    return [
        [
            name,
            _KINDS.get(row["kind"], UNKNOWN),
            *(_text(row[key]) for key in ("sockets", "turns_running_here", "answers_last_minute")),
        ]
        for name, row in processes.items()
    ]


def _steps(steps: list[dict[str, Any]]) -> list[list[str]]:
    """Return the graphs' points as rows, the newest first."""
    zone = timezone.get_current_timezone()
    return [
        [
            f"{datetime.fromtimestamp(step['at'], zone):%H:%M:%S}",
            _text(step["answers"]),
            _text(step["failed"]),
            _ms(step["first_token_p50"]),
            _ms(step["first_token_p95"]),
        ]
        for step in reversed(steps)
    ]


def _text(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:,.1f}"


def _ms(value: int | None) -> str:
    return UNKNOWN if value is None else f"{value:,} ms"


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else UNKNOWN


def _minutes(seconds: int) -> str:
    return f"{seconds // 60} minutes" if seconds >= 120 else f"{seconds} seconds"
