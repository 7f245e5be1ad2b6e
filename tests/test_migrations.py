"""Migrations that the old code can live with while the new one is being brought in (docs/operations.md)."""

import logging
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django_migration_linter import MigrationLinter
from django_migration_linter.sql_analyser import analyse_sql_statements, get_sql_analyser_class

pytestmark = pytest.mark.skipif(not settings.REDIS_URL, reason="the linter reads what PostgreSQL would get")

OWN = {"accounts", "chat", "knowledge", "webhooks"}
# Made before the first release: no desk had to be brought through them while it ran. Nothing is added here.
BEFORE_THE_FIRST_RELEASE = {
    "chat.0002_grounding_and_pages",
    "chat.0006_tone",
    "chat.0007_support",
    "knowledge.0005_pages_of_files",
    "knowledge.0010_packed_postings",
}


def errors_in(statements):
    errors, _, _ = analyse_sql_statements(get_sql_analyser_class("postgresql"), statements)
    return errors


@pytest.mark.django_db
def test_no_migration_disturbs_a_running_desk(caplog):
    caplog.set_level(logging.ERROR, "django_migration_linter")
    linter = MigrationLinter(str(Path(__file__).parents[1]), no_cache=True)
    own = sorted(key for key in MigrationLoader(connection).disk_migrations if key[0] in OWN)
    wrong = {f"{app}.{name}" for app, name in own if errors_in(linter.get_sql(app, name))}
    assert {app for app, _ in own} == OWN
    assert wrong == BEFORE_THE_FIRST_RELEASE


@pytest.mark.parametrize(
    "statement",
    [
        'ALTER TABLE "chat_turn" ADD COLUMN "mood" integer NOT NULL;',
        'ALTER TABLE "chat_turn" DROP COLUMN "tone";',
        'ALTER TABLE "chat_turn" RENAME COLUMN "tone" TO "mood";',
        'DROP TABLE "chat_turn";',
    ],
)
def test_linter_finds_what_would_disturb(statement):
    assert errors_in([statement])
