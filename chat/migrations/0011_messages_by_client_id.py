"""Find a question by the id its client gave it, whichever conversation it stands in."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("chat", "0010_batches")]

    operations = [
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("client_id__isnull", False)),
                fields=["client_id", "-created_at"],
                name="message_by_client_id",
            ),
        ),
    ]
