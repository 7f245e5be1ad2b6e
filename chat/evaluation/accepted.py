"""The last accepted run of a provider, kept beside the dataset, and what has changed since."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from chat.evaluation.cases import DatasetRefused
from chat.evaluation.judging import Check

FOLDER = "accepted"
Checks = Mapping[str, Sequence[Check]]


@dataclass(frozen=True, slots=True)
class Difference:
    """What a run has changed, by the ids of the cases.

    Attributes:
        regressions: passed in the accepted run, fail now.
        improvements: failed, pass now.
        new: not in the accepted run, by whether they pass.
        gone: of the accepted run, no more in the dataset.
    """

    regressions: tuple[str, ...] = ()
    improvements: tuple[str, ...] = ()
    new: tuple[tuple[str, bool], ...] = ()
    gone: tuple[str, ...] = ()


def accepted_file(dataset: Path, provider: str) -> Path:
    """Return where the accepted run of a provider is kept: in the folder of the dataset."""
    folder = dataset if dataset.is_dir() else dataset.parent
    return folder / FOLDER / f"{provider}.json"


def read_accepted(file: Path) -> dict[str, list[str]] | None:
    """Return the names of the checks that failed, by case; None where nothing has been accepted.

    Raises:
        DatasetRefused: the file is not one of these.
    """
    if not file.exists():
        return None
    try:
        return {str(case): list(failed) for case, failed in json.loads(file.read_text())["failed"].items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DatasetRefused(f"{file}: {type(error).__name__}: {error}") from error


def write_accepted(file: Path, checks: Checks) -> None:
    """Accept a run: one line a case, so that a change is read in a diff."""
    file.parent.mkdir(parents=True, exist_ok=True)
    failed = {case: failures(found) for case, found in sorted(checks.items())}
    lines = ",\n".join(f"    {json.dumps(case)}: {json.dumps(names)}" for case, names in failed.items())
    passed = sum(not names for names in failed.values())
    head = f'  "passed": {passed},\n  "of": {len(failed)},\n'
    file.write_text(f'{{\n{head}  "failed": {{\n{lines}\n  }}\n}}\n', encoding="utf-8")


def failures(checks: Sequence[Check]) -> list[str]:
    """Return the names of the checks that failed."""
    return [check.name for check in checks if not check.passed]


def compare(before: Mapping[str, Sequence[str]], checks: Checks, *, is_whole: bool) -> Difference:
    """Return what has changed; of a run of some cases only, nothing is said of the others."""
    now = {case: not failures(found) for case, found in checks.items()}
    known = [case for case in now if case in before]
    return Difference(
        regressions=tuple(case for case in known if not before[case] and not now[case]),
        improvements=tuple(case for case in known if before[case] and now[case]),
        new=tuple((case, passes) for case, passes in now.items() if case not in before),
        gone=tuple(case for case in before if case not in now) if is_whole else (),
    )
