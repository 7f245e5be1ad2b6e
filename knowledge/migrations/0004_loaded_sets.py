"""What the loading commands remember."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Make the table of loaded sets of files."""

    dependencies = [("knowledge", "0003_records")]

    operations = [
        migrations.CreateModel(
            name="LoadedSet",
            fields=[
                ("name", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("digest", models.CharField(max_length=64)),
                ("loaded_for", models.DateField()),
            ],
        ),
    ]
