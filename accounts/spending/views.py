"""One's own usage: a page and a REST view."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.language import grouped
from accounts.models.money import from_nano
from accounts.spending.days import today
from accounts.spending.standing import Period, Standing, Sums, standing_of


@dataclass(frozen=True, slots=True)
class Meter:
    """One limited amount: what is used of it, in numbers for the meter and in words."""

    label: str
    used: int
    limit: int | None
    used_text: str
    limit_text: str

    @property
    def high(self) -> int:
        """Return the mark from which cheaper models answer."""
        return int((self.limit or 0) * settings.SPEND_STEP_DOWN_AT)


def money_text(nano: int) -> str:
    """Return an amount with the desk's currency; small ones with more places, since answers cost little."""
    amount = from_nano(nano)
    places = 2 if amount >= 1 or amount == amount.quantize(Decimal("0.01")) else 4
    return f"{grouped(round(amount, places), places)} {settings.CURRENCY}"


@never_cache
@login_required
@require_safe
def usage_page(request: HttpRequest) -> HttpResponse:
    """Show today, the month, the limits, and when they begin anew."""
    standing = standing_of(request.user.pk, today())
    periods = [_period_for_page(standing, "day"), _period_for_page(standing, "month")]
    return render(request, "accounts/usage.html", {"standing": standing, "periods": periods})


def _period_for_page(standing: Standing, period: Period) -> dict[str, Any]:
    sums: Sums = getattr(standing, period)
    plan = standing.plan
    limit = plan.money_per_day if period == "day" else plan.money_per_month
    tokens = plan.tokens_per_day if period == "day" else None
    return {
        "name": gettext("Today") if period == "day" else gettext("This month"),
        "answers": sums.answers,
        "begins_anew": standing.begins_anew(period),
        "is_limited": (tokens, limit) != (None, None),
        "under_way": sums.tokens_under_way,
        "meters": [
            Meter(
                gettext("Tokens"),
                sums.tokens,
                tokens,
                grouped(sums.tokens),
                "" if tokens is None else grouped(tokens),
            ),
            Meter(
                gettext("Money"),
                sums.money_nano,
                limit,
                money_text(sums.money_nano),
                "" if limit is None else money_text(limit),
            ),
        ],
    }


class PeriodSerializer(serializers.Serializer):
    """One day or month; a limit of null is none."""

    answers = serializers.IntegerField(help_text="Answers that a model was paid for.")
    tokens = serializers.IntegerField()
    tokens_limit = serializers.IntegerField(allow_null=True)
    money = serializers.DecimalField(max_digits=24, decimal_places=9)
    money_limit = serializers.DecimalField(max_digits=24, decimal_places=9, allow_null=True)
    begins_anew = serializers.DateTimeField()


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A month of a customer",
            response_only=True,
            value={
                "plan": "Basic",
                "currency": "USD",
                "messages_per_minute": None,
                "day": {
                    "answers": 14,
                    "tokens": 12840,
                    "tokens_limit": 200000,
                    "money": "0.004120000",
                    "money_limit": None,
                    "begins_anew": "2026-11-22T00:00:00Z",
                },
                "month": {
                    "answers": 391,
                    "tokens": 402113,
                    "tokens_limit": None,
                    "money": "0.391200000",
                    "money_limit": "5.000000000",
                    "begins_anew": "2026-12-01T00:00:00Z",
                },
            },
        )
    ]
)
class UsageSerializer(serializers.Serializer):
    """What you have used of your plan."""

    plan = serializers.CharField(allow_blank=True)
    currency = serializers.CharField()
    messages_per_minute = serializers.IntegerField(
        allow_null=True, help_text="null: the desk's own limit holds."
    )
    day = PeriodSerializer()
    month = PeriodSerializer()


class UsageView(APIView):
    """The signed-in person's usage."""

    @extend_schema(responses=UsageSerializer, operation_id="me_usage")
    def get(self, request: Request) -> Response:
        """Return what you have used today and this month, your plan's limits, and when they begin anew."""
        standing = standing_of(request.user.pk, today())
        plan = standing.plan
        body = {
            "plan": plan.name,
            "currency": settings.CURRENCY,
            "messages_per_minute": plan.messages_per_minute,
            "day": _period_json(standing, "day", plan.tokens_per_day, plan.money_per_day),
            "month": _period_json(standing, "month", None, plan.money_per_month),
        }
        return Response(UsageSerializer(body).data)


def _period_json(
    standing: Standing, period: Period, tokens_limit: int | None, money_limit: int | None
) -> dict[str, Any]:
    sums: Sums = getattr(standing, period)
    return {
        "answers": sums.answers,
        "tokens": sums.tokens,
        "tokens_limit": tokens_limit,
        "money": from_nano(sums.money_nano),
        "money_limit": None if money_limit is None else from_nano(money_limit),
        "begins_anew": standing.begins_anew(period),
    }
