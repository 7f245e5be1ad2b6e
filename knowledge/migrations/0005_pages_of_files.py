"""Where the pages of a file begin in its text."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Let versions know the file and its pages."""

    dependencies = [
        ("knowledge", "0004_loaded_sets"),
    ]

    operations = [
        migrations.AddField(
            model_name="version",
            name="file_name",
            field=models.CharField(blank=True, help_text="The file this text was read from.", max_length=255),
        ),
        migrations.AddField(
            model_name="version",
            name="page_starts",
            field=models.JSONField(
                blank=True,
                default=list,
                editable=False,
                help_text="Offset at which each page of the file begins.",
            ),
        ),
    ]
