"""How much of what is personal is masked, what is masked beside it, and what a message costs.

``python -m benchmarks.personal_data FILE...`` reads labelled messages: lines of JSON with ``text``, ``spans``
([start, end, kind]) and ``lang``, or a file of presidio-research (a JSON list with ``full_text`` and
``spans``), of which the structured kinds are counted. A value counts as masked when every character of it is,
spaces aside.
"""

import argparse
import json
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from chat.safety.personal import detect

STRUCTURED = frozenset(
    (
        "PHONE_NUMBER",
        "CREDIT_CARD",
        "IP_ADDRESS",
        "EMAIL_ADDRESS",
        "US_SSN",
        "US_DRIVER_LICENSE",
        "IBAN_CODE",
        "MAC_ADDRESS",
        "CRYPTO",
    )
)
ROUNDS = 5  # the fastest counts


@dataclass(frozen=True, slots=True)
class Labelled:
    """A message with what is personal in it, as (start, end, kind)."""

    text: str
    spans: tuple[tuple[int, int, str], ...]
    language: str = "en"


@dataclass(slots=True)
class Score:
    """What was found in some messages.

    Attributes:
        values: labelled values by kind and language.
        masked: those of them that were masked whole.
        named: those of them that were given their kind.
        ordinary: messages without any.
        over_masked: those of them in which something was masked all the same.
        missed: the values that were not masked whole, with their kind.
        milliseconds: per message, on average.
    """

    values: Counter[tuple[str, str]] = field(default_factory=Counter)
    masked: Counter[tuple[str, str]] = field(default_factory=Counter)
    named: Counter[tuple[str, str]] = field(default_factory=Counter)
    ordinary: int = 0
    over_masked: list[str] = field(default_factory=list)
    missed: list[tuple[str, str]] = field(default_factory=list)
    milliseconds: float = 0.0

    @property
    def recall(self) -> float:
        """Return the share of all values that was masked; 1 where there are none."""
        return self.masked.total() / self.values.total() if self.values else 1.0


def read(path: Path) -> list[Labelled]:
    """Return the messages of a file.

    Raises:
        OSError, ValueError: it cannot be read, or has another shape.
    """
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        return [_of_presidio(row) for row in json.loads(text)]
    rows = [json.loads(line) for line in text.splitlines() if line.strip()]
    return [Labelled(row["text"], tuple(map(tuple, row["spans"])), row.get("lang", "en")) for row in rows]


def measure(messages: Sequence[Labelled]) -> Score:
    """Return how well the values in labelled messages are found."""
    score = Score()
    for message in messages:
        _add(score, message)
    score.milliseconds = min(_seconds(messages) for _ in range(ROUNDS)) / max(len(messages), 1) * 1000
    return score


def _of_presidio(row: dict) -> Labelled:
    spans = ((s["start_position"], s["end_position"], s["entity_type"]) for s in row["spans"])
    structured = tuple(span for span in spans if span[2] in STRUCTURED)
    # Messages with names or places only are neither personal in a way that shapes tell, nor ordinary.
    unlabelled = (0, 0, "UNSTRUCTURED") if row["spans"] and not structured else None
    return Labelled(row["full_text"], (unlabelled,) if unlabelled else structured)


def _add(score: Score, message: Labelled) -> None:
    found = detect(message.text)
    covered = {place for span in found for place in range(span.start, span.end)}
    if not message.spans:
        score.ordinary += 1
        score.over_masked += [message.text] if found else []
    for start, end, kind in message.spans:
        if start == end:
            continue
        key = (kind, message.language)
        score.values[key] += 1
        whole = all(place in covered or message.text[place].isspace() for place in range(start, end))
        score.masked[key] += whole
        score.named[key] += any(s.kind == kind and s.start < end and start < s.end for s in found)
        if not whole:
            score.missed.append((kind, message.text[start:end]))


def _seconds(messages: Iterable[Labelled]) -> float:
    begun = time.thread_time()  # of the processor: others who use the machine do not make it dearer
    for message in messages:
        detect(message.text)
    return time.thread_time() - begun


def report(score: Score) -> Iterator[str]:
    """Yield the lines that tell a score."""
    for key in sorted(score.values):
        kind, language = key
        yield (
            f"  {kind:<18} {language:<3} {score.masked[key]:>5} of {score.values[key]:<5} masked, "
            f"{score.named[key]} named as such"
        )
    yield f"  recall {score.recall:.4f}"
    yield f"  over-masked {len(score.over_masked)} of {score.ordinary} ordinary messages"
    yield f"  {score.milliseconds:.3f} ms a message"
    yield from (f"  missed {kind}: {value!r}" for kind, value in score.missed[:20])
    yield from (f"  over-masked: {text!r}" for text in score.over_masked[:20])


def main() -> None:
    """Measure the files named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    for path in parser.parse_args().files:
        messages = read(path)
        print(f"{path.name}: {len(messages)} messages")
        print("\n".join(report(measure(messages))))


if __name__ == "__main__":
    main()
