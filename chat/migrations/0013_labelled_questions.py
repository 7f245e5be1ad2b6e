"""Questions labelled with what they are about, on which the router is measured."""

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0012_tool_calls"),
    ]

    operations = [
        migrations.CreateModel(
            name="LabelledQuestion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "text",
                    models.CharField(
                        help_text="As customers write it. Without names, numbers of documents or cards.",
                        max_length=500,
                        unique=True,
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        default="en", help_text="Language code, such as en or es.", max_length=8
                    ),
                ),
                (
                    "intent",
                    models.CharField(
                        choices=[
                            ("policy", "A rule or a price (policy)"),
                            ("flight", "How a flight goes (flight)"),
                            ("booking", "Their own booking (booking)"),
                            ("small_talk", "Small talk (small_talk)"),
                            ("hand_off", "They want a person (hand_off)"),
                            ("other", "Anything else (other)"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "slots",
                    models.JSONField(
                        blank=True,
                        default=dict,
                        help_text='What it names, as JSON: {"flight": "LW214", "cabin": "business"}. Empty: not looked at.',
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=200)),
                ("added_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                "verbose_name": "labelled question",
                "ordering": ["intent", "text"],
            },
        ),
    ]
