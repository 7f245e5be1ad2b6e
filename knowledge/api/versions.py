"""REST views of a document's versions: list, write, publish, withdraw, discard, and their passages."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.parsers import FormParser, JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.limits.throttles import Requests, Uploads
from knowledge.api import schema
from knowledge.api.base import CHANGE, VIEW, StaffView
from knowledge.api.finding import changing, etag_of, has_condition, named, versions
from knowledge.api.pagination import AsTheyStand, NewestVersionFirst
from knowledge.api.problems import Refused
from knowledge.api.reading import keep, parsed_from
from knowledge.api.serializers import (
    NewVersionSerializer,
    PassageSerializer,
    UploadedVersionSerializer,
    VersionSerializer,
    VersionTextSerializer,
)
from knowledge.documents.publish import publish_version, withdraw_version
from knowledge.models import Document, Passage, Version


class VersionsView(StaffView):
    """The versions of a document, newest first; and the way to write the next."""

    throttle_classes = (Requests, Uploads)
    needs = {"GET": (VIEW,), "POST": (CHANGE,), "OPTIONS": (VIEW,)}
    serializer_class = VersionSerializer
    pagination_class = NewestVersionFirst
    queryset = Version.objects.none()
    parser_classes = (JSONParser, MultiPartParser, FormParser)

    @extend_schema(
        operation_id="versions_list",
        tags=[schema.DOCUMENTS],
        parameters=[schema.DOCUMENT],
        responses={(200, schema.JSON): VersionSerializer(many=True), **schema.problems(401, 403, 404)},
    )
    def get(self, request: Request, document: str) -> Response:
        """List the versions without their texts."""
        page = self.paginate_queryset(versions(named(Document.objects.all(), document)))
        return self.get_paginated_response(VersionSerializer(page, many=True).data)

    @extend_schema(
        operation_id="versions_create",
        tags=[schema.DOCUMENTS],
        parameters=[schema.DOCUMENT, schema.IF_MATCH, schema.ETAG],
        request={"application/json": NewVersionSerializer, "multipart/form-data": UploadedVersionSerializer},
        responses={
            (201, schema.JSON): VersionTextSerializer,
            **schema.problems(400, 401, 403, 404, 409, 412, 413, 422),
        },
    )
    def post(self, request: Request, document: str) -> Response:
        """Write a new text: it becomes the draft, or is published in the same step.

        A draft that waits is replaced only with ``If-Match``, so that nobody's draft is lost unseen.
        """
        sent = self.received(NewVersionSerializer, UploadedVersionSerializer)
        found = named(Document.objects.all(), document)
        parsed = parsed_from({"title": found.title, **sent})
        with changing(request, str(found.pk), index_too=sent["publish"]) as found:
            _keep_others_draft(request, found)
            version = keep(found, parsed, sent, request.user)
        where = reverse("knowledge-api:version", args=[found.slug, version.number])
        return _shown(found, version.number, status.HTTP_201_CREATED, Location=where)


class VersionView(StaffView):
    """One version of a document."""

    needs = {"GET": (VIEW,), "DELETE": (CHANGE,), "OPTIONS": (VIEW,)}
    serializer_class = VersionTextSerializer

    @extend_schema(
        operation_id="versions_retrieve",
        tags=[schema.DOCUMENTS],
        parameters=[schema.DOCUMENT, schema.NUMBER, schema.ETAG],
        responses={(200, schema.JSON): VersionTextSerializer, **schema.problems(401, 403, 404)},
    )
    def get(self, request: Request, document: str, number: int) -> Response:
        """Return the version with its text."""
        return _shown(named(Document.objects.all(), document), number)

    @extend_schema(
        operation_id="versions_discard",
        tags=[schema.DOCUMENTS],
        parameters=[schema.DOCUMENT, schema.NUMBER, schema.IF_MATCH],
        responses={204: OpenApiResponse(description="Gone."), **schema.problems(401, 403, 404, 409, 412)},
    )
    def delete(self, request: Request, document: str, number: int) -> Response:
        """Throw a draft away. What was published once is withdrawn instead: answers may cite it."""
        with changing(request, document) as found:
            version = get_object_or_404(found.versions, number=number)
            if version.status != Version.Status.DRAFT:
                raise Refused("not_draft", f"{version} is no draft, so it can only be withdrawn.")
            version.delete()
        return Response(status=status.HTTP_204_NO_CONTENT)


class VersionPublishView(StaffView):
    """Publish a version."""

    needs = {"POST": (CHANGE,)}
    serializer_class = VersionTextSerializer

    @extend_schema(
        operation_id="versions_publish",
        tags=[schema.DOCUMENTS],
        parameters=[schema.DOCUMENT, schema.NUMBER, schema.IF_MATCH, schema.ETAG],
        request=None,
        responses={
            (200, schema.JSON): VersionTextSerializer,
            **schema.problems(401, 403, 404, 409, 412, 422),
        },
    )
    def post(self, request: Request, document: str, number: int) -> Response:
        """Publish a draft, or a withdrawn version again; search has it when this answers."""
        with changing(request, document) as found:
            publish_version(get_object_or_404(found.versions, number=number))
        return _shown(found, number)


class VersionWithdrawView(StaffView):
    """Withdraw a version."""

    needs = {"POST": (CHANGE,)}
    serializer_class = VersionTextSerializer

    @extend_schema(
        operation_id="versions_withdraw",
        tags=[schema.DOCUMENTS],
        parameters=[schema.DOCUMENT, schema.NUMBER, schema.IF_MATCH, schema.ETAG],
        request=None,
        responses={(200, schema.JSON): VersionTextSerializer, **schema.problems(401, 403, 404, 409, 412)},
    )
    def post(self, request: Request, document: str, number: int) -> Response:
        """Take the version back; the one it had replaced, if any, holds again."""
        with changing(request, document) as found:
            withdraw_version(get_object_or_404(found.versions, number=number))
        return _shown(found, number)


class PassagesView(StaffView):
    """The passages of a version."""

    serializer_class = PassageSerializer
    pagination_class = AsTheyStand
    queryset = Passage.objects.none()

    @extend_schema(
        operation_id="passages_list",
        tags=[schema.DOCUMENTS],
        parameters=[schema.DOCUMENT, schema.NUMBER],
        responses={(200, schema.JSON): PassageSerializer(many=True), **schema.problems(401, 403, 404)},
    )
    def get(self, request: Request, document: str, number: int) -> Response:
        """List the passages in the order of the text; a draft has none before it is published."""
        found = named(Document.objects.all(), document)
        passages: QuerySet[Passage] = get_object_or_404(found.versions, number=number).passages.all()
        return self.get_paginated_response(
            PassageSerializer(self.paginate_queryset(passages), many=True).data
        )


def _keep_others_draft(request: Request, document: Document) -> None:
    latest = document.latest_version()
    if latest and latest.status == Version.Status.DRAFT and not has_condition(request):
        words = "A draft of it is waiting. To replace it send its ETag as If-Match, or publish or delete it."
        raise Refused("draft", words)


def _shown(document: Document, number: int, code: int = status.HTTP_200_OK, **headers: Any) -> Response:
    version = get_object_or_404(versions(document).defer(None), number=number)
    return Response(VersionTextSerializer(version).data, code, headers={"ETag": etag_of(document), **headers})
