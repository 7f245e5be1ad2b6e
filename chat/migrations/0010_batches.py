"""Questions sent together, and who may send them: the people who answer customers, and whoever it is given to."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

AGENTS = "Agents"
MAY = (
    ("batch", "send_batch", "Can send questions in batches"),
    ("batch", "view_batch", "Can view batch"),
    ("batchitem", "view_batchitem", "Can view batch item"),
)


def let_agents_send(apps, schema_editor):
    """Give the group the permissions, which Django itself makes only after the last migration.

    A desk that has removed the group goes without.
    """
    content_types = apps.get_model("contenttypes", "ContentType").objects
    permissions = apps.get_model("auth", "Permission").objects
    for model, codename, name in MAY:
        content_type, _ = content_types.get_or_create(app_label="chat", model=model)
        permission, _ = permissions.get_or_create(
            content_type=content_type, codename=codename, defaults={"name": name}
        )
        for group in apps.get_model("auth", "Group").objects.filter(name=AGENTS):
            group.permissions.add(permission)


def take_back(apps, schema_editor):
    """Remove the permissions from whoever has them."""
    codenames = [codename for _, codename, _ in MAY]
    apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="chat", codename__in=codenames
    ).delete()


class Migration(migrations.Migration):
    """Add the tables of batches and their items, and the permission."""

    dependencies = [
        ("chat", "0009_ratings"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Batch",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "fingerprint",
                    models.CharField(
                        editable=False,
                        help_text="Digest of what was sent: the same key must bring the same.",
                        max_length=64,
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("cancelled_at", models.DateTimeField(blank=True, null=True)),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="batches",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "batches",
                "permissions": [("send_batch", "Can send questions in batches")],
            },
        ),
        migrations.CreateModel(
            name="BatchItem",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("position", models.PositiveIntegerField(help_text="1..n in its batch.")),
                (
                    "reference",
                    models.CharField(blank=True, help_text="The sender's own id of it.", max_length=100),
                ),
                ("text", models.TextField(blank=True, help_text="Empty once it is a message.")),
                ("language", models.CharField(blank=True, max_length=8)),
                (
                    "metadata",
                    models.JSONField(blank=True, default=dict, help_text="The sender's own words about it."),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("refused", "Refused"),
                            ("waiting", "Waiting"),
                            ("sending", "Sending"),
                            ("sent", "Sent"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("claimed_until", models.DateTimeField(blank=True, null=True)),
                (
                    "not_before",
                    models.DateTimeField(
                        blank=True, help_text="A limit holds it back until then.", null=True
                    ),
                ),
                (
                    "problem",
                    models.JSONField(
                        blank=True, help_text="Why it was refused or could not be sent.", null=True
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="items", to="chat.batch"
                    ),
                ),
                (
                    "conversation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="batch_items",
                        to="chat.conversation",
                    ),
                ),
                (
                    "turn",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="batch_item",
                        to="chat.turn",
                    ),
                ),
            ],
            options={
                "ordering": ["position"],
            },
        ),
        migrations.AddIndex(
            model_name="batch",
            index=models.Index(fields=["owner", "-created_at"], name="batch_by_owner"),
        ),
        migrations.AddIndex(
            model_name="batchitem",
            index=models.Index(
                condition=models.Q(("state__in", ["waiting", "sending"])),
                fields=["state"],
                name="batch_item_unsent",
            ),
        ),
        migrations.AddConstraint(
            model_name="batchitem",
            constraint=models.UniqueConstraint(fields=("batch", "position"), name="batch_item_position_once"),
        ),
        migrations.RunPython(let_agents_send, take_back),
    ]
