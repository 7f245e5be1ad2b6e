"""What a migration that changes the shape of the index leaves to do: fill it again."""

from typing import Any

from django.apps import AppConfig
from django.apps.registry import Apps
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor
from django.db.models.signals import post_migrate


def connect(application: AppConfig) -> None:
    """Let the index be filled after the migrations of ``application``."""
    post_migrate.connect(fill_index, sender=application)


def fill_index(*, apps: Apps | None = None, using: str, **signal: Any) -> None:
    """Index the published versions that are not, once the tables have the shape that the code knows.

    Connected to ``post_migrate``. ``apps`` is the state that the migrations reached, maybe an older one; None
    after a flush, which leaves nothing to index.
    """
    if using != DEFAULT_DB_ALIAS or apps is None:
        return
    try:
        version = apps.get_model("knowledge", "Version")
        apps.get_model("knowledge", "Block")
    except LookupError:
        return
    # Superseded texts are published and not indexed, too; most of the time there is neither.
    if version.objects.filter(status="published", indexed=False).exists() and _is_up_to_date(using):
        from knowledge.search import state  # the models are there only now

        state.repair()


def _is_up_to_date(using: str) -> bool:
    executor = MigrationExecutor(connections[using])
    return not executor.migration_plan(executor.loader.graph.leaf_nodes("knowledge"))
