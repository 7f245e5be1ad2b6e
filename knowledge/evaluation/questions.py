"""Read questions with marked answers, and the documents they were written about, from JSON lines."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from knowledge.errors import KnowledgeError

FIRST, FOLLOW_UP = "first", "follow_up"
OFF_TOPIC, ELSEWHERE = "off_topic", "elsewhere"
WITHOUT_ANSWER = (OFF_TOPIC, "unanswerable")
HISTORIES = ("user", "all", "none")


class QuestionsRefused(KnowledgeError):
    """A file of questions or documents that cannot be read; the words name file and line."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Words of a document that answer a question; ``start`` is their offset in it, None to look for them."""

    document: str
    text: str
    start: int | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A question with everything the file says of it.

    Attributes:
        id: unique in its file.
        text: the turn itself.
        history: earlier turns, oldest first, as pairs of speaker and words.
        answers: where it is answered; any of them will do. None: nothing in the library answers it.
        kind: the file's own word, else ``first``, ``follow_up`` or ``unanswerable``.
        language: code of the question's language.
        part: ``dev``, ``held`` or whatever ``set`` says in the file; empty for none.
        style: how it is put, such as ``typo`` or ``keywords``; empty for plain.
    """

    id: str
    text: str
    history: tuple[tuple[str, str], ...] = ()
    answers: tuple[Answer, ...] = ()
    kind: str = FIRST
    language: str = "en"
    part: str = ""
    style: str = ""

    def earlier(self, history: str) -> tuple[str, ...]:
        """Return the earlier turns, oldest first: ``all``, the ``user``'s own (as the desk) or ``none``."""
        if history == "none":
            return ()
        return tuple(words for speaker, words in self.history if history == "all" or speaker == "user")


@dataclass(frozen=True, slots=True)
class SourceDocument:
    """A document that questions refer to by ``id``."""

    id: str
    title: str
    text: str
    category: str
    language: str


def read_questions(path: Path, *, language: str = "en") -> list[Question]:
    """Return the questions of a file in order; ``language`` is that of those that name none.

    A question without answers counts as one that nothing answers, and so does one whose kind says so.
    Raises QuestionsRefused for a file that cannot be read, a line that is no question, or an id used twice.
    """
    questions = [_question(row, language, f"{path}:{line}") for line, row in _rows(path)]
    seen: set[str] = set()
    for question in questions:
        if question.id in seen:
            raise QuestionsRefused("duplicate", f"{path}: two questions have the id “{question.id}”.")
        seen.add(question.id)
    return questions


def read_off_topic(path: Path, *, language: str = "en") -> list[Question]:
    """Return the first turns of a file as questions that nothing answers.

    A file of plain text gives one question a line. Raises QuestionsRefused as ``read_questions`` does.
    """
    if path.suffix != ".jsonl":
        lines = enumerate(_text(path).splitlines(), start=1)
        return [
            Question(f"{path.name}:{line}", words.strip(), (), (), ELSEWHERE, language)
            for line, words in lines
            if words.strip()
        ]
    asked = read_questions(path, language=language)
    return [
        Question(f"{path.name}:{one.id}", one.text, (), (), ELSEWHERE, one.language)
        for one in asked
        if not one.history
    ]


def read_documents(path: Path, *, language: str = "en") -> Iterator[SourceDocument]:
    """Yield the documents of a file, one at a time. Raises QuestionsRefused for a line that is none."""
    for line, row in _rows(path):
        where = f"{path}:{line}"
        yield SourceDocument(
            id=_words(row, "id", where),
            title=_words(row, "title", where),
            text=_words(row, "text", where),
            category=str(row.get("domain") or row.get("category") or ""),
            language=str(row.get("language") or language),
        )


def after_conversations(off_topic: Sequence[Question], asked: Sequence[Question]) -> list[Question]:
    """Return ``off_topic`` once more, as follow-ups: each after a conversation that ``asked`` had."""
    conversations = [question.history for question in asked if question.history and question.answers]
    if not conversations:
        return []
    return [
        replace(
            question,
            id=f"{question.id}:later",
            kind=f"{question.kind}_later",
            history=conversations[number * len(conversations) // len(off_topic)],
        )
        for number, question in enumerate(off_topic)
    ]


def spread(questions: Sequence[Question], limit: int | None) -> list[Question]:
    """Return ``limit`` questions taken evenly from the whole file; all when None or not more."""
    if limit is None or limit >= len(questions):
        return list(questions)
    return [questions[number * len(questions) // limit] for number in range(limit)]


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise QuestionsRefused("unreadable", f"{path} cannot be read: {error}") from error


def _rows(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for line, words in enumerate(_text(path).split("\n"), start=1):
        if not words.strip():
            continue
        try:
            row = json.loads(words)
        except ValueError as error:
            raise QuestionsRefused("not_json", f"{path}:{line} is no JSON: {error}") from error
        if not isinstance(row, dict):
            raise QuestionsRefused("not_an_object", f"{path}:{line} is no JSON object.")
        yield line, row


def _words(row: Mapping[str, Any], name: str, where: str) -> str:
    value = row.get(name)
    if not isinstance(value, str) or not value.strip():
        raise QuestionsRefused("missing", f"{where} has no “{name}”.")
    return value


def _question(row: Mapping[str, Any], language: str, where: str) -> Question:
    answers = () if row.get("kind") in WITHOUT_ANSWER else _answers(row, where)
    history = tuple(_turn(turn, where) for turn in reversed(_list(row, "history", where)))
    usual = (FOLLOW_UP if history else FIRST) if answers else WITHOUT_ANSWER[1]
    return Question(
        id=_words(row, "id", where),
        text=_words(row, "turn", where),
        history=history,
        answers=answers,
        kind=str(row.get("kind") or usual),
        language=str(row.get("language") or language),
        part=str(row.get("set") or ""),
        style=str(row.get("style") or ""),
    )


def _list(row: Mapping[str, Any], name: str, where: str) -> list[Any]:
    value = row.get(name) or []
    if not isinstance(value, list):
        raise QuestionsRefused("wrong_shape", f"{where}: “{name}” is no list.")
    return value


def _turn(turn: object, where: str) -> tuple[str, str]:
    """Split ``agent:…`` and ``user:…``; a turn that names no speaker is the user's."""
    if not isinstance(turn, str):
        raise QuestionsRefused("wrong_shape", f"{where}: a turn of the history is no text.")
    speaker, colon, words = turn.partition(":")
    return (speaker, words.strip()) if colon and speaker in ("agent", "user") else ("user", turn)


def _answers(row: Mapping[str, Any], where: str) -> tuple[Answer, ...]:
    answers = []
    for one in _list(row, "answers", where):
        if not isinstance(one, dict) or not isinstance(one.get("start"), int | None):
            raise QuestionsRefused("wrong_shape", f"{where}: an answer is an object with text and start.")
        document = one.get("doc") or _words(row, "doc", where)
        answers.append(Answer(str(document), _words(one, "text", where), one.get("start")))
    return tuple(answers)
