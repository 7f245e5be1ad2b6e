"""Help lines and texts for people in danger, conversations that somebody must look at, and where they began."""

import json
from pathlib import Path

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

FIRST = Path(__file__).parents[1] / "safety" / "crisis"


def fill(apps, schema_editor):
    """Put the first texts and lines where staff can edit them; nobody has reviewed them yet."""
    lines = json.loads((FIRST / "lines.json").read_text(encoding="utf-8"))
    texts = json.loads((FIRST / "texts.json").read_text(encoding="utf-8"))
    help_line, care_text = apps.get_model("chat", "HelpLine"), apps.get_model("chat", "CareText")
    help_line.objects.bulk_create(
        help_line(position=10 * number, **line) for number, line in enumerate(lines, start=1)
    )
    care_text.objects.bulk_create(care_text(language=language, **words) for language, words in texts.items())


class Migration(migrations.Migration):
    """Add what the crisis protocol needs."""

    dependencies = [
        ("chat", "0003_personal_values"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CareText",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "reviewed_on",
                    models.DateField(
                        blank=True, help_text="Empty: not reviewed since it was changed.", null=True
                    ),
                ),
                (
                    "reviewer",
                    models.CharField(
                        blank=True,
                        help_text="Texts: a clinician and the company. Lines: whoever called them.",
                        max_length=120,
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        max_length=3,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[a-z]{2,3}\\Z", "Two or three small letters, such as es."
                            )
                        ],
                    ),
                ),
                ("heading", models.CharField(help_text="Above the help lines.", max_length=120)),
                (
                    "protocol",
                    models.TextField(
                        help_text="The whole answer. {emergency} is the emergency number, {lines} the first help lines."
                    ),
                ),
                (
                    "support",
                    models.TextField(
                        help_text="Beside an ordinary answer when danger is possible, not plain."
                    ),
                ),
            ],
            options={
                "verbose_name": "crisis text",
                "ordering": ["language"],
            },
        ),
        migrations.CreateModel(
            name="HelpLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "reviewed_on",
                    models.DateField(
                        blank=True, help_text="Empty: not reviewed since it was changed.", null=True
                    ),
                ),
                (
                    "reviewer",
                    models.CharField(
                        blank=True,
                        help_text="Texts: a clinician and the company. Lines: whoever called them.",
                        max_length=120,
                    ),
                ),
                (
                    "country",
                    models.CharField(
                        blank=True,
                        help_text="Empty: serves every country.",
                        max_length=2,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A(?:[A-Z]{2})?\\Z",
                                "Two capital letters (ISO 3166), such as ES; empty for all countries.",
                            )
                        ],
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        max_length=3,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[a-z]{2,3}\\Z", "Two or three small letters, such as es."
                            )
                        ],
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                (
                    "phone",
                    models.CharField(
                        blank=True,
                        max_length=40,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[\\d+*#][\\d+*# ().-]*\\Z", "A number as people dial it."
                            )
                        ],
                    ),
                ),
                (
                    "text",
                    models.CharField(
                        blank=True,
                        max_length=40,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[\\d+*#][\\d+*# ().-]*\\Z", "A number as people dial it."
                            )
                        ],
                        verbose_name="text messages",
                    ),
                ),
                (
                    "url",
                    models.URLField(
                        blank=True,
                        help_text="https only.",
                        validators=[django.core.validators.URLValidator(schemes=["https"])],
                        verbose_name="page",
                    ),
                ),
                ("hours", models.CharField(blank=True, max_length=60)),
                (
                    "position",
                    models.PositiveSmallIntegerField(default=100, help_text="The lowest comes first."),
                ),
                ("is_active", models.BooleanField(default=True)),
            ],
            options={
                "ordering": ["position", "pk"],
            },
        ),
        migrations.AddField(
            model_name="conversation",
            name="accept_language",
            field=models.CharField(
                blank=True,
                help_text="What the browser asked for when it began; tells a country.",
                max_length=64,
            ),
        ),
        migrations.CreateModel(
            name="ConversationFlag",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("protocol", "In danger: shown the crisis text"),
                            ("support", "Perhaps in danger: shown the help lines"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "cause",
                    models.CharField(
                        help_text="What it follows from: cues, or the model's judgement.", max_length=20
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("handled_at", models.DateTimeField(blank=True, null=True)),
                (
                    "conversation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="flags",
                        to="chat.conversation",
                    ),
                ),
                (
                    "handled_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="handled_flags",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "turn",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="flag", to="chat.turn"
                    ),
                ),
            ],
            options={
                "verbose_name": "flagged conversation",
                "ordering": ["-at"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("handled_at", None)), fields=["kind", "-at"], name="flag_waiting"
                    )
                ],
            },
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
