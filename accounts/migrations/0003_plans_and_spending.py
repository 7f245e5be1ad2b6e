"""Plans, prices and what was spent; one plan without limits for everybody to begin with."""

from typing import Any

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import accounts.models.plans


def add_default_plan(apps: Any, schema_editor: Any) -> None:
    """Give the desk a plan for everybody, without limits."""
    plans = apps.get_model("accounts", "Plan").objects.using(schema_editor.connection.alias)
    plans.get_or_create(is_default=True, defaults={"name": "Standard"})


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_api_keys"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.CreateModel(
            name="Plan",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80, unique=True)),
                (
                    "messages_per_minute",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Empty: the desk's own limit.",
                        null=True,
                        validators=[django.core.validators.MinValueValidator(1)],
                    ),
                ),
                (
                    "tokens_per_day",
                    models.PositiveBigIntegerField(
                        blank=True,
                        help_text="Of prompt and answer together. An answer begins only if its longest form still fits, so a few thousand are the least that makes sense. Empty: no limit.",
                        null=True,
                    ),
                ),
                (
                    "money_per_day",
                    models.DecimalField(
                        blank=True,
                        decimal_places=6,
                        help_text="At the prices of the day. Empty: no limit.",
                        max_digits=14,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "money_per_month",
                    models.DecimalField(
                        blank=True,
                        decimal_places=6,
                        help_text="By calendar month. Empty: no limit.",
                        max_digits=14,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "currency",
                    models.CharField(
                        default=accounts.models.plans.desk_currency,
                        max_length=3,
                        validators=[accounts.models.plans.check_currency],
                    ),
                ),
                (
                    "beyond",
                    models.CharField(
                        choices=[
                            ("quotes", "Answers already written, and quoted passages"),
                            ("stop", "Answers already written; otherwise a notice of when the limit ends"),
                        ],
                        default="quotes",
                        max_length=10,
                        verbose_name="beyond a limit",
                    ),
                ),
                (
                    "is_default",
                    models.BooleanField(
                        default=False,
                        help_text="For everybody who has no other; one plan at most.",
                        verbose_name="default",
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("is_default", True)),
                        fields=("is_default",),
                        name="plan_one_default",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PersonPlan",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="own_plan",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="people", to="accounts.plan"
                    ),
                ),
            ],
            options={
                "verbose_name": "plan of a person",
                "verbose_name_plural": "plans of people",
            },
        ),
        migrations.CreateModel(
            name="GroupPlan",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "group",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="plan_of_group",
                        to="auth.group",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="groups", to="accounts.plan"
                    ),
                ),
            ],
            options={
                "verbose_name": "plan of a group",
                "verbose_name_plural": "plans of groups",
            },
        ),
        migrations.CreateModel(
            name="Price",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "provider",
                    models.CharField(
                        choices=[
                            ("openai", "openai"),
                            ("azure", "azure"),
                            ("compatible", "compatible"),
                            ("anthropic", "anthropic"),
                        ],
                        help_text="As LLM_CHAIN names it.",
                        max_length=40,
                    ),
                ),
                (
                    "model",
                    models.CharField(
                        help_text="The name as it is set for the provider; * for all of its models that have no price.",
                        max_length=120,
                    ),
                ),
                ("valid_from", models.DateField(help_text="First day on which it holds.")),
                (
                    "input_per_million",
                    models.DecimalField(
                        decimal_places=6,
                        max_digits=12,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="a million tokens of prompt",
                    ),
                ),
                (
                    "cached_input_per_million",
                    models.DecimalField(
                        blank=True,
                        decimal_places=6,
                        help_text="Empty: as the rest of the prompt.",
                        max_digits=12,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="a million tokens of prompt from the vendor's cache",
                    ),
                ),
                (
                    "output_per_million",
                    models.DecimalField(
                        decimal_places=6,
                        max_digits=12,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="a million tokens of answer",
                    ),
                ),
                (
                    "currency",
                    models.CharField(
                        default=accounts.models.plans.desk_currency,
                        max_length=3,
                        validators=[accounts.models.plans.check_currency],
                    ),
                ),
            ],
            options={
                "ordering": ["provider", "model", "-valid_from"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("provider", "model", "currency", "valid_from"), name="price_once_a_day"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Reservation",
            fields=[
                ("turn", models.UUIDField(primary_key=True, serialize=False)),
                ("attempt", models.PositiveSmallIntegerField()),
                ("day", models.DateField(help_text="The day whose sums hold it.")),
                ("tokens", models.BigIntegerField()),
                ("money_nano", models.BigIntegerField()),
                ("made_at", models.DateTimeField(db_index=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SpendAlert",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                (
                    "subject",
                    models.CharField(
                        help_text="A person's limit, or a rule for the whole desk.", max_length=60
                    ),
                ),
                ("money_nano", models.BigIntegerField()),
                ("limit_nano", models.BigIntegerField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("mailed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at"],
                "permissions": [("receive_spend_alerts", "Receives e-mails about unusual spending")],
                "constraints": [
                    models.UniqueConstraint(fields=("day", "subject"), name="spend_alert_once_a_day")
                ],
            },
        ),
        migrations.CreateModel(
            name="Spending",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                (
                    "answers",
                    models.PositiveIntegerField(default=0, help_text="Answers that a model was paid for."),
                ),
                ("tokens", models.BigIntegerField(default=0)),
                ("money_nano", models.BigIntegerField(default=0)),
                ("tokens_reserved", models.BigIntegerField(default=0)),
                ("money_nano_reserved", models.BigIntegerField(default=0)),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "spending",
                "ordering": ["-day"],
                "indexes": [models.Index(fields=["day"], name="spending_by_day")],
                "constraints": [models.UniqueConstraint(fields=("user", "day"), name="spending_once_a_day")],
            },
        ),
        migrations.CreateModel(
            name="Usage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                (
                    "source",
                    models.CharField(
                        help_text="Where the words came from; failed: there are none.", max_length=10
                    ),
                ),
                ("provider", models.CharField(blank=True, max_length=40)),
                ("model", models.CharField(blank=True, max_length=120)),
                ("answers", models.PositiveIntegerField(default=0)),
                ("prompt_tokens", models.BigIntegerField(default=0)),
                ("completion_tokens", models.BigIntegerField(default=0)),
                ("money_nano", models.BigIntegerField(default=0)),
                (
                    "unpriced",
                    models.PositiveIntegerField(default=0, help_text="Answers of a model without a price."),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "usage by model",
                "ordering": ["-day", "source", "provider", "model"],
                "indexes": [models.Index(fields=["day"], name="usage_by_day")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "day", "source", "provider", "model"), name="usage_once_a_day"
                    )
                ],
            },
        ),
        migrations.RunPython(add_default_plan, migrations.RunPython.noop),
    ]
