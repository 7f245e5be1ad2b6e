"""REST views of imports: send many files or a zip, and see what became of each."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_serializer
from rest_framework import serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.limits.throttles import Requests, Uploads
from knowledge.api import examples, schema
from knowledge.api.base import ADD, CHANGE, StaffView
from knowledge.api.pagination import AsSent
from knowledge.api.serializers import DocumentFileField, FlagField, LanguageField
from knowledge.background import in_background
from knowledge.documents.batches import receive
from knowledge.documents.taking import IMPORT_NOTE
from knowledge.models import Audience, Import, ImportedFile
from knowledge.tasks import read_import

SEE, BEGIN = "knowledge.view_import", "knowledge.add_import"
_COUNTED = ("file", "published", "draft", "unchanged", "refused", "waiting")


class NewImportSerializer(serializers.Serializer):
    """Files to bring in; what is said here of category, audience and language is for files that name none."""

    files = serializers.ListField(child=DocumentFileField(), help_text="Documents, or zip archives of them.")
    note = serializers.CharField(max_length=300, default=IMPORT_NOTE, help_text="Kept with every version.")
    publish = FlagField(default=True, help_text="Otherwise the texts are kept as drafts.")
    category = serializers.CharField(max_length=40, default="", allow_blank=True)
    audience = serializers.ChoiceField(Audience.choices, required=False)
    language = LanguageField(required=False)


class CountsSerializer(serializers.Serializer):
    """Files of an import by their outcome; ``file`` counts all, the members of archives in their place."""

    file = serializers.IntegerField()
    published = serializers.IntegerField()
    draft = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    refused = serializers.IntegerField()
    waiting = serializers.IntegerField()


@extend_schema_serializer(examples=examples.IMPORT)
class ImportSerializer(serializers.ModelSerializer):
    """One import and how far it is."""

    author = serializers.CharField(source="author.username", allow_null=True, default=None)
    audience = serializers.ChoiceField(Audience.choices, read_only=True, allow_blank=True)
    counts = serializers.SerializerMethodField()

    class Meta:
        model = Import
        fields = (
            *("id", "status", "counts", "author", "note", "publish"),
            *("category", "audience", "language", "created_at", "finished_at"),
        )
        read_only_fields = fields

    @extend_schema_field(CountsSerializer)
    def get_counts(self, batch: Import) -> dict[str, int]:
        """Return the number of files by their outcome."""
        return {name: getattr(batch, f"{name}_count") for name in _COUNTED}


@extend_schema_serializer(examples=examples.IMPORTED_FILE)
class ImportedFileSerializer(serializers.ModelSerializer):
    """One file of an import and what became of it."""

    document = serializers.CharField(
        source="slug", help_text="Slug of the document that the file is a text of."
    )

    class Meta:
        model = ImportedFile
        fields = ("name", "size", "outcome", "document", "passages", "code", "reason")
        read_only_fields = fields


class ImportsView(StaffView):
    """Imports, newest first; and the way to begin one."""

    throttle_classes = (Requests, Uploads)
    needs = {"GET": (SEE,), "POST": (BEGIN, ADD, CHANGE), "OPTIONS": (SEE,)}
    serializer_class = ImportSerializer
    queryset = Import.objects.none()
    parser_classes = (MultiPartParser,)

    def most_bytes(self) -> int:
        """Return how large the files may be together."""
        return settings.UPLOAD_MAX_BYTES

    @extend_schema(
        operation_id="imports_list",
        tags=[schema.IMPORTS],
        responses={(200, schema.JSON): ImportSerializer(many=True), **schema.problems(401, 403)},
    )
    def get(self, request: Request) -> Response:
        """List imports."""
        page = self.paginate_queryset(_imports())
        return self.get_paginated_response(ImportSerializer(page, many=True).data)

    @extend_schema(
        operation_id="imports_create",
        tags=[schema.IMPORTS],
        request={"multipart/form-data": NewImportSerializer},
        responses={(202, schema.JSON): ImportSerializer, **schema.problems(400, 401, 403, 413, 422)},
    )
    def post(self, request: Request) -> Response:
        """Take files in. They are saved when this answers and read afterwards; one refused stops no other."""
        batch = _begin(self.received(NewImportSerializer), request)
        where = reverse("knowledge-api:import", args=[batch.pk])
        return Response(
            ImportSerializer(_imports().get(pk=batch.pk)).data,
            status.HTTP_202_ACCEPTED,
            headers={"Location": where},
        )


class ImportView(StaffView):
    """One import."""

    needs = {"GET": (SEE,), "OPTIONS": (SEE,)}
    serializer_class = ImportSerializer

    @extend_schema(
        operation_id="imports_retrieve",
        tags=[schema.IMPORTS],
        responses={(200, schema.JSON): ImportSerializer, **schema.problems(401, 403, 404)},
    )
    def get(self, request: Request, batch: UUID) -> Response:
        """Return how far the import is; it is at its end when its status is ``done``."""
        return Response(ImportSerializer(get_object_or_404(_imports(), pk=batch)).data)


class ImportedFilesView(StaffView):
    """The files of an import."""

    needs = {"GET": (SEE,), "OPTIONS": (SEE,)}
    serializer_class = ImportedFileSerializer
    pagination_class = AsSent
    queryset = ImportedFile.objects.none()

    @extend_schema(
        operation_id="imported_files_list",
        tags=[schema.IMPORTS],
        responses={(200, schema.JSON): ImportedFileSerializer(many=True), **schema.problems(401, 403, 404)},
    )
    def get(self, request: Request, batch: UUID) -> Response:
        """List the files as they were sent, the members of an archive after it, each with its outcome."""
        files = get_object_or_404(Import, pk=batch).files.defer("content")
        return self.get_paginated_response(
            ImportedFileSerializer(self.paginate_queryset(files), many=True).data
        )


def _imports() -> QuerySet[Import]:
    return Import.objects.with_counts().select_related("author")


def _begin(sent: dict[str, Any], request: Request) -> Import:
    options = {name: value for name, value in sent.items() if name != "files"}
    with transaction.atomic():
        batch = receive(Import(author=request.user, **options), sent["files"])
        in_background(read_import, str(batch.pk))
    return batch
