"""The pairs in the database, and the memory of those that staff find right."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from knowledge.models import Compared, Dismissal, Resemblance, Sketch, Version

Side = tuple[int, UUID, str]  # passage, document, words


@dataclass(frozen=True, slots=True)
class Pair:
    """A pair to be kept; ``first`` is of the passage with the lower id."""

    kind: str
    likeness: float
    first: Side
    second: Side

    @property
    def digest(self) -> str:
        """Return what the pair is known by in later versions: its documents and its words, in no order."""
        sides = sorted(
            (str(document), " ".join(words.casefold().split())) for _, document, words in self.sides
        )
        return hashlib.sha256(repr((self.kind, sides)).encode()).hexdigest()

    @property
    def sides(self) -> tuple[Side, Side]:
        """Return both."""
        return self.first, self.second


def keep(pairs: Sequence[Pair]) -> None:
    """Save the pairs that are not saved yet; one that staff have dismissed before is dismissed again."""
    dismissed = set(
        Dismissal.objects.filter(digest__in=[pair.digest for pair in pairs]).values_list("digest", flat=True)
    )
    rows = [
        Resemblance(
            kind=pair.kind,
            likeness=pair.likeness,
            first_id=pair.first[0],
            second_id=pair.second[0],
            first_words=pair.first[2],
            second_words=pair.second[2],
            digest=pair.digest,
            dismissed=pair.digest in dismissed,
        )
        for pair in pairs
    ]
    Resemblance.objects.bulk_create(rows, batch_size=100, ignore_conflicts=True)


def forget_what_is_gone() -> None:
    """Drop the pairs of which a passage is not in force any more, and the marks of such versions."""
    in_force = Version.objects.in_force().values("pk")
    Resemblance.objects.exclude(first__version__in=in_force, second__version__in=in_force).delete()
    gone = list(Compared.objects.exclude(version__in=in_force).values_list("version", flat=True))
    Sketch.objects.filter(passage__version__in=gone).delete()
    Compared.objects.filter(version__in=gone).delete()


def forget_repeated(passages: Iterable[int], words: Iterable[str]) -> None:
    """Take sentences that many documents hold out of the pairs among the passages."""
    passages, words = list(passages), frozenset(words)
    repeats = Resemblance.objects.filter(
        kind=Resemblance.Kind.REPEATS, first__in=passages, second__in=passages
    )
    changed, left = [], []
    for row in repeats.select_related("first__version", "second__version").only(
        "kind",
        "likeness",
        "first_words",
        "second_words",
        "first__version__document",
        "second__version__document",
    ):
        lines = list(zip(row.first_words.split("\n"), row.second_words.split("\n"), strict=True))
        kept = [both for both in lines if not words.intersection(both)]
        if len(kept) < len(lines):
            changed.append(row.pk)
            left += [_rewritten(row, kept)] if kept else []
    Resemblance.objects.filter(pk__in=changed).delete()
    keep(left)


def _rewritten(row: Resemblance, lines: Sequence[tuple[str, str]]) -> Pair:
    first, second = ("\n".join(side) for side in zip(*lines, strict=True))
    return Pair(
        row.kind,
        row.likeness,
        (row.first_id, row.first.version.document_id, first),
        (row.second_id, row.second.version.document_id, second),
    )


@transaction.atomic
def forget_everything() -> None:
    """Forget what was found and what was compared; what staff have dismissed stays known."""
    for model in (Resemblance, Sketch, Compared):
        model.objects.all().delete()


@transaction.atomic
def forget(versions: Iterable[Version]) -> None:
    """Forget what was found of the versions, and that they were compared."""
    ids = [version.pk for version in versions]
    Compared.objects.filter(version__in=ids).delete()
    Sketch.objects.filter(passage__version__in=ids).delete()
    for side in ("first", "second"):
        Resemblance.objects.filter(**{f"{side}__version__in": ids}).delete()


@transaction.atomic
def dismiss(resemblances: Iterable[Resemblance], by: AbstractBaseUser | None = None) -> int:
    """Remember that the pairs look right; return how many were not dismissed yet."""
    digests = [resemblance.digest for resemblance in resemblances]
    Dismissal.objects.bulk_create(
        [Dismissal(digest=digest, by=by) for digest in set(digests)], ignore_conflicts=True
    )
    return Resemblance.objects.filter(digest__in=digests, dismissed=False).update(dismissed=True)


@transaction.atomic
def restore(resemblances: Iterable[Resemblance]) -> int:
    """Take dismissals back; return how many pairs are open again."""
    digests = [resemblance.digest for resemblance in resemblances]
    Dismissal.objects.filter(digest__in=digests).delete()
    return Resemblance.objects.filter(digest__in=digests, dismissed=True).update(dismissed=False)
