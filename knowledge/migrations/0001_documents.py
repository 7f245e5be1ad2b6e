"""Documents, their versions and passages."""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Make the tables of the policies."""

    initial = True

    dependencies = [migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.CreateModel(
            name="Document",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "slug",
                    models.SlugField(
                        help_text="Names the document in addresses and imports.", max_length=120, unique=True
                    ),
                ),
                ("title", models.CharField(max_length=200)),
                ("category", models.CharField(blank=True, db_index=True, max_length=40)),
                (
                    "audience",
                    models.CharField(
                        choices=[("public", "Everyone"), ("staff", "Staff only")],
                        default="public",
                        max_length=8,
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        default="en",
                        help_text="Language code of the text, such as en or es.",
                        max_length=8,
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={"ordering": ["title", "slug"]},
        ),
        migrations.CreateModel(
            name="Version",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("text", models.TextField(help_text="Markdown.")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("published", "Published"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="draft",
                        max_length=10,
                    ),
                ),
                (
                    "effective_from",
                    models.DateField(
                        blank=True, help_text="First day; empty: from the beginning.", null=True
                    ),
                ),
                (
                    "effective_until",
                    models.DateField(blank=True, help_text="Last day; empty: until replaced.", null=True),
                ),
                (
                    "note",
                    models.CharField(blank=True, help_text="What changed and why.", max_length=300),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("published_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("indexed", models.BooleanField(default=False, editable=False)),
                (
                    "author",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="versions",
                        to="knowledge.document",
                    ),
                ),
            ],
            options={
                "ordering": ["document", "-number"],
                "indexes": [models.Index(fields=["status", "document", "number"], name="version_by_status")],
                "constraints": [
                    models.UniqueConstraint(fields=["document", "number"], name="one_number_per_document"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("effective_from__isnull", True),
                            ("effective_until__isnull", True),
                            ("effective_until__gte", models.F("effective_from")),
                            _connector="OR",
                        ),
                        name="version_ends_after_it_begins",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Passage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveIntegerField()),
                (
                    "heading",
                    models.CharField(blank=True, help_text="Title path, parts joined by › .", max_length=500),
                ),
                ("text", models.TextField()),
                ("start", models.PositiveIntegerField()),
                ("end", models.PositiveIntegerField()),
                ("page", models.PositiveIntegerField(blank=True, null=True)),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="passages",
                        to="knowledge.version",
                    ),
                ),
            ],
            options={
                "ordering": ["version", "position"],
                "constraints": [
                    models.UniqueConstraint(fields=["version", "position"], name="one_passage_per_position")
                ],
            },
        ),
    ]
