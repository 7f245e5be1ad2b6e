"""How questions sound, and conversations that wait for a person."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Add the tone and the urgency of a turn, and a kind of flag."""

    dependencies = [("chat", "0005_agents")]

    operations = [
        migrations.AddField(
            model_name="turn",
            name="tone",
            field=models.CharField(
                blank=True,
                choices=[
                    ("calm", "Calm"),
                    ("worried", "Worried"),
                    ("frustrated", "Frustrated"),
                    ("angry", "Angry"),
                ],
                default="",
                help_text="How the question sounds. Empty: not told.",
                max_length=10,
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="turn",
            name="is_urgent",
            field=models.BooleanField(default=False, verbose_name="travels soon"),
        ),
        migrations.AlterField(
            model_name="conversationflag",
            name="kind",
            field=models.CharField(
                choices=[
                    ("protocol", "In danger: shown the crisis text"),
                    ("support", "Perhaps in danger: shown the help lines"),
                    ("wish", "Waiting for a person: asked for one"),
                ],
                max_length=10,
            ),
        ),
    ]
