"""The audit trail, and the database's own refusal to change or delete what stands in it.

The way the retention task takes is one table, ``accounts_audit_window``: while a row there names an instant,
entries older than it may be deleted. The task adds the row, deletes, and takes the row out in one
transaction, so no other connection ever sees the window open. Where the web process has a role of its own,
withhold that table from it (docs/security.md).
"""

import django.utils.timezone
from django.db import migrations, models

_WINDOW = "CREATE TABLE accounts_audit_window (opened_before {type} NOT NULL)"
_SQLITE = (
    """
    CREATE TRIGGER accounts_audit_no_update BEFORE UPDATE ON accounts_auditentry
    BEGIN SELECT RAISE(ABORT, 'audit entries are never changed'); END
    """,
    """
    CREATE TRIGGER accounts_audit_no_delete BEFORE DELETE ON accounts_auditentry
    WHEN NOT EXISTS (SELECT 1 FROM accounts_audit_window WHERE OLD.at < opened_before)
    BEGIN SELECT RAISE(ABORT, 'audit entries are deleted by the retention task alone'); END
    """,
    # Replacing a row is a deletion that fires no trigger of its own.
    """
    CREATE TRIGGER accounts_audit_no_replace BEFORE INSERT ON accounts_auditentry
    WHEN EXISTS (SELECT 1 FROM accounts_auditentry WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'audit entries are never changed'); END
    """,
)
_POSTGRESQL = (
    """
    CREATE FUNCTION accounts_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'DELETE' AND EXISTS (SELECT 1 FROM accounts_audit_window WHERE OLD.at < opened_before) THEN
        RETURN OLD;
      END IF;
      IF TG_OP = 'TRUNCATE' AND EXISTS (SELECT 1 FROM accounts_audit_window WHERE opened_before = 'infinity') THEN
        RETURN NULL;
      END IF;
      IF TG_OP = 'UPDATE' THEN
        RAISE EXCEPTION 'audit entries are never changed';
      END IF;
      RAISE EXCEPTION 'audit entries are deleted by the retention task alone';
    END $$
    """,
    """
    CREATE TRIGGER accounts_audit_by_row BEFORE UPDATE OR DELETE ON accounts_auditentry
    FOR EACH ROW EXECUTE FUNCTION accounts_audit_refuse()
    """,
    """
    CREATE TRIGGER accounts_audit_whole BEFORE TRUNCATE ON accounts_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION accounts_audit_refuse()
    """,
)
_UNDO = {
    "sqlite": (
        "DROP TRIGGER accounts_audit_no_update",
        "DROP TRIGGER accounts_audit_no_delete",
        "DROP TRIGGER accounts_audit_no_replace",
    ),
    "postgresql": (
        "DROP TRIGGER accounts_audit_by_row ON accounts_auditentry",
        "DROP TRIGGER accounts_audit_whole ON accounts_auditentry",
        "DROP FUNCTION accounts_audit_refuse()",
    ),
}


def guard(_apps, schema_editor):
    """Have the database refuse changes."""
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    schema_editor.execute(_WINDOW.format(type="text" if is_sqlite else "timestamptz"))
    for statement in _SQLITE if is_sqlite else _POSTGRESQL:
        schema_editor.execute(statement)


def unguard(_apps, schema_editor):
    """Take the refusal away again."""
    for statement in _UNDO[schema_editor.connection.vendor]:
        schema_editor.execute(statement)
    schema_editor.execute("DROP TABLE accounts_audit_window")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_plans_and_spending")]
    operations = [
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                ("act", models.CharField(max_length=40)),
                (
                    "actor_id",
                    models.BigIntegerField(
                        blank=True, help_text="Id of the person; empty: the desk.", null=True
                    ),
                ),
                ("actor_label", models.CharField(blank=True, max_length=150, verbose_name="actor")),
                ("object_kind", models.CharField(blank=True, max_length=60)),
                ("object_id", models.CharField(blank=True, max_length=64)),
                (
                    "address",
                    models.CharField(blank=True, help_text="IP address the act came from.", max_length=45),
                ),
                ("request_id", models.CharField(blank=True, max_length=64)),
                (
                    "details",
                    models.JSONField(blank=True, default=dict, help_text="Without texts and secrets."),
                ),
            ],
            options={
                "verbose_name": "audit entry",
                "verbose_name_plural": "audit trail",
                "ordering": ["-id"],
                "default_permissions": ("view",),
                "permissions": [("export_auditentry", "Can export the audit trail")],
                "indexes": [
                    models.Index(fields=["act", "-at"], name="audit_by_act"),
                    models.Index(fields=["actor_id", "-at"], name="audit_by_actor"),
                    models.Index(fields=["object_kind", "object_id"], name="audit_by_object"),
                ],
            },
        ),
        migrations.RunPython(guard, unguard),
    ]
