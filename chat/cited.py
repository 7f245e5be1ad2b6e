"""What an answer has cited: the passage in the version that was cited, and what became of it since."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils import timezone

from chat.errors import NotFound
from chat.models import Citation, Turn
from knowledge.models import Audience, Document, Passage, RemovedText, Version
from knowledge.models.documents import readable_audiences
from knowledge.search.snapshot import snapshot

if TYPE_CHECKING:
    from accounts.models import User


class Standing(StrEnum):
    """How the cited text stands today."""

    IN_FORCE = "in_force"
    SCHEDULED = "scheduled"
    REPLACED = "replaced"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    DELETED = "deleted"
    UNAVAILABLE = "unavailable"
    RECORD = "record"


@dataclass(frozen=True, slots=True)
class Cited:
    """A citation and what it was made from.

    Attributes:
        citation: with the words as they were quoted; these are always there.
        standing: how the text stands today.
        passage: as it stands in the version cited; None where it is gone, or is not this person's to read.
        in_force: the version that holds today; None where none does.
        removed_at: when the text was deleted, where that is known.
    """

    citation: Citation
    standing: Standing
    passage: Passage | None = None
    in_force: Version | None = None
    removed_at: datetime | None = None


def citations_of(user: "User", turn_id: UUID) -> list[Cited]:
    """Return everything that the answer of a turn cites, in the order of the numbers.

    Raises:
        NotFound: there is no such turn, or it is somebody else's.
    """
    return _of(user, turn_id, None)


def citation_of(user: "User", turn_id: UUID, number: int) -> Cited:
    """Return the citation with a number.

    Raises:
        NotFound: there is no such turn or number, or the turn is somebody else's.
    """
    found = _of(user, turn_id, number)
    if not found:
        raise NotFound("The answer has no citation with this number.")
    return found[0]


def _of(user: "User", turn_id: UUID, number: int | None) -> list[Cited]:
    turn = Turn.objects.visible_to(user).filter(pk=turn_id).first()
    if turn is None:
        raise NotFound("There is no such turn.")
    citations = turn.citations.order_by("number")
    with snapshot():
        chosen = citations if number is None else citations.filter(number=number)
        return _with_texts(list(chosen), Audience.STAFF if user.is_staff else Audience.PUBLIC)


def _with_texts(citations: Sequence[Citation], audience: str) -> list[Cited]:
    ids = {citation.passage_id for citation in citations if citation.passage_id is not None}
    passages = Passage.objects.select_related("version__document").in_bulk(ids)
    documents = {passage.version.document_id for passage in passages.values()}
    in_force = _in_force(documents)
    today = timezone.localdate()
    return [
        _cited(citation, passages.get(citation.passage_id), in_force, audience, today)
        for citation in citations
    ]


def _in_force(documents: Iterable[UUID]) -> dict[UUID, Version]:
    versions = Version.objects.in_force().filter(document__in=documents).defer("text")
    return {version.document_id: version for version in versions}


def _cited(
    citation: Citation, passage: Passage | None, in_force: dict[UUID, Version], audience: str, today: date
) -> Cited:
    if citation.kind == Citation.Kind.RECORD:
        return Cited(citation, Standing.RECORD)
    if passage is None:
        return _without_passage(citation, audience)
    if not _is_readable(passage.version.document, passage.version, audience):
        return Cited(citation, Standing.UNAVAILABLE)
    present = in_force.get(passage.version.document_id)
    return Cited(citation, _standing(passage.version, present, today), passage, present)


def _without_passage(citation: Citation, audience: str) -> Cited:
    """Say since when the text is gone, to those who could have read it."""
    readable = RemovedText.objects.filter(audience__in=readable_audiences(audience))
    removed = readable.filter(
        first_passage__lte=citation.passage_id, last_passage__gte=citation.passage_id
    ).first()
    return Cited(citation, Standing.DELETED, removed_at=removed.removed_at if removed else None)


def _is_readable(document: Document, version: Version, audience: str) -> bool:
    return document.audience in readable_audiences(audience) and version.status != Version.Status.DRAFT


def _standing(version: Version, in_force: Version | None, today: date) -> Standing:
    if in_force is not None and version.pk == in_force.pk:
        return Standing.IN_FORCE
    if version.status == Version.Status.WITHDRAWN:
        return Standing.WITHDRAWN
    if version.effective_from is not None and version.effective_from > today:
        return Standing.SCHEDULED
    if in_force is not None:
        return Standing.REPLACED
    return Standing.EXPIRED
