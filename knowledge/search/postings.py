"""The postings table: packed lists of passages by term, written and read with numpy.

A posting is one little-endian 32-bit number: the passage's place in its block above, the weight below. A
block is a stretch of 65,536 passage ids of one language; its lists are found by block and term, so that a
question reads one row per term and block. New passages go to an open block beside it, small enough for its
lists to grow cheaply, and are moved to the closed one some thousands at a time.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from itertools import pairwise

import numpy as np
from django.db import connection
from django.db.models import F

from knowledge.models import Block, PassageTerms, Posting
from knowledge.search.parameters import as_one, is_among, rows

BLOCK_BITS = 16
BLOCK = 1 << BLOCK_BITS  # passage ids in a block
WEIGHT_BITS = 16
OPEN = 2_048  # passages an open block takes before it is emptied into the closed one
LONG = 512  # bytes; a longer list is read only once it is known to be wanted
ROWS = 10_000  # rows in one statement
PACKED = np.dtype("<u4")
OF_PASSAGE = np.dtype([("term", "<i8"), ("weight", "<u2")])

_APPEND = {
    "sqlite": """
        INSERT INTO knowledge_posting (block_id, term, data) VALUES (%s, %s, %s)
        ON CONFLICT (block_id, term)
        DO UPDATE SET data = CAST(knowledge_posting.data || excluded.data AS BLOB)
    """,
    # One long value and three strings of numbers travel many times faster than rows.
    "postgresql": """
        INSERT INTO knowledge_posting (block_id, term, data)
        SELECT %s, term, SUBSTRING(%s::bytea FROM first FOR length)
        FROM unnest(%s::bigint[], %s::int[], %s::int[]) AS list (term, first, length)
        ON CONFLICT (block_id, term) DO UPDATE SET data = knowledge_posting.data || excluded.data
    """,
}
_READ = {
    "sqlite": """
        SELECT posting.block_id, posting.term, LENGTH(posting.data),
               CASE WHEN LENGTH(posting.data) <= %s THEN posting.data END
        FROM json_each(%s) block CROSS JOIN json_each(%s) term CROSS JOIN knowledge_posting posting
        WHERE posting.block_id = block.value AND posting.term = term.value
    """,
    "postgresql": """
        SELECT block_id, term, LENGTH(data), CASE WHEN LENGTH(data) <= %s THEN data END
        FROM knowledge_posting WHERE block_id = ANY(%s::bigint[]) AND term = ANY(%s::bigint[])
    """,
}
_MOVE = {
    "sqlite": """
        INSERT INTO knowledge_posting (block_id, term, data)
        SELECT %s, term, data FROM knowledge_posting WHERE block_id = %s
        ON CONFLICT (block_id, term)
        DO UPDATE SET data = CAST(knowledge_posting.data || excluded.data AS BLOB)
    """,
    "postgresql": """
        INSERT INTO knowledge_posting (block_id, term, data)
        SELECT %s, term, data FROM knowledge_posting WHERE block_id = %s ORDER BY term
        ON CONFLICT (block_id, term) DO UPDATE SET data = knowledge_posting.data || excluded.data
    """,
}
_UPDATE = {
    "sqlite": "UPDATE knowledge_posting SET data = %s WHERE block_id = %s AND term = %s",
    "postgresql": """
        UPDATE knowledge_posting SET data = SUBSTRING(%s::bytea FROM first FOR length)
        FROM unnest(%s::bigint[], %s::int[], %s::int[]) AS list (term, first, length)
        WHERE block_id = %s AND knowledge_posting.term = list.term
    """,
}


def digest(term: str) -> int:
    """Return the number that stands for a term: 64 bits, so that no two terms of a library meet."""
    return _digest(term) if " " in term else _digest_of_word(term)


def _digest(term: str) -> int:
    return int.from_bytes(blake2b(term.encode(), digest_size=8).digest(), "little", signed=True)


_digest_of_word = lru_cache(maxsize=50_000)(_digest)


@dataclass(slots=True)
class Lists:
    """The lists of one term, one for each block that has it.

    Attributes:
        passages: how many passages hold the term.
        blocks: ids of the blocks.
        data: the list in each of them; None while it is too long to be read unasked.
    """

    passages: int = 0
    blocks: list[int] = field(default_factory=list)
    data: list[bytes | None] = field(default_factory=list)


def append(weights: dict[int, dict[str, int]], language: str) -> None:
    """Add passages of one language: ``weights`` is the terms of each by passage id, in rising order."""
    numbers = np.fromiter(weights, np.int64, len(weights))
    counts = np.fromiter(map(len, weights.values()), np.int64, len(weights))
    total = int(counts.sum())
    terms = np.fromiter((digest(term) for held in weights.values() for term in held), np.int64, total)
    values = np.fromiter((weight for held in weights.values() for weight in held.values()), np.int64, total)
    _keep_terms(numbers, counts, terms, values)
    passages = np.repeat(numbers, counts)
    packed = ((passages & (BLOCK - 1)) << WEIGHT_BITS | values).astype(PACKED)
    for number in np.unique(passages >> BLOCK_BITS):
        inside = passages >> BLOCK_BITS == number
        many = int((numbers >> BLOCK_BITS == number).sum())
        block, _ = Block.objects.get_or_create(
            language=language, number=int(number), is_open=many < OPEN // 2
        )
        _append_to(block.pk, terms[inside], packed[inside])
        block.passages += many
        block.save(update_fields=["passages"])
        if block.is_open and block.passages >= OPEN:
            _empty(block)


def remove(passage_ids: Sequence[int], language: str) -> None:
    """Take passages of one language out; one without postings is passed over."""
    held = terms_of(passage_ids)
    for block in Block.objects.filter(language=language).order_by("pk"):
        here = [number for number in held if number >> BLOCK_BITS == block.number]
        if here:
            terms = np.unique(np.concatenate([held[number]["term"] for number in here]))
            gone = np.zeros(BLOCK, dtype=bool)
            gone[np.array(here) & (BLOCK - 1)] = True
            for first in range(0, len(terms), ROWS):
                _remove_from(block.pk, terms[first : first + ROWS].tolist(), gone)
    PassageTerms.objects.filter(pk__in=list(held)).delete()


def read(blocks: Collection[int], terms: Collection[int]) -> dict[int, Lists]:
    """Return the lists of ``terms`` in ``blocks``, by term; long ones without their data."""
    found: dict[int, Lists] = {}
    for block, term, length, data in _lists(blocks, terms, LONG):
        lists = found.setdefault(term, Lists())
        lists.passages += length // PACKED.itemsize
        lists.blocks.append(block)
        lists.data.append(data)
    return found


def read_long(wanted: dict[int, Lists]) -> None:
    """Fill in the data that ``read`` left out."""
    lacking = [term for term, lists in wanted.items() if None in lists.data]
    if lacking:
        blocks = {block for term in lacking for block in wanted[term].blocks}
        whole = {(block, term): data for block, term, _, data in _lists(blocks, lacking, 1 << 30)}
        for term in lacking:
            lists = wanted[term]
            lists.data = [whole.get((block, term), b"") for block in lists.blocks]


def terms_of(passage_ids: Collection[int]) -> dict[int, np.ndarray]:
    """Return the terms of indexed passages, each an array of ``OF_PASSAGE``."""
    among = is_among("bigint")
    statement = f"SELECT passage_id, data FROM knowledge_passageterms WHERE passage_id {among}"  # fixed  # nosec B608
    found = sorted(rows(statement, [as_one(passage_ids)]))
    return {number: np.frombuffer(data, OF_PASSAGE) for number, data in found}


def _keep_terms(numbers: np.ndarray, counts: np.ndarray, terms: np.ndarray, values: np.ndarray) -> None:
    kept = np.empty(len(terms), OF_PASSAGE)
    kept["term"], kept["weight"] = terms, values
    ends = np.concatenate([[0], np.cumsum(counts)]).tolist()
    PassageTerms.objects.bulk_create(
        (
            PassageTerms(passage_id=number, data=kept[first:last].tobytes())
            for number, (first, last) in zip(numbers.tolist(), pairwise(ends), strict=True)
        ),
        batch_size=500,
    )


def _empty(block: Block) -> None:
    """Move the lists of an open block to the closed one."""
    closed, _ = Block.objects.get_or_create(language=block.language, number=block.number, is_open=False)
    with connection.cursor() as cursor:
        cursor.execute(_MOVE[connection.vendor], [closed.pk, block.pk])
        cursor.execute("DELETE FROM knowledge_posting WHERE block_id = %s", [block.pk])
    Block.objects.filter(pk=closed.pk).update(passages=F("passages") + block.passages)
    Block.objects.filter(pk=block.pk).update(passages=0)


def _append_to(block: int, terms: np.ndarray, packed: np.ndarray) -> None:
    order = np.argsort(terms, kind="stable")
    terms, packed = terms[order], packed[order]
    firsts = np.flatnonzero(np.concatenate([[True], terms[1:] != terms[:-1]]))
    _write(block, terms[firsts], np.diff(firsts, append=len(terms)), packed, is_new=True)


def _remove_from(block: int, terms: Sequence[int], gone: np.ndarray) -> None:
    """Write the lists of ``terms`` again without the places that are ``gone``; empty ones are deleted."""
    lists = sorted((term, data) for _, term, _, data in _lists([block], terms, 1 << 30))
    packed = np.frombuffer(b"".join(data for _, data in lists), PACKED)
    lengths = np.array([len(data) // PACKED.itemsize for _, data in lists], dtype=np.int64)
    stays = ~gone[packed >> WEIGHT_BITS]
    left = np.add.reduceat(stays, np.cumsum(lengths) - lengths, dtype=np.int64) if lists else lengths
    terms_here = np.array([term for term, _ in lists], dtype=np.int64)
    shorter = (left < lengths) & (left > 0)
    _write(
        block, terms_here[shorter], left[shorter], packed[stays & np.repeat(shorter, lengths)], is_new=False
    )
    Posting.objects.filter(block=block, term__in=terms_here[left == 0].tolist()).delete()


def _write(block: int, terms: np.ndarray, lengths: np.ndarray, packed: np.ndarray, *, is_new: bool) -> None:
    """Append to (``is_new``) or replace the lists of ``terms``, which lie end to end in ``packed``."""
    size = PACKED.itemsize
    firsts, lasts = (np.cumsum(lengths) - lengths) * size, np.cumsum(lengths) * size
    data = packed.tobytes()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for part in (slice(first, first + ROWS) for first in range(0, len(terms), ROWS)):
                begin, end = int(firsts[part][0]), int(lasts[part][-1])
                lists = [_array(terms[part]), _array(firsts[part] - begin + 1), _array(lengths[part] * size)]
                statement = (_APPEND if is_new else _UPDATE)["postgresql"]
                values = [data[begin:end], *lists]
                cursor.execute(statement, [block, *values] if is_new else [*values, block])
            return
        pieces = zip(terms.tolist(), firsts.tolist(), lasts.tolist(), strict=True)
        if is_new:
            cursor.executemany(_APPEND["sqlite"], ((block, term, data[a:b]) for term, a, b in pieces))
        else:
            cursor.executemany(_UPDATE["sqlite"], ((data[a:b], block, term) for term, a, b in pieces))


def _lists(
    blocks: Iterable[int], terms: Collection[int], longest: int
) -> list[tuple[int, int, int, bytes | None]]:
    """Return block, term, bytes and data of the lists; the data only up to ``longest`` bytes."""
    return rows(_READ[connection.vendor], [longest, as_one(blocks), as_one(terms)])


def _array(numbers: np.ndarray) -> str:
    return "{" + ",".join(map(str, numbers.tolist())) + "}"
