"""Which request a turn was asked by, so that every attempt at it is told under that request's id."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("chat", "0013_labelled_questions")]

    operations = [
        migrations.AddField(
            model_name="turn",
            name="request_id",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                editable=False,
                help_text="Of the request that asked; every attempt is logged and sent to the provider under it.",
                max_length=64,
            ),
        ),
    ]
