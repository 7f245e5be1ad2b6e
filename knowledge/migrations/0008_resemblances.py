"""Passages that repeat or contradict each other."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Make the table of resemblances."""

    dependencies = [
        ("knowledge", "0007_vectors"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Resemblance",
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
                        choices=[("contradicts", "May contradict each other"), ("repeats", "Say the same")],
                        max_length=12,
                    ),
                ),
                ("likeness", models.FloatField(help_text="Share of words in common, 0 to 1.")),
                ("first_words", models.TextField(help_text="The sentence of the first passage.")),
                ("second_words", models.TextField(help_text="The sentence of the second passage.")),
                ("digest", models.CharField(help_text="Of the documents and the words.", max_length=64)),
                (
                    "dismissed",
                    models.BooleanField(
                        default=False, help_text="Staff have looked at it and find it right."
                    ),
                ),
                (
                    "first",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="knowledge.passage"
                    ),
                ),
                (
                    "second",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="knowledge.passage"
                    ),
                ),
            ],
            options={
                "ordering": ["dismissed", "kind", "-likeness", "pk"],
                "default_permissions": (),
                "verbose_name": "repeat or contradiction",
                "verbose_name_plural": "repeats and contradictions",
            },
        ),
        migrations.AddConstraint(
            model_name="resemblance",
            constraint=models.UniqueConstraint(
                fields=("first", "second", "digest"), name="one_resemblance_per_pair"
            ),
        ),
        migrations.AddIndex(
            model_name="resemblance",
            index=models.Index(fields=["digest"], name="resemblance_by_digest"),
        ),
        migrations.CreateModel(
            name="Dismissal",
            fields=[
                ("digest", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"default_permissions": ()},
        ),
        migrations.CreateModel(
            name="Compared",
            fields=[
                (
                    "version",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="knowledge.version",
                    ),
                ),
            ],
            options={"default_permissions": ()},
        ),
        migrations.CreateModel(
            name="Sketch",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "fingerprint",
                        "passage_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("fingerprint", models.BigIntegerField()),
                (
                    "passage",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="knowledge.passage"
                    ),
                ),
            ],
            options={"default_permissions": ()},
        ),
        migrations.CreateModel(
            name="IndexState",
            fields=[],
            options={
                "verbose_name": "search index",
                "verbose_name_plural": "search index",
                "proxy": True,
                "default_permissions": (),
                "indexes": [],
                "constraints": [],
            },
            bases=("knowledge.library",),
        ),
    ]
