"""What a model looked up by itself while it answered, as part of its turn's record."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("chat", "0011_messages_by_client_id")]

    operations = [
        migrations.CreateModel(
            name="ToolCall",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(help_text="Place among the turn's calls.")),
                (
                    "round",
                    models.PositiveSmallIntegerField(help_text="Calls of one round were asked for at once."),
                ),
                ("name", models.CharField(max_length=40)),
                (
                    "arguments",
                    models.JSONField(blank=True, default=dict, help_text="Personal values are masked."),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("found", "Something was found"),
                            ("nothing", "Nothing was found"),
                            ("refused", "The call was not a proper one"),
                            ("failed", "The look-up failed"),
                        ],
                        max_length=10,
                    ),
                ),
                ("ms", models.PositiveIntegerField(help_text="Milliseconds it took.")),
                (
                    "turn",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tool_calls",
                        to="chat.turn",
                    ),
                ),
            ],
            options={"ordering": ["number"]},
        ),
        migrations.AddConstraint(
            model_name="toolcall",
            constraint=models.UniqueConstraint(fields=("turn", "number"), name="tool_call_number_once"),
        ),
    ]
