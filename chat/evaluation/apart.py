"""Run cases in a process of its own: another database, another clock, and nothing of the desk's in reach."""

import json
import os
import secrets
import subprocess  # our own command, with our own words  # nosec B404
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from django.conf import settings

from chat.evaluation.cases import Case, case_of, row_of
from chat.evaluation.judging import Got

CASES, RESULTS = "cases.jsonl", "results.jsonl"
POLL_SECONDS = 0.2
# What the child sees of the caller's environment: what any program needs, how models are reached, and what
# makes an answer what it is. A database, a Redis, a mail server named there belong to the desk.
_KEPT = {"PATH", "HOME", "LANG", "TMPDIR", "TZ", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "SSL_CERT_FILE"}
_KEPT_PREFIXES = (
    "LC_", "PYTHON", "OPENAI_", "AZURE_OPENAI_", "ANTHROPIC_", "COMPATIBLE_", "LLM_", "EMBEDDINGS_",
    "SEARCH_", "UNSUPPORTED_", "UNCITED_", "UNDERSTAND_", "CRISIS_",
)  # fmt: skip
_DROPPED = {"CRISIS_ALERT_EMAILS"}  # nobody of the staff is to be woken by an exercise


class RunBroken(Exception):
    """The process ended without having asked everything; says how its log ended."""


def run_apart(
    cases: Sequence[Case],
    *,
    changes: Mapping[str, str],
    at_once: int,
    listen: Callable[[int], None] = lambda done: None,
) -> dict[str, Got]:
    """Ask the cases in a process of its own and return what came of each, by id.

    Args:
        cases: the cases.
        changes: settings of the process, such as who answers.
        at_once: cases asked at a time.
        listen: is told now and then how many are done.

    Raises:
        RunBroken: the process failed.
    """
    with tempfile.TemporaryDirectory(prefix="chatsite-evaluation-") as name:
        folder = Path(name)
        lines = [json.dumps(row_of(case), ensure_ascii=False) for case in cases]
        (folder / CASES).write_text("\n".join(lines), encoding="utf-8")
        (folder / RESULTS).touch()
        with _process(folder, changes, at_once) as process:
            while True:
                try:
                    process.wait(POLL_SECONDS)
                except subprocess.TimeoutExpired:
                    listen(len(_lines(folder / RESULTS)))
                    continue
                break
        results = read_results(folder)
        if process.returncode or len(results) < len(cases):
            raise RunBroken(f"The evaluation ended after {len(results)} cases:\n{_end_of_log(folder)}")
        return results


def cases_in(folder: Path) -> list[Case]:
    """Return the cases that the caller has put into the folder."""
    return [case_of(json.loads(line)) for line in _lines(folder / CASES)]


def write_result(folder: Path, case: Case, got: Got) -> None:
    """Add one result for the caller."""
    with (folder / RESULTS).open("a", encoding="utf-8") as file:
        file.write(json.dumps({"id": case.id, **asdict(got)}, ensure_ascii=False) + "\n")


def read_results(folder: Path) -> dict[str, Got]:
    """Return the results so far, by the id of the case."""
    results = {}
    for line in _lines(folder / RESULTS):
        row = json.loads(line)
        lists = {name: tuple(row[name]) for name in ("cited", "staff_only")}
        case = row.pop("id")
        results[case] = Got(**{**row, **lists})
    return results


@contextmanager
def _process(folder: Path, changes: Mapping[str, str], at_once: int) -> Iterator["subprocess.Popen[bytes]"]:
    command = [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), "evaluate_answers"]
    with (folder / "run.log").open("wb") as log:
        process = subprocess.Popen(  # nosec B603
            [*command, "--inside", str(folder), "--at-once", str(at_once)],
            env=_environment(folder, changes), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
        )  # fmt: skip
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()


def _environment(folder: Path, changes: Mapping[str, str]) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()  # handed on, not read
        if (name in _KEPT or name.startswith(_KEPT_PREFIXES)) and name not in _DROPPED
    }
    return kept | {
        "VAR_DIR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder / 'desk.sqlite3'}",
        "SECRET_KEY": secrets.token_urlsafe(60),
        "COMPANY_NAME": "Larkwing Air",
        "TIME_ZONE": "UTC",
        "LOG_LEVEL": "ERROR",
        "LOG_FORMAT": "console",
        "ANSWER_CACHE_SECONDS": "0",  # every case is to be answered, not remembered
        "COMPARE_DOCUMENTS": "false",
        **changes,
    }


def _lines(file: Path) -> list[str]:
    text = file.read_text(encoding="utf-8")
    whole = (
        text[: text.rfind("\n") + 1] if file.name == RESULTS else text
    )  # the last line may be half written
    return [line for line in whole.split("\n") if line.strip()]


def _end_of_log(folder: Path) -> str:
    lines = (folder / "run.log").read_text(errors="replace").strip().splitlines()
    return "\n".join(lines[-12:]) or "(it said nothing)"
