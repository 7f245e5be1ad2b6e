"""The words of the library as people write them, each with how many passages hold it."""

from collections import Counter
from collections.abc import Iterable, Iterator

from django.db import connection

from knowledge.models import Word
from knowledge.search.terms import fold, is_gram

SHORTEST = 3  # letters; shorter words are too alike to be told apart
LONGEST = 40
ROWS = 5_000  # words in one statement

_UPSERT = """
    INSERT INTO knowledge_word (folded, language, text, passages) {rows}
    ON CONFLICT (folded, language) DO UPDATE SET passages = knowledge_word.passages + excluded.passages
    RETURNING folded, passages
"""
_ROWS_OF_STRINGS = """
    SELECT folded, %s, word, held
    FROM unnest(string_to_array(%s, '|'), string_to_array(%s, '|'), string_to_array(%s, '|')::int[])
        AS counted (folded, word, held)
"""


def add(passages: Iterable[Iterable[str]], language: str) -> int:
    """Count the content words of each of ``passages`` in; return how many are new."""
    rows = _counted(passages)
    return sum(total == rows[folded][1] for folded, total in _change(rows, language))


def remove(passages: Iterable[Iterable[str]], language: str) -> int:
    """Count the content words of each of ``passages`` out; return how many are gone."""
    rows = {folded: (word, -held) for folded, (word, held) in _counted(passages).items()}
    for _ in _change(rows, language):
        pass
    gone, _ = Word.objects.filter(language=language, folded__in=rows, passages__lte=0).delete()
    return gone


def rebuild(passages: Iterable[Iterable[str]], language: str) -> int:
    """Forget the words of ``language`` and count those of ``passages``; return how many there are."""
    Word.objects.filter(language=language).delete()
    return add(passages, language)


def is_word(word: str) -> bool:
    """Say whether ``word`` is one that can be mistyped and corrected: letters only, no code, no number."""
    return SHORTEST <= len(word) <= LONGEST and word.isalpha() and not is_gram(word)


def _counted(passages: Iterable[Iterable[str]]) -> dict[str, tuple[str, int]]:
    """Return by folded word: how it is written, and how many of ``passages`` hold it."""
    counts: Counter[str] = Counter()
    for words in passages:
        counts.update(set(words))
    folded: dict[str, tuple[str, int]] = {}
    for word, held in sorted(counts.items(), key=lambda one: (-one[1], one[0])):
        plain = fold(word)
        if is_word(word) and len(plain) <= LONGEST:
            form, before = folded.get(plain, (word, 0))
            folded[plain] = (form, before + held)
    return dict(sorted(folded.items()))


def _change(rows: dict[str, tuple[str, int]], language: str) -> Iterator[tuple[str, int]]:
    """Add to the counts and yield each folded word with its new total."""
    flat = [(folded, word, held) for folded, (word, held) in rows.items()]
    with connection.cursor() as cursor:
        for first in range(0, len(flat), ROWS):
            part = flat[first : first + ROWS]
            if connection.vendor == "postgresql":
                # Long strings travel many times faster than arrays; no word holds a bar.
                statement = _UPSERT.format(rows=_ROWS_OF_STRINGS)
                columns = ("|".join(map(str, column)) for column in zip(*part, strict=True))
                cursor.execute(statement, [language, *columns])
            else:
                statement = _UPSERT.format(rows="VALUES " + ", ".join(["(%s, %s, %s, %s)"] * len(part)))
                values = (v for folded, word, held in part for v in (folded, language, word, held))
                cursor.execute(statement, list(values))
            yield from cursor.fetchall()
