"""``python -m tests.docs --transcript FILE``: run the documentation, and keep what it printed."""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

import tests.environment as _settings  # noqa: F401  (sets the tests' settings, as pytest does)
from tests.docs.desk import running_desk
from tests.docs.pages import to_run
from tests.docs.running import Run, run


def main() -> int:
    """Return 0 if every example ran and printed what its page shows."""
    parser = argparse.ArgumentParser(prog="python -m tests.docs", description=__doc__)
    parser.add_argument("--transcript", type=Path, help="where to write what was run and printed")
    parser.add_argument("--only", default="", help="run those whose name (page:line:language) has this")
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="chatsite-docs-"))
    try:
        with running_desk(folder) as desk:
            runs = [_told(run(example, desk)) for example in to_run() if asked.only in example.name]
            secrets = [desk.variables[name] for name in ("KEY", "STAFF_KEY")]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if asked.transcript:
        text = "\n".join(map(_written, runs))
        for secret in secrets:
            text = text.replace(secret, "csk_…")
        asked.transcript.write_text(text, encoding="utf-8")
    faulty = [done for done in runs if done.fault]
    print(f"{len(runs)} examples, {len(faulty)} faulty, {sum(done.seconds for done in runs):.1f} s")
    return 1 if faulty or not runs else 0


def _told(done: Run) -> Run:
    verdict = "FAULT" if done.fault else "ok   "
    print(f"{verdict} {done.seconds:5.1f} s  {done.example.name}  {done.example.heading}")
    if done.fault:
        print(done.fault, file=sys.stderr)
    return done


def _written(done: Run) -> str:
    head = f"=== {done.example.name}: {done.example.heading} ({done.seconds:.1f} s, exit code {done.code})"
    return f"{head}\n{done.example.text}--- printed\n{done.output}{done.errors}"


if __name__ == "__main__":
    raise SystemExit(main())
