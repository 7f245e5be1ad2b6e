"""Postings packed by term and block of passages, and a vocabulary to compare mistyped words with.

The old postings go; ``knowledge.search.index.catch_up`` fills the new tables once all migrations have run.
"""

import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

# Clustered by block and term on SQLite; on PostgreSQL long values stay as they are, for packing digests and
# weights tighter would cost time and save nothing.
TABLE = """
    CREATE TABLE knowledge_posting (
        block_id bigint NOT NULL,
        term bigint NOT NULL,
        data {binary} NOT NULL,
        PRIMARY KEY (block_id, term)
    ){clustered}
"""
FORMS = {
    "sqlite": {"binary": "BLOB", "clustered": " WITHOUT ROWID"},
    "postgresql": {"binary": "bytea", "clustered": ""},
}


def create_table(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Make the postings table in the shape the database reads fastest."""
    vendor = schema_editor.connection.vendor
    schema_editor.execute(TABLE.format(**FORMS[vendor]))
    if vendor == "postgresql":
        schema_editor.execute("ALTER TABLE knowledge_posting ALTER COLUMN data SET STORAGE EXTERNAL")


def drop_table(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Drop the postings table."""
    schema_editor.execute("DROP TABLE knowledge_posting")


def forget_index(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Say that nothing is indexed, which is so with the new, empty tables; and with the old ones, backwards."""
    apps.get_model("knowledge", "Version").objects.filter(indexed=True).update(indexed=False)
    apps.get_model("knowledge", "Shelf").objects.all().delete()


class Migration(migrations.Migration):
    """Replace the postings table."""

    dependencies = [("knowledge", "0009_removed_texts")]

    operations = [
        migrations.RunPython(forget_index, forget_index),
        migrations.DeleteModel(name="Posting"),
        migrations.DeleteModel(name="Term"),
        migrations.RemoveField(model_name="shelf", name="terms"),
        migrations.AddField(model_name="shelf", name="words", field=models.PositiveIntegerField(default=0)),
        migrations.CreateModel(
            name="Block",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("language", models.CharField(max_length=8)),
                ("number", models.PositiveIntegerField()),
                ("is_open", models.BooleanField()),
                (
                    "passages",
                    models.PositiveIntegerField(default=0, help_text="Put in since it was last empty."),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=["language", "number", "is_open"], name="one_block_per_number"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PassageTerms",
            fields=[
                (
                    "passage",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="knowledge.passage",
                    ),
                ),
                ("data", models.BinaryField()),
            ],
            options={"verbose_name_plural": "passage terms"},
        ),
        migrations.CreateModel(
            name="Word",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "folded",
                    models.CharField(help_text="In lower case without accents.", max_length=40),
                ),
                ("language", models.CharField(max_length=8)),
                ("text", models.CharField(help_text="In lower case.", max_length=40)),
                ("passages", models.IntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["folded", "language"], name="one_word_per_language")
                ],
            },
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(create_table, drop_table)],
            state_operations=[
                migrations.CreateModel(
                    name="Posting",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "block_id",
                                "term",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "block",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="knowledge.block",
                            ),
                        ),
                        ("term", models.BigIntegerField()),
                        ("data", models.BinaryField()),
                    ],
                ),
            ],
        ),
    ]
