"""Documents, versions and passages as the API takes and gives them."""

from typing import Any

from django.conf import settings
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from knowledge.api import examples
from knowledge.documents.language import is_code
from knowledge.models import Audience, Document, Passage, Version
from knowledge.models.documents import DocumentState


def _language(value: str) -> None:
    if not is_code(value):
        raise serializers.ValidationError("A language code such as en or es.")


class LanguageField(serializers.CharField):
    """The code of a language, kept in lower case."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=8, validators=[_language], **options)

    def to_internal_value(self, data: object) -> str:
        """Take the code in any case."""
        return super().to_internal_value(data).lower()


class FlagField(serializers.BooleanField):
    """Yes or no; a form without it leaves it at its default, as JSON does."""

    default_empty_html = serializers.empty


@extend_schema_field(OpenApiTypes.BINARY)
class DocumentFileField(serializers.FileField):
    """A file to read; an empty one is refused by the parser, in its words."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=255, allow_empty_file=True, **options)


@extend_schema_serializer(examples=examples.DOCUMENT)
class DocumentSerializer(serializers.ModelSerializer):
    """A document and how it stands today."""

    url = serializers.CharField(source="get_absolute_url", help_text="The page that customers read.")
    state = serializers.ChoiceField(DocumentState.choices, source="stands")
    version_in_force = serializers.IntegerField(
        source="number_in_force", allow_null=True, help_text="Number of the text that holds today."
    )
    latest_version = serializers.IntegerField(source="latest_number", allow_null=True)
    draft = serializers.IntegerField(
        source="draft_number", allow_null=True, help_text="Number of the draft that waits."
    )
    passages_in_search = serializers.IntegerField(source="in_search")
    last_published = serializers.DateTimeField(source="published_last", allow_null=True)

    class Meta:
        model = Document
        fields = (
            *("id", "slug", "title", "category", "audience", "language", "created_at", "url", "state"),
            *("version_in_force", "latest_version", "draft", "passages_in_search", "last_published"),
        )
        read_only_fields = fields


@extend_schema_serializer(examples=examples.DETAILS)
class DetailsSerializer(serializers.Serializer):
    """What a document is called and who may read it; what is left out stays as it is."""

    title = serializers.CharField(max_length=200, required=False)
    slug = serializers.SlugField(max_length=120, required=False)
    category = serializers.CharField(max_length=40, required=False, allow_blank=True)
    audience = serializers.ChoiceField(Audience.choices, required=False)
    language = LanguageField(required=False, help_text="Of the text; a new document's is told from it.")


class _TextDetailsSerializer(serializers.Serializer):
    """What is said about a text."""

    note = serializers.CharField(
        max_length=300, required=False, allow_blank=True, help_text="What changed and why."
    )
    effective_from = serializers.DateField(required=False, allow_null=True, help_text="First day.")
    effective_until = serializers.DateField(required=False, allow_null=True, help_text="Last day.")
    publish = FlagField(default=False, help_text="Publish it in the same step.")


class _FileSerializer(serializers.Serializer):
    """A file in place of a text."""

    file = DocumentFileField(help_text="Its ending says how it is read.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse two texts at once."""
        if "text" in self.initial_data:
            raise serializers.ValidationError({"text": ["Send a text or a file, not both."]})
        return attrs


class _TextSerializer(serializers.Serializer):
    """A text as such."""

    text = serializers.CharField(trim_whitespace=False, allow_blank=True, help_text="Markdown.")

    def validate_text(self, text: str) -> str:
        """Hold a text to the size that a file may have."""
        if len(text.encode()) > settings.DOCUMENT_MAX_BYTES:
            raise serializers.ValidationError("It is larger than a document may be.")
        return text


@extend_schema_serializer(examples=examples.NEW_VERSION)
class NewVersionSerializer(_TextDetailsSerializer, _TextSerializer):
    """A new text of a document."""


class UploadedVersionSerializer(_TextDetailsSerializer, _FileSerializer):
    """A new text of a document, read from a file; dates that are left out are those the file names."""


@extend_schema_serializer(examples=examples.NEW_DOCUMENT)
class NewDocumentSerializer(DetailsSerializer, _TextDetailsSerializer, _TextSerializer):
    """A document with its first text; without a slug it gets one made from the title."""

    title = serializers.CharField(max_length=200)


class UploadedDocumentSerializer(DetailsSerializer, _TextDetailsSerializer, _FileSerializer):
    """A document read from a file; details that are left out are those the file names."""


@extend_schema_serializer(examples=examples.VERSION)
class VersionSerializer(serializers.ModelSerializer):
    """One text of a document, without the text."""

    author = serializers.CharField(source="author.username", allow_null=True, default=None)
    in_force = serializers.SerializerMethodField(help_text="Whether it is the one that holds today.")
    passages = serializers.IntegerField(source="held", help_text="Passages cut from it; a draft has none.")

    class Meta:
        model = Version
        fields = (
            *("number", "status", "in_force", "effective_from", "effective_until", "author", "note"),
            *("file_name", "created_at", "published_at", "passages"),
        )
        read_only_fields = fields

    def get_in_force(self, version: Version) -> bool:
        """Compare with the number that holds."""
        return version.number == version.number_in_force


@extend_schema_serializer(examples=examples.VERSION_TEXT)
class VersionTextSerializer(VersionSerializer):
    """One text of a document."""

    class Meta(VersionSerializer.Meta):
        fields = (*VersionSerializer.Meta.fields, "text")
        read_only_fields = fields


@extend_schema_serializer(examples=examples.CREATED)
class CreatedSerializer(serializers.Serializer):
    """A new document and its first version."""

    document = DocumentSerializer()
    version = VersionSerializer()


@extend_schema_serializer(examples=examples.PASSAGE)
class PassageSerializer(serializers.ModelSerializer):
    """A piece of a text that answers cite: ``start`` and ``end`` are character offsets in the text."""

    url = serializers.CharField(source="get_absolute_url", help_text="Opens the version at this place.")

    class Meta:
        model = Passage
        fields = ("id", "position", "heading", "text", "start", "end", "page", "url")
        read_only_fields = fields


class DocumentFilterSerializer(serializers.Serializer):
    """Which documents to list."""

    state = serializers.ChoiceField(DocumentState.choices, required=False, help_text="How it stands today.")
    draft = serializers.BooleanField(
        required=False, allow_null=True, default=None, help_text="Whether a draft waits."
    )
    category = serializers.CharField(required=False, max_length=40)
    audience = serializers.ChoiceField(Audience.choices, required=False)
    language = LanguageField(required=False)
    q = serializers.CharField(required=False, max_length=200, help_text="Words of title, slug or category.")
