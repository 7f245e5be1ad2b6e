"""``make bench-search``: search in a large library, on SQLite and on PostgreSQL, in the same run.

Makes a library of the asked size out of real documents: whole copies, in which a third of the words are
replaced by others of the same documents, so that copies neither vanish nor agree. Publishes it, asks the
questions that come with the documents, first turns and follow-ups, and prints how fast both went and how much
room they took.

The documents are those of ``../shared/data/retrieval``; where that folder is absent, the sample airline's
with the sentences of its policies as questions.
"""

import argparse
import json
import os
import random
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper

ROOT = Path(__file__).resolve().parent.parent
REAL = ROOT.parent / "shared" / "data" / "retrieval"
SAMPLE = ROOT / "knowledge" / "sample" / "policies"
DATABASES = ("sqlite", "postgresql")
PASSAGE_CHARACTERS = 900  # about
CHANGED = 1 / 3  # words of a copy replaced by others
BUDGET_MS = 10.0
BUDGET_PER_SECOND = 1_000
WARM_UP = 20  # questions asked before the clock runs
_WORD = re.compile(r"[a-z]{3,}")

Question = tuple[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Measured:
    """What one database did.

    Attributes:
        passages: in the index.
        published_per_second: passages cut, saved and indexed.
        indexed_per_second: passages, of the indexing alone.
        indexed_per_cpu_second: the same by the processor time of this process, which a busy machine changes
            less; what a database server uses is not in it.
        early_mb, peak_mb: most memory of the process after a tenth of the library, and after all of it.
        index_mb: room the index takes in the database.
        milliseconds: of each question, by kind (``first``, ``follow_up``), and of the smallest statement
            there is (``select_1``), asked in between.
        cpu_milliseconds: processor time of one question on average, by kind, the database server's included:
            what it would take on a machine with nothing else to do.
    """

    database: str
    passages: int
    published_per_second: float
    indexed_per_second: float
    indexed_per_cpu_second: float
    early_mb: float
    peak_mb: float
    index_mb: float
    milliseconds: dict[str, list[float]]
    cpu_milliseconds: dict[str, float]


def texts() -> list[tuple[str, str]]:
    """Return title and text of the documents that the library is made of."""
    if REAL.is_dir():
        rows = (REAL / "documents.jsonl").read_text().splitlines()
        return [(row["title"], row["text"]) for row in map(json.loads, rows)]
    return [(file.stem, file.read_text()) for file in sorted(SAMPLE.glob("*.md"))]


def questions(most: int) -> dict[str, list[Question]]:
    """Return up to ``most`` first turns, and as many follow-ups with their earlier turns, oldest first."""
    if REAL.is_dir():
        rows = map(json.loads, (REAL / "questions_dev.jsonl").read_text().splitlines())
        every = [(row["turn"], tuple(turn.split(":", 1)[1] for turn in row["history"][::-1])) for row in rows]
    else:
        sentences = [
            part for _, text in texts() for part in re.split(r"(?<=[.?])\s+", text) if len(part) > 40
        ]
        every = [(part, ()) for part in sentences[::2]]
        every += [(part, tuple(sentences[place : place + 4])) for place, (part, _) in enumerate(every)]
    chosen = {
        "first": [one for one in every if not one[1]],
        "follow_up": [one for one in every if one[1]],
    }
    return {kind: random.Random(1).sample(some, min(most, len(some))) for kind, some in chosen.items()}


def copies(documents: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield the documents, then copies of them for ever, each with other words changed."""
    yield from documents
    words = [word for _, text in documents for word in _WORD.findall(text)]
    chance = random.Random(2)
    while True:
        for title, text in documents:
            yield title, _WORD.sub(lambda word: _changed(word[0], words, chance), text)


def _changed(word: str, words: Sequence[str], chance: random.Random) -> str:
    return chance.choice(words) if chance.random() < CHANGED else word


def measure(database: str, passages: int, most: int) -> Measured:
    """Fill the database that DATABASE_URL names, ask, and return what it took."""
    import django

    django.setup()
    from django.core.management import call_command

    from knowledge.documents.taking import GROUP_CHARACTERS
    from knowledge.search import index

    call_command("migrate", verbosity=0)
    indexing = Timed(index.add)
    index.add = indexing
    begun, early = time.perf_counter(), 0.0
    held, making = 0, 0.0
    groups = copies(texts())
    while held < passages:
        before = time.perf_counter()
        group = list(_group(groups, min(GROUP_CHARACTERS, PASSAGE_CHARACTERS * (passages - held))))
        making += time.perf_counter() - before
        held = _publish(group)
        early = early or (peak_mb() if held >= passages / 10 else 0.0)
    seconds = time.perf_counter() - begun - making
    index.refresh_statistics()
    return Measured(
        database=database,
        passages=held,
        published_per_second=held / seconds,
        indexed_per_second=held / indexing.seconds,
        indexed_per_cpu_second=held / indexing.cpu_seconds,
        early_mb=early,
        peak_mb=peak_mb(),
        index_mb=_index_mb(),
        milliseconds=(asked := _ask_all(questions(most)))[0],
        cpu_milliseconds=asked[1],
    )


def _group(documents: Iterator[tuple[str, str]], characters: int) -> Iterator[tuple[str, str]]:
    """Yield as many documents as an import publishes together: whole ones, up to so many characters."""
    while characters > 0:
        document = next(documents)
        characters -= len(document[1])
        yield document


class Timed:
    """A function that adds up the seconds spent in it."""

    def __init__(self, function: Callable[..., None]) -> None:
        self.function = function
        self.seconds = self.cpu_seconds = 0.0

    def __call__(self, *arguments: object) -> None:
        """Call the function."""
        begun, cpu_begun = time.perf_counter(), time.process_time()
        self.function(*arguments)
        self.seconds += time.perf_counter() - begun
        self.cpu_seconds += time.process_time() - cpu_begun


def peak_mb() -> float:
    """Return the most memory that this process has had, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _publish(group: Sequence[tuple[str, str]]) -> int:
    """Publish documents and return how many passages the library has now."""
    from knowledge.documents.publish import publish_versions, save_draft
    from knowledge.models import Document, Passage

    number = Document.objects.count()
    drafts = [
        save_draft(Document.objects.create(slug=f"document-{number + place}", title=title[:200]), text)
        for place, (title, text) in enumerate(group)
    ]
    publish_versions(drafts)
    return Passage.objects.count()


def _ask_all(every: dict[str, list[Question]]) -> tuple[dict[str, list[float]], dict[str, float]]:
    """Return the milliseconds that each question took, by kind, after a few to warm up; and of processors."""
    from django.db import connection

    from knowledge.search import Query, search

    taken: dict[str, list[float]] = {"select_1": [], **{kind: [] for kind in every}}
    busy = {}
    with connection.cursor() as cursor:
        server = _backend(cursor)
        for kind, some in every.items():
            for text, history in some[:WARM_UP]:
                search(Query(text, history))
            begun = _cpu_seconds(server)
            for text, history in some:
                taken[kind].append(
                    _milliseconds(lambda text=text, history=history: search(Query(text, history)))
                )
                taken["select_1"].append(_milliseconds(lambda: cursor.execute("SELECT 1").fetchone()))
            busy[kind] = 1_000 * (_cpu_seconds(server) - begun) / len(some)
    return taken, busy


def _backend(cursor: "CursorWrapper") -> psutil.Process | None:
    """Return the process of PostgreSQL that serves this connection; None on SQLite, which has none."""
    if cursor.db.vendor != "postgresql":
        return None
    cursor.execute("SELECT pg_backend_pid()")
    return psutil.Process(cursor.fetchone()[0])


def _cpu_seconds(server: psutil.Process | None) -> float:
    """Return the processor time used so far by this process and by the database's."""
    used = server.cpu_times() if server else None
    return time.process_time() + (used.user + used.system if used else 0.0)


def _milliseconds(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return 1_000 * (time.perf_counter() - begun)


def _index_mb() -> float:
    """Return the size of the index's tables with their own indexes, in megabytes."""
    from django.db import connection

    every = connection.introspection.table_names()
    tables = [name for name in every if name.startswith(("knowledge_posting", "knowledge_passageterms"))]
    tables += [name for name in every if name in ("knowledge_term", "knowledge_word")]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            size = " + ".join(f"pg_total_relation_size('{name}')" for name in tables)
            cursor.execute(f"SELECT {size}")
            return cursor.fetchone()[0] / 2**20
        # Without SQLite's own count of pages by table, the whole file without the texts is an upper bound.
        cursor.execute("SELECT (SELECT page_count FROM pragma_page_count) * page_size FROM pragma_page_size")
        whole = cursor.fetchone()[0]
        cursor.execute(
            "SELECT (SELECT SUM(LENGTH(CAST(text || heading AS BLOB))) FROM knowledge_passage)"
            " + (SELECT SUM(LENGTH(CAST(text AS BLOB))) FROM knowledge_version)"
        )
        return (whole - cursor.fetchone()[0]) / 2**20


def table(every: Sequence[Measured]) -> str:
    """Return the figures as a table, with what was wanted in its last row."""
    head = "database | passages | published/s | indexed/s | by CPU time | peak MB (at a tenth) | index MB"
    kinds = list(every[0].milliseconds)
    head += "".join(f" | {kind} median ms | p95" for kind in kinds)
    head += "".join(f" | {kind} CPU ms" for kind in every[0].cpu_milliseconds)
    lines = [f"| {head} |", "|" + "---|" * (head.count("|") + 1)]
    for one in every:
        cells = [one.database, f"{one.passages:,}", f"{one.published_per_second:,.0f}"]
        cells += [f"{one.indexed_per_second:,.0f}", f"{one.indexed_per_cpu_second:,.0f}"]
        cells += [f"{one.peak_mb:.0f} ({one.early_mb:.0f})"]
        cells += [f"{one.index_mb:.0f}"]
        for taken in one.milliseconds.values():
            cells += [f"{statistics.median(taken):.2f}", f"{statistics.quantiles(taken, n=20)[-1]:.2f}"]
        cells += [f"{busy:.2f}" for busy in one.cpu_milliseconds.values()]
        lines.append(f"| {' | '.join(cells)} |")
    budget = ["budget", "", "", f"≥ {BUDGET_PER_SECOND:,}", "", "does not grow", "", "", ""]
    lines.append(
        f"| {' | '.join(budget + [f'≤ {BUDGET_MS:.0f}', ''] * (len(kinds) - 1) + [''] * (len(kinds) - 1))} |"
    )
    return "\n".join(lines)


def main(words: Sequence[str] | None = None) -> int:
    """Measure each database in a process of its own and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search", description=__doc__)
    parser.add_argument("--passages", type=int, default=100_000, help="size of the library")
    parser.add_argument("--questions", type=int, default=300, help="of each kind")
    parser.add_argument("--databases", nargs="+", choices=DATABASES, default=DATABASES)
    parser.add_argument("--inside", choices=DATABASES, help=argparse.SUPPRESS)
    wanted = parser.parse_args(words)
    if wanted.inside:
        print(json.dumps(asdict(measure(wanted.inside, wanted.passages, wanted.questions))))
        return 0
    with ExitStack() as stack:
        print(table([_in_own_process(name, wanted, stack) for name in wanted.databases]))
    return 0


def _in_own_process(database: str, wanted: argparse.Namespace, stack: ExitStack) -> Measured:
    from tests.services import PostgresServer

    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cs-bench-")))
    url = f"sqlite:///{folder}/library.sqlite3"
    if database == "postgresql":
        url = stack.enter_context(PostgresServer()).url
    sizes = ["--passages", str(wanted.passages), "--questions", str(wanted.questions)]
    environment = {
        **{name: value for name, value in os.environ.items() if name != "REDIS_URL"},
        "DATABASE_URL": url,
        "VAR_DIR": str(folder),
        "SECRET_KEY": "benchmark",
        "COMPARE_DOCUMENTS": "false",  # else a thread beside would compare all copies with each other
        "DJANGO_SETTINGS_MODULE": "chatsite.settings",
    }
    command = [sys.executable, "-m", "benchmarks.search", "--inside", database, *sizes]
    print(f"  {database}: publishing and asking", file=sys.stderr, flush=True)
    ran = subprocess.run(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return Measured(**json.loads(ran.stdout.splitlines()[-1]))


if __name__ == "__main__":
    sys.exit(main())
