"""What is left of deleted versions that answers may cite."""

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    """Which passages there were, and who could read them."""

    dependencies = [("knowledge", "0008_resemblances")]

    operations = [
        migrations.CreateModel(
            name="RemovedText",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("first_passage", models.BigIntegerField()),
                ("last_passage", models.BigIntegerField(db_index=True)),
                ("title", models.CharField(max_length=200)),
                (
                    "audience",
                    models.CharField(choices=[("public", "Everyone"), ("staff", "Staff only")], max_length=8),
                ),
                ("removed_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
        ),
    ]
