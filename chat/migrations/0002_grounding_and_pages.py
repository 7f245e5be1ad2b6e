"""How well answers are grounded, and the page a citation stands on."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Add what later questions about answers need."""

    dependencies = [
        ("chat", "0001_conversations_and_turns"),
    ]

    operations = [
        migrations.AddField(
            model_name="citation",
            name="page",
            field=models.PositiveIntegerField(
                blank=True, help_text="Page of the file it was read from.", null=True
            ),
        ),
        migrations.AddField(
            model_name="turn",
            name="grounding",
            field=models.CharField(
                blank=True,
                choices=[
                    ("sure", "Good passages or records"),
                    ("unsure", "Doubtful passages"),
                    ("refused", "Nothing good enough was found"),
                    ("insufficient", "The model found the passages insufficient"),
                ],
                help_text="Empty: nothing was to be looked up.",
                max_length=12,
            ),
        ),
        migrations.AddIndex(
            model_name="turn",
            index=models.Index(fields=["grounding", "-created_at"], name="turn_by_grounding"),
        ),
        migrations.CreateModel(
            name="Trial",
            fields=[],
            options={
                "verbose_name": "trial",
                "verbose_name_plural": "try a question",
                "proxy": True,
                "default_permissions": (),
                "indexes": [],
                "constraints": [],
            },
            bases=("chat.turn",),
        ),
        migrations.CreateModel(
            name="WeakQuestion",
            fields=[],
            options={
                "verbose_name": "question that found too little",
                "verbose_name_plural": "questions that found too little",
                "proxy": True,
                "default_permissions": (),
                "indexes": [],
                "constraints": [],
            },
            bases=("chat.turn",),
        ),
    ]
