"""``manage.py evaluate_search QUESTIONS``: how well search finds and refuses, in figures."""

import json
from argparse import ArgumentParser, BooleanOptionalAction
from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from knowledge.errors import KnowledgeError
from knowledge.evaluation.asking import Manner
from knowledge.evaluation.loading import embed_all, load_documents, load_folder
from knowledge.evaluation.questions import (
    HISTORIES,
    Question,
    after_conversations,
    read_documents,
    read_off_topic,
    read_questions,
    spread,
)
from knowledge.evaluation.report import as_data, as_text
from knowledge.evaluation.running import Run, run
from knowledge.evaluation.scratch import scratch_library
from knowledge.models import Audience
from knowledge.search import index_state
from knowledge.search.vectors import configured

SHOWN = 10  # questions left out that are named


class Command(BaseCommand):
    """Ask every question of a file and print the figures; see docs/evaluation.md."""

    help = (
        "Asks search every question of a file (JSON lines: id, doc, turn, history, answers) and prints "
        "recall, reciprocal rank, how well refusals tell, and latency. Changes nothing on the site."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the files and how to ask."""
        parser.add_argument("questions", type=Path, metavar="QUESTIONS", help="questions, JSON lines")
        parser.add_argument(
            "--documents",
            type=Path,
            metavar="FILE",
            help="documents that the questions are about: JSON lines (id, title, text), or a folder of "
            "documents, named by slug. They are put into a library of their own that vanishes afterwards. "
            "Without it the site's own library is asked",
        )
        parser.add_argument(
            "--off-topic",
            type=Path,
            metavar="FILE",
            help="questions that the library cannot answer: JSON lines (first turns count) or one a line; "
            "they are also asked after the conversations of QUESTIONS",
        )
        parser.add_argument(
            "--limit", type=int, metavar="N", help="ask only N questions, spread over the file"
        )
        parser.add_argument("--set", dest="part", help="ask only questions whose “set” is this one")
        parser.add_argument(
            "--history",
            choices=HISTORIES,
            default="user",
            help="earlier turns that go along: the user's own, as the desk does (default), all, or none",
        )
        parser.add_argument(
            "--with-history", action=BooleanOptionalAction, default=True, help="the same as --history none"
        )
        parser.add_argument("--language", default="en", help="of questions and documents that name none (en)")
        parser.add_argument(
            "--embeddings",
            action=BooleanOptionalAction,
            default=configured(),
            help="ask the embedding model too (as the site does, where one is configured)",
        )
        parser.add_argument("--audience", choices=Audience.values, default=Audience.PUBLIC)
        parser.add_argument("--on", type=date.fromisoformat, metavar="DATE", help="the day whose texts count")
        parser.add_argument(
            "--marks",
            type=_marks,
            metavar="A,B,…",
            help="confidences to count at; unless given, the settings' two",
        )
        parser.add_argument("--json", action="store_true", help="print JSON instead of tables")

    def handle(self, *args: object, **options: Any) -> None:
        """Read, load where asked to, ask and print."""
        try:
            self._evaluate(options)
        except KnowledgeError as error:
            raise CommandError(error.words) from error

    def _evaluate(self, options: Mapping[str, Any]) -> None:
        questions = _questions(options)
        manner = Manner(
            history=options["history"] if options["with_history"] else "none",
            on=options["on"],
            audience=options["audience"],
            meaning=options["embeddings"],
        )
        if manner.meaning and not configured():
            raise CommandError("No embedding model is configured (EMBEDDINGS_BASE_URL, EMBEDDINGS_MODEL).")
        marks = options["marks"] or (settings.SEARCH_REFUSE_BELOW, settings.SEARCH_SURE_ABOVE)
        documents = options["documents"]
        with scratch_library() if documents else nullcontext():
            slugs = self._load(documents, options["language"]) if documents else None
            if documents and manner.meaning:
                embed_all()
            held = index_state()["passages"]
            done = run(questions, manner, marks=marks, slugs=slugs)
        self._print(done, held, manner, as_json=options["json"])

    def _load(self, path: Path, language: str) -> dict[str, str]:
        loaded = (
            load_folder(path) if path.is_dir() else load_documents(read_documents(path, language=language))
        )
        self._warn(loaded.refused, "documents could not be taken")
        return loaded.slugs

    def _print(self, done: Run, held: int, manner: Manner, *, as_json: bool) -> None:
        self._warn(done.lost, "questions are left out: their answer was not found")
        if as_json:
            about = {
                "database": connection.vendor,
                "passages": held,
                "history": manner.history,
                "embeddings": manner.meaning,
            }
            self.stdout.write(
                json.dumps({**about, **as_data(done.evaluation), "left_out": dict(done.lost)}, indent=1)
            )
            return
        by = "words and meaning" if manner.meaning else "words"
        self.stdout.write(
            f"{held} passages, {connection.vendor}, by {by}, earlier turns: {manner.history}\n\n"
        )
        self.stdout.write(as_text(done.evaluation))

    def _warn(self, reasons: Mapping[str, str], words: str) -> None:
        if not reasons:
            return
        self.stderr.write(f"{len(reasons)} {words}:")
        for name, reason in list(reasons.items())[:SHOWN]:
            self.stderr.write(f"  {name}: {reason}")


def _questions(options: Mapping[str, Any]) -> list[Question]:
    language = options["language"]
    questions: Iterable[Question] = read_questions(options["questions"], language=language)
    if options["part"]:
        questions = [question for question in questions if question.part == options["part"]]
    asked = spread(list(questions), options["limit"])
    if options["off_topic"]:
        others = spread(read_off_topic(options["off_topic"], language=language), options["limit"])
        asked += [*others, *after_conversations(others, asked)]
    if not asked:
        raise CommandError("There is no question to ask.")
    return asked


def _marks(words: str) -> tuple[float, ...]:
    return tuple(float(mark) for mark in words.split(","))
