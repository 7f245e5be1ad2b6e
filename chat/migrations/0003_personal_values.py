"""The sealed table of what a conversation's placeholders stand for."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Add a place for each conversation's personal values."""

    dependencies = [("chat", "0002_grounding_and_pages")]

    operations = [
        migrations.CreateModel(
            name="PersonalValues",
            fields=[
                (
                    "conversation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="personal_values",
                        serialize=False,
                        to="chat.conversation",
                    ),
                ),
                ("sealed", models.BinaryField(help_text="Opened by chat.safety.personal alone.")),
                ("changed_at", models.DateTimeField(auto_now=True)),
            ],
            options={"default_permissions": (), "verbose_name_plural": "personal values"},
        ),
    ]
