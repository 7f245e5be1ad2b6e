"""Since when a conversation is put away, and what it was opened with."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Add the time of archiving, and the digest by which a reused Idempotency-Key is recognised."""

    dependencies = [("chat", "0007_support")]

    operations = [
        migrations.AddField(
            model_name="conversation",
            name="archived_at",
            field=models.DateTimeField(
                blank=True, help_text="Put away by its owner; the next question takes it back out.", null=True
            ),
        ),
        migrations.AddField(
            model_name="conversation",
            name="opening",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                editable=False,
                help_text="Digest of the request that opened it under an Idempotency-Key.",
                max_length=32,
            ),
        ),
    ]
