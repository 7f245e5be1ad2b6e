"""What must hold after any fault, read from the database and from every customer's transcript."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import psycopg

from benchmarks.questions import expected_answer
from tests.faults.customers import Asked

_OUTCOMES = """
    SELECT message.client_id::text, COUNT(*), MAX(turn.status), MAX(answer.text), MAX(turn.source),
           COUNT(DISTINCT turn.id), MAX(turn.attempt), MAX(turn.error_code)
    FROM chat_message message
    LEFT JOIN chat_turn turn ON turn.question_id = message.id
    LEFT JOIN chat_message answer ON answer.id = turn.answer_id
    WHERE message.role = 'user' GROUP BY message.client_id
"""
_ANSWERS = "SELECT COUNT(*) FROM chat_message WHERE role = 'assistant'"
_ANSWERED = "SELECT COUNT(*) FROM chat_turn WHERE answer_id IS NOT NULL"
_UNFINISHED = "SELECT COUNT(*) FROM chat_turn WHERE status IN ('queued', 'running')"
_OUT_OF_ORDER = """
    SELECT COUNT(*) FROM chat_turn earlier JOIN chat_turn later
      ON later.conversation_id = earlier.conversation_id AND later.position > earlier.position
    WHERE later.finished_at < earlier.finished_at
"""


@dataclass(slots=True)
class Verdict:
    """The counts of a run; ``wrong`` explains each thing that must not be."""

    asked: int = 0
    acknowledged: int = 0
    answered: int = 0
    failed_honestly: int = 0
    lost: int = 0
    doubled: int = 0
    characters_wrong: int = 0
    restarted: int = 0
    quoted: int = 0
    longest_answer: float = 0.0
    slow: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Tell whether nothing was lost, doubled or wrong."""
        return not (self.lost or self.doubled or self.characters_wrong or self.wrong)

    def lines(self) -> list[str]:
        """Return the table."""
        times = sorted(self.slow) or [0.0]
        rows = [
            ("questions asked", self.asked),
            ("questions acknowledged", self.acknowledged),
            ("answered", self.answered),
            ("of these quoted, the model being away", self.quoted),
            ("failed honestly", self.failed_honestly),
            ("begun again by another attempt", self.restarted),
            ("lost", self.lost),
            ("doubled", self.doubled),
            ("characters wrong", self.characters_wrong),
            ("seconds to the end, median", f"{times[len(times) // 2]:.1f}"),
            ("seconds to the end, p99", f"{times[int(len(times) * 0.99)]:.1f}"),
            ("seconds to the end, longest", f"{times[-1]:.1f}"),
        ]
        return ["| what | count |", "| --- | --: |", *(f"| {name} | {value} |" for name, value in rows)]


def wait_for_quiet(url: str, seconds: float) -> int:
    """Wait until no turn is unfinished; return how many are when the time is over."""
    end = time.monotonic() + seconds
    with psycopg.connect(url, autocommit=True) as connection:
        while (left := connection.execute(_UNFINISHED).fetchone()[0]) and time.monotonic() < end:
            time.sleep(0.2)
    return left


def judge(url: str, asked: Sequence[Asked], *, tokens: int) -> Verdict:
    """Compare what customers saw with what the database holds.

    Args:
        url: of the database.
        asked: every question of every customer.
        tokens: words of the provider's answers.
    """
    with psycopg.connect(url) as connection:
        rows = connection.execute(_OUTCOMES).fetchall()
        surplus = connection.execute(_ANSWERS).fetchone()[0] - connection.execute(_ANSWERED).fetchone()[0]
        unfinished = connection.execute(_UNFINISHED).fetchone()[0]
        out_of_order = connection.execute(_OUT_OF_ORDER).fetchone()[0]
    outcomes = {row[0]: row[1:] for row in rows}
    verdict = Verdict(asked=len(asked), doubled=surplus)
    if surplus:
        verdict.wrong.append(f"{surplus} answers that belong to no turn")
    if unfinished:
        verdict.wrong.append(f"{unfinished} turns left unfinished")
    if out_of_order:
        verdict.wrong.append(f"{out_of_order} turns ended before an earlier one of their conversation")
    for one in asked:
        _judge_one(one, outcomes.get(one.client_id), verdict, tokens)
    return verdict


def _judge_one(one: Asked, outcome: tuple | None, verdict: Verdict, tokens: int) -> None:
    if one.refused:
        verdict.wrong.append(f"{one.mark} was refused: {one.refused}")
    verdict.acknowledged += bool(one.accepted_at)
    if outcome is None or one.final is None:
        _judge_loss(one, outcome, verdict)
    if outcome is None:
        return
    messages, status, text, source, turns, attempt, error = outcome
    if messages != 1 or turns != 1:
        verdict.doubled += 1
        verdict.wrong.append(f"{one.mark} has {messages} messages and {turns} turns")
    verdict.restarted += attempt > 1
    if one.final is None:
        return
    verdict.slow.append(one.ended_at - one.asked_at)
    if one.final["type"] == "turn.failed":
        _judge_failure(one, status, error, verdict)
        return
    verdict.answered += 1
    verdict.quoted += source == "quoted"
    _compare(one, text, source, verdict, tokens)


def _judge_loss(one: Asked, outcome: tuple | None, verdict: Verdict) -> None:
    """What was acknowledged must be there, and its end must have been seen."""
    if not one.accepted_at:
        return
    verdict.lost += 1
    if outcome is None:
        verdict.wrong.append(f"{one.mark} was acknowledged and is not in the database")
    else:
        verdict.wrong.append(f"{one.mark} is {outcome[1]}, attempt {outcome[5]}; its customer saw no end")


def _judge_failure(one: Asked, status: str, error: str, verdict: Verdict) -> None:
    verdict.failed_honestly += 1
    if status != "failed":
        verdict.wrong.append(f"{one.mark}: its customer was told of a failure, the database says {status}")
    elif not one.final["words"]:
        verdict.wrong.append(f"{one.mark} failed without words ({error})")


def _compare(one: Asked, text: str | None, source: str, verdict: Verdict, tokens: int) -> None:
    seen = (one.final or {}).get("message") or {}
    faults = []
    if seen.get("text") != text:
        faults.append("the text seen is not the database's")
    if source == "model" and text != expected_answer(one.mark, tokens, footnotes=True):
        faults.append("the text is not the model's")
    if not one.has_gap and one.preview.rstrip() != text and source != "fixed":
        faults.append(f"the preview {one.preview[:60]!r} … differs from {str(text)[:60]!r} …")
    if faults:
        verdict.characters_wrong += 1
        verdict.wrong.append(f"{one.mark}: {'; '.join(faults)}")
