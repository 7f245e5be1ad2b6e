"""Batches of uploaded files."""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Make the tables of imports."""

    dependencies = [
        ("knowledge", "0005_pages_of_files"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Import",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "note",
                    models.CharField(blank=True, help_text="Kept with every version made.", max_length=300),
                ),
                (
                    "publish",
                    models.BooleanField(default=True, help_text="Publish at once; otherwise keep as drafts."),
                ),
                (
                    "category",
                    models.CharField(
                        blank=True, help_text="For new documents whose file names none.", max_length=40
                    ),
                ),
                (
                    "audience",
                    models.CharField(
                        blank=True,
                        choices=[("public", "Everyone"), ("staff", "Staff only")],
                        help_text="For new documents whose file names none.",
                        max_length=8,
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        blank=True, help_text="For new documents whose file names none.", max_length=8
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("waiting", "Waiting"), ("running", "Running"), ("done", "Done")],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                (
                    "attempt",
                    models.PositiveIntegerField(default=0, help_text="How often a process has taken it up."),
                ),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
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
            ],
            options={
                "ordering": ["-created_at"],
            },
        ),
        migrations.CreateModel(
            name="ImportedFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(help_text="Path inside the upload or archive.", max_length=400)),
                ("size", models.PositiveBigIntegerField(default=0, help_text="Bytes.")),
                (
                    "content",
                    models.BinaryField(blank=True, help_text="Dropped once the file is read.", null=True),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("published", "Published"),
                            ("draft", "Kept as draft"),
                            ("unchanged", "Unchanged"),
                            ("refused", "Refused"),
                            ("unpacked", "Unpacked"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                (
                    "code",
                    models.CharField(
                        blank=True, help_text="Why it was refused, for programs.", max_length=40
                    ),
                ),
                (
                    "reason",
                    models.TextField(
                        blank=True, help_text="Why it was refused, or what else to know, in words."
                    ),
                ),
                (
                    "slug",
                    models.CharField(
                        blank=True, help_text="The document that the file is a text of.", max_length=120
                    ),
                ),
                (
                    "attempts",
                    models.PositiveSmallIntegerField(default=0, help_text="How often reading it was begun."),
                ),
                (
                    "archive",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="members",
                        to="knowledge.importedfile",
                    ),
                ),
                ("passages", models.PositiveIntegerField(default=0)),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="files",
                        to="knowledge.import",
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="knowledge.document",
                    ),
                ),
            ],
            options={
                "ordering": ["batch", "pk"],
            },
        ),
        migrations.AddIndex(
            model_name="import",
            index=models.Index(fields=["status", "lease_until"], name="import_by_status"),
        ),
        migrations.AddIndex(
            model_name="importedfile",
            index=models.Index(fields=["batch", "outcome"], name="file_by_outcome"),
        ),
    ]
