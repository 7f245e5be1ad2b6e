"""How the index stands: what should be in it and is not, or the other way round, and setting that right."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from knowledge.models import Document, Passage, PassageTerms, Shelf, Version
from knowledge.search import index, postings, vocabulary
from knowledge.search.terms import base_language, content_words

MOST_AT_ONCE = 2_000  # passages


@dataclass(frozen=True, slots=True)
class Problems:
    """What is wrong with the index.

    Attributes:
        missing: versions that hold on some day and are not in the index.
        surplus: versions in the index that hold on no day.
        left_over: passages in the index that were deleted past ``knowledge.documents.publish``.
    """

    missing: tuple[Version, ...]
    surplus: tuple[Version, ...]
    left_over: int

    def __bool__(self) -> bool:
        """Say whether there is anything wrong."""
        return bool(self.missing or self.surplus or self.left_over)


def index_state() -> dict[str, int | bool]:
    """Return the passages and words (``terms``) in the index, its ``revision``, and ``ok``: all is in order.

    What is not in order is named by ``problems``.
    """
    shelves = list(Shelf.objects.values_list("passages", "words"))
    passages = sum(held for held, _ in shelves)
    expected = Passage.objects.filter(version__indexed=True).count()
    return {
        "ok": passages == expected and not _missing().exists() and not _surplus().exists(),
        "passages": passages,
        "terms": sum(words for _, words in shelves),
        "revision": index.revision(),
    }


def problems() -> Problems:
    """Return what is wrong with the index, naming the versions."""
    named = Version.objects.select_related("document").defer("text").order_by("document", "number")
    return Problems(
        missing=tuple(named.filter(pk__in=_missing().values("pk"))),
        surplus=tuple(named.filter(pk__in=_surplus().values("pk"))),
        left_over=_left_over().count(),
    )


@transaction.atomic
def repair() -> Problems:
    """Set right what ``problems`` names, and return it. Readers see all of the repair or none of it."""
    index.lock_library()
    found = problems()
    index.add(found.missing)
    index.remove(found.surplus)
    while numbers := list(_left_over().values_list("pk", flat=True)[:MOST_AT_ONCE]):
        for language in Shelf.objects.values_list("language", flat=True):
            postings.remove(numbers, language)
        PassageTerms.objects.filter(pk__in=numbers).delete()
    for shelf in Shelf.objects.all():
        held = PassageTerms.objects.filter(passage__version__document__language__in=_codes(shelf.language))
        Shelf.objects.filter(pk=shelf.pk).update(passages=held.count())
    return found


@transaction.atomic
def rebuild_version(version: Version) -> bool:
    """Make the postings of one version anew, in one transaction; return whether it is in the index at all."""
    index.lock_library()
    version = (
        Version.objects.select_related("document").defer("text").filter(pk=version.pk, indexed=True).first()
    )
    if version is None:
        return False
    index.remove([version])
    index.add([version])
    return True


@transaction.atomic
def rebuild_vocabulary() -> None:
    """Count the words of all passages in the index anew."""
    index.lock_library()
    for language in list(Shelf.objects.values_list("language", flat=True)):
        passages = Passage.objects.filter(
            version__indexed=True, version__document__language__in=_codes(language)
        )
        rows = passages.order_by("pk").values_list("heading", "text").iterator(chunk_size=MOST_AT_ONCE)
        words = vocabulary.rebuild((content_words(" ".join(both), language) for both in rows), language)
        Shelf.objects.filter(pk=language).update(words=words)


def _missing() -> QuerySet[Version]:
    """Return the versions that hold on some day, but are not in the index."""
    return Version.objects.published().filter(~Exists(_newer_that_covers()), indexed=False)


def _surplus() -> QuerySet[Version]:
    """Return the versions in the index that hold on no day: not published, or covered by a newer one."""
    not_published = ~Q(status=Version.Status.PUBLISHED)
    return Version.objects.filter(not_published | Exists(_newer_that_covers()), indexed=True)


def _newer_that_covers() -> QuerySet[Version]:
    """Return the newer published versions of the document that leave the outer one no day."""
    return Version.objects.published().filter(
        Q(effective_from__isnull=True) | Q(effective_from__lte=OuterRef("effective_from")),
        Q(effective_until__isnull=True) | Q(effective_until__gte=OuterRef("effective_until")),
        document=OuterRef("document"),
        number__gt=OuterRef("number"),
    )


def _left_over() -> QuerySet[PassageTerms]:
    """Return the terms of passages that are no more."""
    return PassageTerms.objects.filter(~Exists(Passage.objects.filter(pk=OuterRef("pk")))).order_by("pk")


def _codes(language: str) -> list[str]:
    """Return the documents' language codes that begin with ``language``."""
    codes = Document.objects.order_by().values_list("language", flat=True).distinct()
    return [code for code in codes if base_language(code) == language]
