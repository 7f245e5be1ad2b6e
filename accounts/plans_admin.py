"""Plans, prices, and what the desk has spent, in the staff edge."""

from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from accounts.models import GroupPlan, PersonPlan, Plan, Price, SpendAlert, Spending, Usage
from accounts.models.money import from_nano
from accounts.spending.days import today
from accounts.spending.figures import SOURCES, DeskFigures, desk_figures

_SPANS = [(7, "the last 7 days"), (30, "the last 30 days"), (90, "the last 90 days")]
_SOURCE_LABELS = {
    "model": "by a model", "cache": "written before", "quoted": "quoted", "fixed": "fixed",
    "failed": "failed", "deleted": "deleted meanwhile",
}  # fmt: skip


class PersonPlanInline(admin.TabularInline):
    """The people who have a plan of their own."""

    model = PersonPlan
    autocomplete_fields = ("user",)
    extra = 0


class GroupPlanInline(admin.TabularInline):
    """The groups whose people have the plan."""

    model = GroupPlan
    extra = 0


@admin.register(Plan)
class PlanAdmin(admin.ModelAdmin):
    """Limits, and who has them."""

    list_display = (
        "name", "is_default", "messages_per_minute", "tokens_per_day", "money_per_day", "money_per_month",
        "currency", "beyond",
    )  # fmt: skip
    search_fields = ("name",)
    inlines = (GroupPlanInline, PersonPlanInline)


@admin.register(Price)
class PriceAdmin(admin.ModelAdmin):
    """What models cost, by day."""

    list_display = (
        "provider", "model", "valid_from", "input_per_million", "cached_input_per_million",
        "output_per_million", "currency",
    )  # fmt: skip
    list_filter = ("provider",)
    search_fields = ("model",)
    date_hierarchy = "valid_from"


class _Figures(admin.ModelAdmin):
    """Rows that the ledger writes and nobody changes."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Refuse."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Refuse."""
        return False


@admin.register(Usage)
class UsageAdmin(_Figures):
    """Answers, tokens and money by person, day and model."""

    list_display = (
        "day", "user", "source", "provider", "model", "answers", "prompt_tokens",
        "completion_tokens", "money",
    )  # fmt: skip
    list_filter = ("source", "provider", "model")
    search_fields = ("user__username", "user__email")
    date_hierarchy = "day"
    list_select_related = ("user",)
    show_full_result_count = False


@admin.register(SpendAlert)
class SpendAlertAdmin(_Figures):
    """What staff were told of."""

    list_display = ("day", "subject", "user", "spent", "mark", "created_at", "mailed_at")
    list_select_related = ("user",)

    @admin.display(description="Spent")
    def spent(self, alert: SpendAlert) -> str:
        """Return what had been spent by then."""
        return f"{from_nano(alert.money_nano):,.2f} {settings.CURRENCY}"

    @admin.display(description="Limit or mark")
    def mark(self, alert: SpendAlert) -> str:
        """Return the limit or mark that was reached."""
        return f"{from_nano(alert.limit_nano):,.2f} {settings.CURRENCY}"


class SpanForm(forms.Form):
    """How far back the charts go."""

    days = forms.TypedChoiceField(choices=_SPANS, coerce=int, required=False, empty_value=30, label="Days")

    def chosen(self) -> int:
        """Return the number of days; what is not valid is the usual."""
        return (self.cleaned_data.get("days") if self.is_valid() else None) or 30


@admin.register(Spending)
class SpendingAdmin(_Figures):
    """Charts and tables of what the whole desk uses."""

    def get_urls(self) -> list[URLPattern]:
        """Return the one page."""
        return [path("", self.admin_site.admin_view(self.page), name="accounts_spending_changelist")]

    def page(self, request: HttpRequest) -> HttpResponse:
        """Show tokens, money and answers by source and model, day by day, and who spends most."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        days = SpanForm(request.GET).chosen()
        figures = desk_figures(today(), days)
        context = {
            **self.admin_site.each_context(request),
            "title": "Spending",
            "opts": self.model._meta,
            "form": SpanForm(initial={"days": days}),
            "figures": figures,
            "currency": settings.CURRENCY,
            "sources": [_SOURCE_LABELS[source] for source in SOURCES],
            "rows": list(zip(reversed(figures.days), reversed(figures.daily), strict=True)),
            "charts": _charts(figures),
            "may_price": request.user.has_perm("accounts.add_price"),
            "alerts": SpendAlert.objects.select_related("user").filter(
                day__gte=today() - timedelta(days=days)
            )[:10],
        }
        return TemplateResponse(request, "admin/accounts/spending/charts.html", context)


def _charts(figures: DeskFigures) -> dict[str, Any]:
    """Return what the charts draw. Numbers on the way to a picture need no exactness; the tables have it."""
    used = [source for source in SOURCES if figures.total.by_source[source]]
    return {
        "days": [day.isoformat() for day in figures.days],
        "charts": [
            {
                "id": "money",
                "series": [
                    {"label": settings.CURRENCY, "values": [float(each.money) for each in figures.daily]}
                ],
            },
            {
                "id": "tokens",
                "series": [
                    {"label": "prompt", "values": [each.prompt_tokens for each in figures.daily]},
                    {"label": "answer", "values": [each.completion_tokens for each in figures.daily]},
                ],
            },
            {
                "id": "sources",
                "series": [
                    {
                        "label": _SOURCE_LABELS[source],
                        "values": [each.by_source[source] for each in figures.daily],
                    }
                    for source in used
                ],
            },
            {
                "id": "models",
                "series": [
                    {"label": " ".join(key), "values": [each.answers for each in daily]}
                    for key, daily in list(figures.daily_models.items())[:6]
                ],
            },
        ],
    }
