"""REST view of search: what the desk would find for a question."""

from typing import Any

from django.conf import settings
from django.urls import reverse
from drf_spectacular.utils import extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from knowledge.api import examples, schema
from knowledge.api.base import VIEW, StaffView
from knowledge.api.serializers import LanguageField
from knowledge.models import Audience
from knowledge.search import Hit, Query, prepare_now, search

MOST_HITS = 50
VERDICTS = (("sure", "Answered"), ("unsure", "Answered, marked as unsure"), ("refused", "Refused"))
_LISTS = ("history", "categories", "languages", "documents")


@extend_schema_serializer(examples=examples.QUESTION)
class QuestionSerializer(serializers.Serializer):
    """A question, and where to look."""

    q = serializers.CharField(max_length=4_000, allow_blank=True, help_text="The question.")
    history = serializers.ListField(
        child=serializers.CharField(max_length=4_000),
        required=False,
        max_length=50,
        help_text="The conversation's earlier turns, oldest first.",
    )
    language = LanguageField(default="en", help_text="The question's own.")
    on = serializers.DateField(required=False, allow_null=True, help_text="Day whose texts count; today.")
    audience = serializers.ChoiceField(
        Audience.choices, default=Audience.PUBLIC, help_text="staff includes what is for staff only."
    )
    categories = serializers.ListField(child=serializers.CharField(max_length=40), required=False)
    languages = serializers.ListField(child=LanguageField(), required=False, help_text="Of the documents.")
    documents = serializers.ListField(child=serializers.SlugField(), required=False, help_text="Slugs.")
    limit = serializers.IntegerField(min_value=1, max_value=MOST_HITS, required=False)


class FoundDocumentSerializer(serializers.Serializer):
    """The document of a passage found."""

    id = serializers.UUIDField()
    slug = serializers.CharField()
    title = serializers.CharField()
    category = serializers.CharField()
    language = serializers.CharField()


class HitSerializer(serializers.Serializer):
    """A passage found."""

    passage = serializers.IntegerField(help_text="Id of the passage.")
    document = FoundDocumentSerializer()
    version = serializers.IntegerField(help_text="Number of the version.")
    heading = serializers.CharField(help_text="Title path, parts joined by ›.")
    text = serializers.CharField()
    page = serializers.IntegerField(allow_null=True)
    effective_from = serializers.DateField(allow_null=True)
    score = serializers.FloatField()
    url = serializers.CharField(help_text="Opens the version at this place.")


class MarksSerializer(serializers.Serializer):
    """The settings that the verdict goes by."""

    refuse_below = serializers.FloatField()
    sure_above = serializers.FloatField()


@extend_schema_serializer(examples=examples.FOUND)
class FoundSerializer(serializers.Serializer):
    """What a question finds, best first, and what the desk would make of it."""

    verdict = serializers.ChoiceField(
        VERDICTS, help_text="Whether the desk would answer from these passages."
    )
    confidence = serializers.FloatField()
    marks = MarksSerializer()
    corrections = serializers.DictField(
        child=serializers.CharField(), help_text="Words of the question that were read as another word."
    )
    revision = serializers.IntegerField(help_text="Of the library: any change raises it.")
    hits = HitSerializer(many=True)


class SearchView(StaffView):
    """Search as the desk does."""

    needs = {"GET": (VIEW,), "POST": (VIEW,), "OPTIONS": (VIEW,)}
    serializer_class = FoundSerializer

    @extend_schema(
        operation_id="search",
        tags=[schema.SEARCH],
        parameters=[QuestionSerializer],
        responses={(200, schema.JSON): FoundSerializer, **schema.problems(400, 401, 403)},
    )
    def get(self, request: Request) -> Response:
        """Search; parameters that are lists are given once for each entry."""
        sent = request.query_params.dict()
        sent |= {name: request.query_params.getlist(name) for name in _LISTS if name in sent}
        return _found(sent)

    @extend_schema(
        operation_id="search_with_history",
        tags=[schema.SEARCH],
        request=QuestionSerializer,
        responses={(200, schema.JSON): FoundSerializer, **schema.problems(400, 401, 403)},
    )
    def post(self, request: Request) -> Response:
        """Search; the question is not kept."""
        return _found(request.data)


def _found(sent: Any) -> Response:
    asked = QuestionSerializer(data=sent)
    asked.is_valid(raise_exception=True)
    values = {name: tuple(value) if name in _LISTS else value for name, value in asked.validated_data.items()}
    values.setdefault("limit", settings.SEARCH_PASSAGES)
    results = search(prepare_now(Query(text=values.pop("q"), **values)))
    found = {
        "verdict": _verdict(results.score),
        "confidence": results.score,
        "marks": {
            "refuse_below": settings.SEARCH_REFUSE_BELOW,
            "sure_above": settings.SEARCH_SURE_ABOVE,
        },
        "corrections": results.corrected,
        "revision": results.revision,
        "hits": [_hit(hit) for hit in results.hits],
    }
    return Response(FoundSerializer(found).data)


def _verdict(confidence: float) -> str:
    if confidence < settings.SEARCH_REFUSE_BELOW:
        return "refused"
    return "sure" if confidence >= settings.SEARCH_SURE_ABOVE else "unsure"


def _hit(hit: Hit) -> dict[str, Any]:
    return {
        "passage": hit.passage_id,
        "document": {
            "id": hit.document_id,
            "slug": hit.slug,
            "title": hit.title,
            "category": hit.category,
            "language": hit.language,
        },
        "version": hit.version_number,
        "heading": hit.heading,
        "text": hit.text,
        "page": hit.page,
        "effective_from": hit.effective_from,
        "score": hit.score,
        "url": reverse("passage", args=[hit.passage_id]),
    }
