"""The group of the people who answer customers: they read, and handle what somebody must look at.

Staff who belong to it see conversations, documents and records; they change no document, plan, price or
person. Made once: what an administrator makes of the group afterwards stands.
"""

from django.conf import settings
from django.db import migrations

AGENTS = "Agents"
MAY = {
    "chat": {
        "view": ("conversation", "message", "turn", "citation", "conversationflag", "helpline", "caretext"),
        "change": ("conversationflag",),  # to mark it as handled
    },
    "knowledge": {"view": ("document", "version", "booking", "segment", "passenger", "flight", "airport")},
}


def make_group(apps, schema_editor):
    """Make the group with its permissions, which Django itself makes only after the last migration."""
    group, is_new = apps.get_model("auth", "Group").objects.get_or_create(name=AGENTS)
    if not is_new:
        return
    content_types = apps.get_model("contenttypes", "ContentType").objects
    permissions = apps.get_model("auth", "Permission").objects
    for app_label, acts in MAY.items():
        for act, models in acts.items():
            for model in models:
                content_type, _ = content_types.get_or_create(app_label=app_label, model=model)
                name = f"Can {act} {apps.get_model(app_label, model)._meta.verbose_name}"
                codename = f"{act}_{model}"
                permission, _ = permissions.get_or_create(
                    content_type=content_type, codename=codename, defaults={"name": name}
                )
                group.permissions.add(permission)


def remove_group(apps, schema_editor):
    """Take the group away again; its people stay staff, and may do nothing by it."""
    apps.get_model("auth", "Group").objects.filter(name=AGENTS).delete()


class Migration(migrations.Migration):
    """Add the group."""

    dependencies = [
        ("chat", "0004_crisis"),
        ("knowledge", "0011_room_for_growing_lists"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [migrations.RunPython(make_group, remove_group)]
