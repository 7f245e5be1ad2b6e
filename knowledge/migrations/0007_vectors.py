"""Embeddings of passages."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    """Make the tables of vectors."""

    dependencies = [
        ("knowledge", "0006_imports"),
    ]

    operations = [
        migrations.CreateModel(
            name="VectorSet",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("model", models.CharField(max_length=120, unique=True)),
                ("dimension", models.PositiveIntegerField()),
                ("revision", models.PositiveBigIntegerField(default=0)),
                ("probes", models.BinaryField(default=b"")),
                ("nearest", models.JSONField(default=list)),
            ],
        ),
        migrations.CreateModel(
            name="Vector",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("model", models.CharField(max_length=120)),
                ("dimension", models.PositiveIntegerField()),
                ("data", models.BinaryField()),
                (
                    "passage",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="vectors",
                        to="knowledge.passage",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="vector",
            index=models.Index(fields=["model", "passage"], name="vector_by_model"),
        ),
        migrations.AddConstraint(
            model_name="vector",
            constraint=models.UniqueConstraint(
                fields=("passage", "model"), name="one_vector_per_passage_and_model"
            ),
        ),
    ]
