"""The search index."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

# Clustered by term on SQLite and covered by the key on PostgreSQL: scoring reads one stretch per term and
# never visits a row, which the table that Django would make cannot give.
TABLE = """
    CREATE TABLE knowledge_posting (
        term_id bigint NOT NULL,
        passage_id bigint NOT NULL,
        weight smallint NOT NULL,
        PRIMARY KEY (term_id, passage_id){covering}
    ){clustered}
"""
SUFFIXES = {
    "sqlite": {"covering": "", "clustered": " WITHOUT ROWID"},
    "postgresql": {"covering": " INCLUDE (weight)", "clustered": ""},
}


def create_table(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Make the postings table in the shape the database reads fastest."""
    schema_editor.execute(TABLE.format(**SUFFIXES[schema_editor.connection.vendor]))
    schema_editor.execute("CREATE INDEX posting_by_passage ON knowledge_posting (passage_id)")


def drop_table(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Drop the postings table with its index."""
    schema_editor.execute("DROP TABLE knowledge_posting")


class Migration(migrations.Migration):
    """Make terms, postings and their counts."""

    dependencies = [("knowledge", "0001_documents")]

    operations = [
        migrations.CreateModel(
            name="Library",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("revision", models.PositiveBigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Shelf",
            fields=[
                ("language", models.CharField(max_length=8, primary_key=True, serialize=False)),
                ("passages", models.PositiveIntegerField(default=0)),
                ("terms", models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Term",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.CharField(max_length=100)),
                ("language", models.CharField(max_length=8)),
                ("passages", models.PositiveIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["text", "language"], name="one_term_per_language")
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
                                "term_id",
                                "passage_id",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("weight", models.SmallIntegerField()),
                        (
                            "passage",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="knowledge.passage",
                            ),
                        ),
                        (
                            "term",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="knowledge.term",
                            ),
                        ),
                    ],
                    options={"indexes": [models.Index(fields=["passage"], name="posting_by_passage")]},
                ),
            ],
        ),
    ]
