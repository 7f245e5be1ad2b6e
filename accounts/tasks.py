"""Background tasks: shells that call what does the work."""

from celery import shared_task

from accounts.privacy.retention import apply_retention as apply
from accounts.spending import alerts


@shared_task(name="accounts.tasks.apply_retention", ignore_result=True)
def apply_retention() -> None:
    """Delete what is past its retention; two runs at once share the work."""
    apply()


@shared_task(name="accounts.tasks.look_after_spending", ignore_result=True)
def look_after_spending() -> None:
    """Tell staff of unusual spending; redelivery is harmless, since each alert is told once."""
    alerts.look_after_spending()
