"""How many claims of an answer there were, and how many of them no source bore out."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Add the two counts to turns."""

    dependencies = [("chat", "0006_tone")]

    operations = [
        migrations.AddField(
            model_name="turn",
            name="claims",
            field=models.PositiveSmallIntegerField(
                default=0, help_text="Sentences of the model's answer with a figure, a code or a promise."
            ),
        ),
        migrations.AddField(
            model_name="turn",
            name="unsupported_claims",
            field=models.PositiveSmallIntegerField(
                default=0, help_text="Of these, the ones that no source bears out."
            ),
        ),
    ]
