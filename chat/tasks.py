"""Celery tasks: shells that take ids and call the turn."""

from uuid import UUID

from celery import shared_task

from chat.turn import overdue
from chat.turn.carrier import carrier
from chat.turn.ending import announce
from chat.turn.worker_loop import worker_loop


@shared_task(name="chat.tasks.run_turn", ignore_result=True)
def run_turn(turn_id: str) -> None:
    """Run one turn on the process's event loop; redelivery is harmless, since a turn is claimed."""
    worker_loop.run(_run(UUID(turn_id)))


@shared_task(name="chat.tasks.sweep", ignore_result=True)
def sweep() -> None:
    """Begin again what nobody works on; end what has had all its attempts."""
    for turn_id in overdue.to_begin_again():
        run_turn.delay(str(turn_id))
    failed = overdue.give_up()
    if failed:
        worker_loop.run(announce(failed))


async def _run(turn_id: UUID) -> None:
    await carrier().run(turn_id)
