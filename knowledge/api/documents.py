"""REST views of documents: list, create, details, withdraw, delete."""

from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.parsers import FormParser, JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.limits.throttles import Requests, Uploads
from knowledge.api import schema
from knowledge.api.base import ADD, CHANGE, DELETE, VIEW, StaffView
from knowledge.api.finding import changing, documents, etag_of, named, slug_free, versions
from knowledge.api.reading import details_of, keep, parsed_from
from knowledge.api.serializers import (
    CreatedSerializer,
    DetailsSerializer,
    DocumentFilterSerializer,
    DocumentSerializer,
    NewDocumentSerializer,
    UploadedDocumentSerializer,
)
from knowledge.documents.publish import change_details, delete_document, withdraw_document
from knowledge.models import Document
from knowledge.search import index


class DocumentsView(StaffView):
    """All documents, newest first; and the way to bring one in."""

    throttle_classes = (Requests, Uploads)
    needs = {"GET": (VIEW,), "POST": (ADD,), "OPTIONS": (VIEW,)}
    serializer_class = DocumentSerializer
    queryset = Document.objects.none()
    parser_classes = (JSONParser, MultiPartParser, FormParser)

    @extend_schema(
        operation_id="documents_list",
        tags=[schema.DOCUMENTS],
        parameters=[DocumentFilterSerializer],
        responses={(200, schema.JSON): DocumentSerializer(many=True), **schema.problems(400, 401, 403)},
    )
    def get(self, request: Request) -> Response:
        """List documents, drafts and documents for staff only among them."""
        wanted = DocumentFilterSerializer(data=request.query_params)
        wanted.is_valid(raise_exception=True)
        page = self.paginate_queryset(_filtered(documents(), wanted.validated_data))
        return self.get_paginated_response(DocumentSerializer(page, many=True).data)

    @extend_schema(
        operation_id="documents_create",
        tags=[schema.DOCUMENTS],
        request={
            "application/json": NewDocumentSerializer,
            "multipart/form-data": UploadedDocumentSerializer,
        },
        responses={(201, schema.JSON): CreatedSerializer, **schema.problems(400, 401, 403, 409, 413, 422)},
    )
    def post(self, request: Request) -> Response:
        """Make a document from a text or a file; publishing it too needs the permission to change."""
        sent = self.received(NewDocumentSerializer, UploadedDocumentSerializer)
        if sent["publish"] and not request.user.has_perm(CHANGE):
            self.permission_denied(request, "You may not publish documents.")
        document = _create(sent, request)
        answer = CreatedSerializer(
            {"document": named(documents(), str(document.pk)), "version": versions(document).get()}
        )
        headers = {"Location": reverse("knowledge-api:document", args=[document.slug])}
        return Response(answer.data, status.HTTP_201_CREATED, headers=headers | {"ETag": etag_of(document)})


class DocumentView(StaffView):
    """One document, by its id or its slug."""

    needs = {"GET": (VIEW,), "PATCH": (CHANGE,), "DELETE": (DELETE,), "OPTIONS": (VIEW,)}
    serializer_class = DocumentSerializer

    @extend_schema(
        operation_id="documents_retrieve",
        tags=[schema.DOCUMENTS],
        parameters=[schema.DOCUMENT, schema.ETAG],
        responses={(200, schema.JSON): DocumentSerializer, **schema.problems(401, 403, 404)},
    )
    def get(self, request: Request, document: str) -> Response:
        """Return the document; the ETag stands for it with all its versions."""
        return shown(document)

    @extend_schema(
        operation_id="documents_update",
        tags=[schema.DOCUMENTS],
        parameters=[schema.DOCUMENT, schema.IF_MATCH, schema.ETAG],
        request=DetailsSerializer,
        responses={(200, schema.JSON): DocumentSerializer, **schema.problems(400, 401, 403, 404, 409, 412)},
    )
    def patch(self, request: Request, document: str) -> Response:
        """Change title, slug, category, audience or language; search follows in the same step."""
        sent = self.received(DetailsSerializer)
        with slug_free(), changing(request, document) as found:
            for name, value in sent.items():
                setattr(found, name, value)
            change_details(found)
        return shown(str(found.pk))

    @extend_schema(
        operation_id="documents_delete",
        tags=[schema.DOCUMENTS],
        parameters=[schema.DOCUMENT, schema.IF_MATCH],
        responses={204: OpenApiResponse(description="Gone."), **schema.problems(401, 403, 404, 412)},
    )
    def delete(self, request: Request, document: str) -> Response:
        """Delete the document with all its versions, out of search at once; answers keep what they cited."""
        with changing(request, document) as found:
            delete_document(found)
        return Response(status=status.HTTP_204_NO_CONTENT)


class DocumentWithdrawView(StaffView):
    """Take a document out of use."""

    needs = {"POST": (CHANGE,)}
    serializer_class = DocumentSerializer

    @extend_schema(
        operation_id="documents_withdraw",
        tags=[schema.DOCUMENTS],
        parameters=[schema.DOCUMENT, schema.IF_MATCH, schema.ETAG],
        request=None,
        responses={(200, schema.JSON): DocumentSerializer, **schema.problems(401, 403, 404, 409, 412)},
    )
    def post(self, request: Request, document: str) -> Response:
        """Withdraw every published version of the document."""
        with changing(request, document) as found:
            withdraw_document(found)
        return shown(str(found.pk))


def shown(name: str) -> Response:
    """Return the document with its ETag."""
    found = named(documents(), name)
    return Response(DocumentSerializer(found).data, headers={"ETag": etag_of(found)})


def _create(sent: dict[str, Any], request: Request) -> Document:
    parsed = parsed_from(sent)  # before the transaction: a large file takes its time
    with transaction.atomic():
        if sent["publish"]:
            index.lock_library()
        with slug_free():
            document = Document.objects.create(**details_of(parsed, sent))
        keep(document, parsed, sent, request.user)
    return document


def _filtered(found: QuerySet[Document], wanted: dict[str, Any]) -> QuerySet[Document]:
    for name, field in (("state", "stands"), ("category",) * 2, ("audience",) * 2, ("language",) * 2):
        if name in wanted:
            found = found.filter(**{field: wanted[name]})
    if wanted["draft"] is not None:
        found = found.filter(draft_number__isnull=not wanted["draft"])
    for word in wanted.get("q", "").split():
        fields = (Q(**{f"{field}__icontains": word}) for field in ("title", "slug", "category"))
        found = found.filter(next(fields) | next(fields) | next(fields))
    return found
