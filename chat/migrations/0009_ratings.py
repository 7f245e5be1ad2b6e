"""What customers think of answers."""

import django.db.models.deletion
from django.db import migrations, models

AGENTS = "Agents"


def let_agents_see(apps, schema_editor):
    """Let the people who answer customers see ratings; Django makes the permission only after migrating.

    A desk that has removed the group goes without.
    """
    content_type, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label="chat", model="rating"
    )
    permission, _ = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=content_type, codename="view_rating", defaults={"name": "Can view rating"}
    )
    for group in apps.get_model("auth", "Group").objects.filter(name=AGENTS):
        group.permissions.add(permission)


def take_back(apps, schema_editor):
    """Remove the permission from whoever has it."""
    permissions = apps.get_model("auth", "Permission").objects
    permissions.filter(content_type__app_label="chat", codename="view_rating").delete()


class Migration(migrations.Migration):
    """Add the table of ratings, and the permission to see them."""

    dependencies = [
        ("chat", "0008_archived_conversations"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.CreateModel(
            name="Rating",
            fields=[
                (
                    "turn",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="rating",
                        serialize=False,
                        to="chat.turn",
                    ),
                ),
                (
                    "value",
                    models.CharField(choices=[("up", "Helpful"), ("down", "Not helpful")], max_length=4),
                ),
                ("reasons", models.JSONField(blank=True, default=list)),
                (
                    "comment",
                    models.TextField(blank=True, help_text="Without personal values: they are taken out."),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("changed_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "indexes": [models.Index(fields=["-changed_at", "value"], name="rating_newest")],
            },
        ),
        migrations.RunPython(let_agents_see, take_back),
    ]
