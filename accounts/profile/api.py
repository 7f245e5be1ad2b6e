"""REST: the signed-in person's profile, and their plan."""

from typing import Any, Final

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer, extend_schema_view
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.limits.rules import rule
from accounts.models import Plan, User
from accounts.models.money import from_nano
from accounts.spending.days import today
from accounts.spending.standing import Period, Standing, standing_of

_SECOND_STEPS: Final = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A customer",
            response_only=True,
            value={
                "id": 41,
                "username": "alice",
                "email": "alice@example.com",
                "email_verified": True,
                "first_name": "Alice",
                "last_name": "Moreno",
                "language": "es",
                "is_staff": False,
                "groups": [],
                "second_step": True,
                "joined_at": "2026-11-02T09:14:00Z",
            },
        ),
        OpenApiExample(
            "Answers in Spanish", request_only=True, value={"first_name": "Alice", "language": "es"}
        ),
    ]
)
class ProfileSerializer(serializers.ModelSerializer):
    """Who you are. The e-mail address is changed on the account page, where the new one is proven."""

    language = serializers.ChoiceField(
        settings.LANGUAGES,
        allow_blank=True,
        required=False,
        help_text="Language of answers; empty: that of the question.",
    )
    email_verified = serializers.SerializerMethodField(help_text="Whether the address is proven to be yours.")
    groups = serializers.SlugRelatedField("name", many=True, read_only=True)
    second_step = serializers.SerializerMethodField(help_text="Whether a second step guards the sign-in.")
    joined_at = serializers.DateTimeField(source="date_joined", read_only=True)

    class Meta:
        model = User
        fields = (
            *("id", "username", "email", "email_verified", "first_name", "last_name", "language"),
            *("is_staff", "groups", "second_step", "joined_at"),
        )
        read_only_fields = ("id", "username", "email", "is_staff")

    def get_email_verified(self, user: User) -> bool:
        """Look the address up among those that were proven."""
        return EmailAddress.objects.filter(user=user, email__iexact=user.email, verified=True).exists()

    def get_second_step(self, user: User) -> bool:
        """Tell whether there is an authenticator app or a passkey; recovery codes alone are none."""
        return Authenticator.objects.filter(user=user, type__in=_SECOND_STEPS).exists()


@extend_schema_view(
    get=extend_schema(operation_id="me_retrieve", description="Return your profile."),
    patch=extend_schema(
        operation_id="me_update", description="Change your names and the language of answers; the rest stays."
    ),
)
class MeView(generics.RetrieveUpdateAPIView):
    """The signed-in person."""

    http_method_names = ("get", "patch", "head", "options")
    serializer_class = ProfileSerializer
    queryset: QuerySet[User] = User.objects.none()

    def get_object(self) -> User:
        """Return whoever asks; nobody else's profile has an address."""
        return self.request.user


class MessageLimitSerializer(serializers.Serializer):
    """How many messages may be sent within any so many seconds."""

    limit = serializers.IntegerField(allow_null=True, help_text="null: no limit.")
    seconds = serializers.IntegerField()


class TokenLimitSerializer(serializers.Serializer):
    """A limit on tokens; null is no limit. Answers being written have their part set aside (`under_way`)."""

    limit = serializers.IntegerField(allow_null=True)
    used = serializers.IntegerField()
    under_way = serializers.IntegerField()
    left = serializers.IntegerField(allow_null=True)
    resets_at = serializers.DateTimeField()


class MoneyLimitSerializer(serializers.Serializer):
    """A limit on money, in the desk's currency; null is no limit."""

    limit = serializers.DecimalField(max_digits=24, decimal_places=9, allow_null=True)
    used = serializers.DecimalField(max_digits=24, decimal_places=9)
    under_way = serializers.DecimalField(max_digits=24, decimal_places=9)
    left = serializers.DecimalField(max_digits=24, decimal_places=9, allow_null=True)
    resets_at = serializers.DateTimeField()


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A plan with limits",
            response_only=True,
            value={
                "name": "Basic",
                "currency": "USD",
                "beyond": "quotes",
                "messages": {"limit": 10, "seconds": 60},
                "tokens_per_day": {
                    "limit": 200000,
                    "used": 12840,
                    "under_way": 1900,
                    "left": 185260,
                    "resets_at": "2026-11-22T00:00:00Z",
                },
                "money_per_day": {
                    "limit": None,
                    "used": "0.004120000",
                    "under_way": "0.000610000",
                    "left": None,
                    "resets_at": "2026-11-22T00:00:00Z",
                },
                "money_per_month": {
                    "limit": "5.000000000",
                    "used": "0.391200000",
                    "under_way": "0.000610000",
                    "left": "4.608190000",
                    "resets_at": "2026-12-01T00:00:00Z",
                },
            },
        )
    ]
)
class PlanSerializer(serializers.Serializer):
    """Your plan, what is used of it, and what is left now."""

    name = serializers.CharField(allow_blank=True, help_text="Empty: the desk has no plans.")
    currency = serializers.CharField()
    beyond = serializers.ChoiceField(
        Plan.Beyond.choices, help_text="What answers are made of beyond a limit: quotes, or a notice (stop)."
    )
    messages = MessageLimitSerializer()
    tokens_per_day = TokenLimitSerializer()
    money_per_day = MoneyLimitSerializer()
    money_per_month = MoneyLimitSerializer()


class MyPlanView(APIView):
    """The signed-in person's plan."""

    @extend_schema(responses=PlanSerializer, operation_id="me_plan")
    def get(self, request: Request) -> Response:
        """Return your plan: its limits, what is left of them now, and when they begin anew."""
        standing = standing_of(request.user.pk, today())
        plan = standing.plan
        body = {
            "name": plan.name,
            "currency": settings.CURRENCY,
            "beyond": Plan.Beyond.STOP if plan.stops else Plan.Beyond.QUOTES,
            "messages": _messages(plan.messages_per_minute),
            "tokens_per_day": _tokens(standing),
            "money_per_day": _money(standing, "day", plan.money_per_day),
            "money_per_month": _money(standing, "month", plan.money_per_month),
        }
        return Response(PlanSerializer(body).data)


def _messages(plan_rate: int | None) -> dict[str, Any]:
    of_user = rule("user_messages")
    if plan_rate is not None and of_user.limit:
        return {"limit": plan_rate, "seconds": 60}
    return {"limit": of_user.limit or None, "seconds": of_user.seconds}


def _tokens(standing: Standing) -> dict[str, Any]:
    limit, sums = standing.plan.tokens_per_day, standing.day
    return _limit(standing, "day", limit, sums.tokens, sums.tokens_under_way)


def _money(standing: Standing, period: Period, limit: int | None) -> dict[str, Any]:
    sums = standing.day if period == "day" else standing.month
    row = _limit(standing, period, limit, sums.money_nano, sums.money_nano_under_way)
    amounts = {name: row[name] for name in ("limit", "used", "under_way", "left")}
    return row | {name: None if nano is None else from_nano(nano) for name, nano in amounts.items()}


def _limit(
    standing: Standing, period: Period, limit: int | None, used: int, under_way: int
) -> dict[str, Any]:
    return {
        "limit": limit,
        "used": used,
        "under_way": under_way,
        "left": None if limit is None else max(0, limit - used - under_way),
        "resets_at": standing.begins_anew(period),
    }
