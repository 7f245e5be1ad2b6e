"""Staff bring files in, and watch what becomes of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.options import IS_POPUP_VAR
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.text import Truncator

from accounts import limits
from knowledge.background import in_background
from knowledge.documents import batches
from knowledge.documents.language import is_code
from knowledge.documents.parse import ENDINGS, in_megabytes
from knowledge.documents.taking import IMPORT_NOTE
from knowledge.errors import DocumentRefused
from knowledge.models import Audience, Import, ImportedFile
from knowledge.tasks import read_import
from knowledge.uploads import upload_was_cut

ROWS = 100  # files on one page
# An import makes documents and changes those that are there, so it takes the rights for both.
RIGHTS = ("knowledge.add_import", "knowledge.add_document", "knowledge.change_document")
Outcome = ImportedFile.Outcome


class FilesInput(forms.FileInput):
    """A chooser of several files."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files, empty ones too: what is wrong with a file is said of that file, among the outcomes."""

    widget = FilesInput

    def clean(self, data: Sequence[UploadedFile] | None, initial: object = None) -> list[UploadedFile]:
        """Return the files. Raises ValidationError for none."""
        return [super(FilesField, self).clean(one, initial) for one in data or [None]]


class UploadForm(forms.ModelForm):
    """Files and how they are to be taken."""

    publish = forms.TypedChoiceField(
        choices=[("yes", "Publish at once"), ("no", "Keep as drafts")],
        coerce=lambda choice: choice == "yes",
        initial="yes",
        widget=forms.RadioSelect,
        label="New texts",
    )
    audience = forms.ChoiceField(choices=Audience.choices, initial=Audience.PUBLIC)
    language = forms.CharField(
        max_length=8, required=False, help_text="A code such as en or es; empty: found out from the text."
    )
    note = forms.CharField(max_length=300, required=False, help_text="Kept with every version made.")
    # Last, so that the other fields are read when the files are too large to be.
    files = FilesField(allow_empty_file=True, error_messages={"required": "Choose at least one file."})

    class Meta:
        model = Import
        fields = ("publish", "category", "audience", "language", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].help_text = ""
        self.fields["category"].widget.attrs["class"] = self.fields["note"].widget.attrs["class"] = (
            "vTextField"
        )
        accept = ",".join([*ENDINGS, ".zip"])
        self.fields["files"].widget.attrs |= {
            "accept": accept,
            "data-files": "",
            "aria-describedby": "limits",
        }

    def clean_language(self) -> str:
        """Refuse what is no language code."""
        language = self.cleaned_data["language"].strip().lower()
        if language and not is_code(language):
            raise forms.ValidationError("This is no language code such as en or es.")
        return language

    def clean_note(self) -> str:
        """Return a note in any case: by it a later import knows the drafts of this one."""
        return self.cleaned_data["note"].strip() or IMPORT_NOTE


@admin.register(Import)
class ImportAdmin(admin.ModelAdmin):
    """Uploads of files, each with what became of every file."""

    change_list_template = "knowledge/admin/import_list.html"
    list_display = (
        *("uploaded", "author", "note", "status", "file_count"),
        *("published_count", "draft_count", "unchanged_count", "refused_count"),
    )
    search_fields = ("note", "author__username")
    list_select_related = ("author",)
    date_hierarchy = "created_at"
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[Import]:
        """Count the files."""
        return super().get_queryset(request).with_counts()

    @admin.display(description="uploaded", ordering="created_at")
    def uploaded(self, batch: Import) -> datetime:
        """Return when the files came in."""
        return batch.created_at

    @admin.display(description="files", ordering="file_count")
    def file_count(self, batch: Import) -> int:
        """Return the number of files, without archives."""
        return batch.file_count

    @admin.display(description="published", ordering="published_count")
    def published_count(self, batch: Import) -> int:
        """Return the number of texts published."""
        return batch.published_count

    @admin.display(description="drafts", ordering="draft_count")
    def draft_count(self, batch: Import) -> int:
        """Return the number of texts kept as drafts."""
        return batch.draft_count

    @admin.display(description="unchanged", ordering="unchanged_count")
    def unchanged_count(self, batch: Import) -> int:
        """Return the number of files with nothing new in them."""
        return batch.unchanged_count

    @admin.display(description="refused", ordering="refused_count")
    def refused_count(self, batch: Import) -> int:
        """Return the number of files refused."""
        return batch.refused_count

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Who brings files in makes documents and changes documents."""
        return request.user.has_perms(RIGHTS)

    def has_view_permission(self, request: HttpRequest, obj: Import | None = None) -> bool:
        """Who may bring files in may see what became of them."""
        return super().has_view_permission(request, obj) or self.has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Import | None = None) -> bool:
        """What was uploaded is not changed after the fact."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """Add what the page asks while files are read."""
        view = self.admin_site.admin_view(self.progress_view)
        return [path("<uuid:pk>/progress/", view, name="knowledge_import_progress"), *super().get_urls()]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the form for files, and receive them."""
        if not self.has_add_permission(request) or IS_POPUP_VAR in request.GET:
            raise PermissionDenied
        if request.method == "POST":
            limits.take_or_refuse(limits.rule("uploads"), request.user.pk)
        form = UploadForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and (batch := self._receive(request, form)):
            return HttpResponseRedirect(reverse("admin:knowledge_import_change", args=[batch.pk]))
        context = self._context(request, "Import files") | {
            "form": form,
            "endings": ", ".join(ENDINGS),
            "limits": {
                "files": settings.UNPACKED_MAX_FILES,
                "file_bytes": settings.DOCUMENT_MAX_BYTES,
                "upload_bytes": settings.UPLOAD_MAX_BYTES,
                "file_words": in_megabytes(settings.DOCUMENT_MAX_BYTES),
                "upload_words": in_megabytes(settings.UPLOAD_MAX_BYTES),
            },
        }
        return TemplateResponse(request, "knowledge/admin/import_form.html", context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show what became, and becomes, of every file."""
        batch = self.get_object(request, object_id)
        if batch is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_permission(request, batch):
            raise PermissionDenied
        context = self._context(request, str(batch)) | self._progress(request, batch)
        context["has_delete_permission"] = self.has_delete_permission(request, batch)
        return TemplateResponse(request, "knowledge/admin/import_batch.html", context)

    def progress_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Return the part of the page that changes while files are read."""
        batch = self.get_object(request, str(pk))
        if batch is None:
            raise Http404("there is no such import")
        if not self.has_view_permission(request, batch):
            raise PermissionDenied
        context = self._progress(request, batch)
        return TemplateResponse(request, "knowledge/admin/import_progress.html", context)

    def delete_model(self, request: HttpRequest, obj: Import) -> None:
        """Delete the list; whoever is reading it stops. The batch is locked first, as its reader does."""
        with transaction.atomic():
            list(Import.objects.select_for_update().filter(pk=obj.pk))
            Import.objects.filter(pk=obj.pk).delete()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Import]) -> None:
        """Delete each."""
        for batch in queryset:
            self.delete_model(request, batch)

    def get_deleted_objects(self, objs: Sequence[Import], request: HttpRequest) -> tuple:
        """Tell what goes, without loading every file with its content."""
        files = ImportedFile.objects.filter(batch__in=[batch.pk for batch in objs]).count()
        told = [f"{batch}: the list of its files. The documents stay." for batch in objs]
        if any(not batch.is_done for batch in objs):
            told.append("Files that have not been read yet are not imported.")
        counts = {self.opts.verbose_name_plural: len(objs), ImportedFile._meta.verbose_name_plural: files}
        lacking = set() if self.has_delete_permission(request) else {self.opts.verbose_name}
        return told, counts, lacking, []

    def _receive(self, request: HttpRequest, form: UploadForm) -> Import | None:
        """Save the upload and have it read; with None the form says why not."""
        if upload_was_cut(request):
            most = in_megabytes(settings.UPLOAD_MAX_BYTES)
            words = f"At most {settings.UNPACKED_MAX_FILES:,} files and {most} can be brought in at once."
            form.errors["files"] = form.error_class([f"{words} Nothing was kept; bring them in parts."])
            return None
        if not form.is_valid():
            return None
        form.instance.author = request.user
        try:
            with transaction.atomic():
                batch = batches.receive(form.instance, form.cleaned_data["files"])
                self.log_addition(request, batch, f"{len(form.cleaned_data['files'])} files uploaded.")
                in_background(read_import, str(batch.pk))
        except DocumentRefused as refusal:
            form.add_error("files", refusal.words)
            return None
        return batch

    def _context(self, request: HttpRequest, title: str) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "media": self.media,
        }

    def _progress(self, request: HttpRequest, batch: Import) -> dict[str, Any]:
        files = batch.files.defer("content").exclude(outcome=Outcome.UNPACKED)
        shown = request.GET.get("outcome", "")
        listed = files.filter(outcome=shown) if shown in Outcome.values else files
        page = Paginator(listed.select_related("document", "archive").order_by("pk"), ROWS).get_page(
            request.GET.get("page")
        )
        counts = dict(files.order_by().values_list("outcome").annotate(Count("pk")))
        total = sum(counts.values())
        return {
            "original": batch,
            "rows": [(file, _in_words(file.size)) for file in page],
            "page": page,
            "shown": shown,
            "counts": [(kind.value, kind.label, counts[kind]) for kind in Outcome if counts.get(kind)],
            "total": total,
            "read": total - counts.get(Outcome.WAITING, 0),
            "passages": files.aggregate(Sum("passages"))["passages__sum"] or 0,
            "now": self._read_now(batch),
        }

    @staticmethod
    def _read_now(batch: Import) -> str:
        """Return the name of the file that is being read."""
        begun = batch.files.filter(outcome=Outcome.WAITING, attempts__gt=0).order_by("-pk")
        name = begun.values_list("name", flat=True).first() or ""
        return "" if batch.is_done else Truncator(name).chars(80)


def _in_words(size: int) -> str:
    """Return a number of bytes as the form's script says it: ``20 MB``, ``8.5 kB``."""
    for unit, of_unit in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size >= of_unit:
            return f"{size / of_unit:.1f}".removesuffix(".0") + f" {unit}"
    return f"{size} bytes"
