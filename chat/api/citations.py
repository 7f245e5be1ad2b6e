"""REST: what an answer cites, in the version that was cited."""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.urls import reverse
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.tokens.access import READ
from chat.api import turn_examples as examples
from chat.api.serializers import CitationSerializer
from chat.cited import Cited, Standing, citation_of, citations_of
from chat.turn.outcome import citation_json
from knowledge.models import Version

_WORDS: Final[dict[Standing, str]] = {
    Standing.IN_FORCE: "This text is in force today.",
    Standing.SCHEDULED: "This text is not in force yet.",
    Standing.REPLACED: "A newer text has replaced this one.",
    Standing.EXPIRED: "This text is no longer in force.",
    Standing.WITHDRAWN: "This text was withdrawn.",
    Standing.DELETED: "This text was deleted. The quoted words are kept with the answer.",
    Standing.UNAVAILABLE: "This text is not available to you any more. The quoted words are kept.",
    Standing.RECORD: "From the company's records, as they were when this was answered.",
}


class CitedPassageSerializer(serializers.Serializer):
    """A passage, as it stands in the version that was cited."""

    text = serializers.CharField()
    headings = serializers.ListField(child=serializers.CharField(), help_text="From the title downwards.")
    start = serializers.IntegerField(help_text="Offset in the version's text, in characters.")
    end = serializers.IntegerField(help_text="Offset of the first character after it.")
    page = serializers.IntegerField(allow_null=True, help_text="Page of the file it was read from.")


class CitedVersionSerializer(serializers.Serializer):
    """A version of a document, with the days on which it holds."""

    number = serializers.IntegerField()
    status = serializers.ChoiceField(Version.Status.choices)
    effective_from = serializers.DateField(allow_null=True, help_text="Null: from the beginning.")
    effective_until = serializers.DateField(allow_null=True, help_text="Null: until replaced.")
    published_at = serializers.DateTimeField(allow_null=True)


class TextInForceSerializer(serializers.Serializer):
    """The text of the same document that holds today."""

    number = serializers.IntegerField()
    effective_from = serializers.DateField(allow_null=True)
    url = serializers.CharField(help_text="Opens the document.")


class CitedSerializer(CitationSerializer):
    """A citation with the whole passage; what became of the text since is in ``standing``."""

    standing = serializers.ChoiceField([standing.value for standing in Standing])
    words = serializers.CharField(help_text="The standing, in words for people.")
    passage = CitedPassageSerializer(
        allow_null=True, help_text="Null for records, and where the text is gone or not yours to read."
    )
    cited_version = CitedVersionSerializer(allow_null=True, help_text="Null as `passage`.")
    in_force = TextInForceSerializer(allow_null=True, help_text="Null where no text is in force.")
    removed_at = serializers.DateTimeField(allow_null=True, help_text="When it was deleted, where known.")

    class Meta(CitationSerializer.Meta):
        fields = (
            *CitationSerializer.Meta.fields,
            "standing", "words", "passage", "cited_version", "in_force", "removed_at",
        )  # fmt: skip

    def to_representation(self, cited: Cited) -> dict[str, Any]:
        """Return the citation as events have it, and what it leads to."""
        citation = citation_json(cited.citation)
        if cited.standing == Standing.UNAVAILABLE:
            citation["url"] = None
        version = cited.passage.version if cited.passage else None
        return {
            **citation,
            "effective_from": _day(citation["effective_from"]),
            "standing": cited.standing.value,
            "words": _WORDS[cited.standing],
            "passage": _passage(cited),
            "cited_version": _version(version) if version else None,
            "in_force": _in_force(cited),
            "removed_at": _moment(cited.removed_at),
        }


def _passage(cited: Cited) -> dict[str, Any] | None:
    if (passage := cited.passage) is None:
        return None
    headings = [part for part in passage.heading.split(" › ") if part]
    return {
        "text": passage.text, "headings": headings, "start": passage.start, "end": passage.end,
        "page": passage.page,
    }  # fmt: skip


def _version(version: Version) -> dict[str, Any]:
    return {
        "number": version.number,
        "status": version.status,
        "effective_from": _day(version.effective_from),
        "effective_until": _day(version.effective_until),
        "published_at": _moment(version.published_at),
    }


def _in_force(cited: Cited) -> dict[str, Any] | None:
    if (present := cited.in_force) is None or cited.passage is None:
        return None
    url = reverse("document", args=[cited.passage.version.document.slug])
    return {"number": present.number, "effective_from": _day(present.effective_from), "url": url}


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _moment(moment: datetime | None) -> str | None:
    return serializers.DateTimeField().to_representation(moment) if moment else None


class CitationsView(APIView):
    """What an answer cites."""

    scopes = {"GET": READ}

    @extend_schema(
        operation_id="turns_citations_list",
        responses=OpenApiResponse(CitedSerializer(many=True), "Empty while there is no answer."),
        examples=[examples.CITED_LIST],
    )
    def get(self, request: Request, turn_id: UUID) -> Response:
        """List the citations of an answer with the passages they were made from."""
        return Response(CitedSerializer(citations_of(request.user, turn_id), many=True).data)


class CitationView(APIView):
    """One citation of an answer."""

    scopes = {"GET": READ}

    @extend_schema(
        operation_id="turns_citations_retrieve", responses=CitedSerializer, examples=examples.CITED
    )
    def get(self, request: Request, turn_id: UUID, number: int) -> Response:
        """Return the passage in the version that was cited.

        The quoted words are always there, also when the text was withdrawn or deleted since: `standing`
        says so.
        """
        return Response(CitedSerializer(citation_of(request.user, turn_id, number)).data)
