"""Passages that repeat or contradict each other."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    """Make the table of resemblances."""

    dependencies = [
        ("knowledge", "0007_vectors"),
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
                        choices=[("repeats", "Say the same"), ("contradicts", "May contradict each other")],
                        max_length=12,
                    ),
                ),
                ("likeness", models.FloatField(help_text="Share of words in common, 0 to 1.")),
                ("first_words", models.TextField(help_text="The sentence of the first passage.")),
                ("second_words", models.TextField(help_text="The sentence of the second passage.")),
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
                "ordering": ["dismissed", "kind", "-likeness"],
            },
        ),
        migrations.AddConstraint(
            model_name="resemblance",
            constraint=models.UniqueConstraint(
                fields=("first", "second", "kind"), name="one_resemblance_per_pair"
            ),
        ),
    ]
