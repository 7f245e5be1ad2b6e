"""The audit trail in the admin: to be read, searched and taken out, by those who have the permission."""

import csv
import io
import json
import tempfile
from typing import IO, Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.audit.acts import Act
from accounts.audit.trail import record
from accounts.downloads import IN_MEMORY, download
from accounts.models import AuditEntry

PIECE = 1_000
COLUMNS = (
    "id", "at", "act", "actor_id", "actor_label", "object_kind", "object_id", "address", "request_id",
    "details",
)  # fmt: skip


class ByAct(admin.SimpleListFilter):
    """Filter by the act, in words."""

    title = "act"
    parameter_name = "act"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        """Return all acts there can be."""
        return Act.choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        """Return the entries of the chosen one."""
        return queryset.filter(act=self.value()) if self.value() else queryset


@admin.register(AuditEntry)
class AuditEntryAdmin(admin.ModelAdmin):
    """Entries, newest first. Nobody writes them by hand, and nobody deletes them."""

    list_display = ("at", "words", "actor", "object_kind", "object_id", "address")
    list_filter = (ByAct, "at", "object_kind")
    search_fields = ("=actor_id", "=actor_label", "=object_id", "=address", "=request_id")
    search_help_text = "Exact: id or name of who acted, id of what it was done to, address, request."
    date_hierarchy = "at"
    ordering = ("-id",)
    show_full_result_count = False
    actions = None
    fields = ("at", "words", "actor", "object_kind", "object_id", "address", "request_id", "details")
    readonly_fields = fields

    @admin.display(description="act", ordering="act")
    def words(self, entry: AuditEntry) -> str:
        """Return the act in words."""
        return entry.words

    @admin.display(description="actor", ordering="actor_id")
    def actor(self, entry: AuditEntry) -> str:
        """Return who it was, by label and number."""
        return f"{entry.actor_label} {entry.actor_id}" if entry.actor_id else "the desk"

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Refuse."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Refuse."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """Add the export."""
        view = self.admin_site.admin_view(require_POST(self.export))
        return [path("export/", view, name="accounts_auditentry_export"), *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Offer the export to those who may."""
        context = {"may_export": self._may_export(request), **(extra_context or {})}
        return super().changelist_view(request, context)

    def export(self, request: HttpRequest) -> HttpResponseBase:
        """Give the filtered entries as CSV; that somebody took them is an entry itself."""
        if not self._may_export(request):
            raise PermissionDenied
        entries = self.get_changelist_instance(request).get_queryset(request).order_by("id")
        ids = list(entries.values_list("pk", flat=True))
        record(Act.AUDIT_EXPORTED, request=request, entries=len(ids), filters=sorted(request.GET))
        name = f"audit-{timezone.localdate()}.csv"
        return download(_csv(ids), name=name, content_type="text/csv; charset=utf-8")

    def _may_export(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request) and request.user.has_perm("accounts.export_auditentry")


def _csv(ids: list[int]) -> IO[bytes]:
    file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - the download closes it
    text = io.TextIOWrapper(file, "utf-8", newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for begin in range(0, len(ids), PIECE):
        rows = AuditEntry.objects.filter(pk__in=ids[begin : begin + PIECE]).order_by("id").values(*COLUMNS)
        for row in rows:
            row |= {"at": row["at"].isoformat(), "details": json.dumps(row["details"])}
            writer.writerow([_harmless(row[name]) for name in COLUMNS])
    text.flush()
    text.detach()
    return file


def _harmless(value: object) -> object:
    """Keep a spreadsheet from taking a text (a name that somebody chose) for a formula."""
    return f"'{value}" if isinstance(value, str) and value[:1] in tuple("=+-@\t\r") else value
