"""``manage.py demo_tour``: the story of the desk, played in the terminal with commentary."""

import asyncio
import contextlib
import signal
import sys
import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console

from chat.errors import ChatError
from chat.terminal.output import Output, PlainText
from chat.terminal.screen import Screen
from chat.terminal.tour.process import DeskProcess, TourBroken
from chat.terminal.tour.stand_in import StandIn
from chat.terminal.tour.story import Tour

WORD_SECONDS, FAST_WORD_SECONDS = 0.06, 0.004
INTERRUPTED = 130


class Command(BaseCommand):
    """Start a desk with the sample airline in a temporary folder, play, and remove all of it."""

    help = "Play the story of the desk on the sample airline. Touches no database but its own temporary one."
    requires_system_checks = ()  # the tour's desk has settings of its own

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take ``--fast``."""
        parser.add_argument("--fast", action="store_true", help="without pauses for reading")

    def handle(self, *args: Any, fast: bool, **options: Any) -> None:
        """Play; the code is 1 when something was not as it should be."""
        try:
            missed = asyncio.run(_play(self, fast=fast, no_color=options["no_color"]))
        except (KeyboardInterrupt, asyncio.CancelledError):
            sys.exit(INTERRUPTED)
        except (TourBroken, ChatError) as error:
            raise CommandError(str(error)) from error
        if missed:
            raise CommandError("not as it should be: " + "; ".join(missed))


async def _play(command: BaseCommand, *, fast: bool, no_color: bool) -> list[str]:
    # So that the child ends with us, however we are told to end.
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, asyncio.current_task().cancel)
    async with contextlib.AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="chatsite-tour-")))
        model = next((link for link in settings.LLM_CHAIN if link != "extractive"), None)
        stand_in = None
        changes = {}
        if model is None:
            pace = FAST_WORD_SECONDS if fast else WORD_SECONDS
            stand_in = await stack.enter_async_context(StandIn(pace))
            changes = {
                "LLM_CHAIN": "compatible,extractive",
                "COMPATIBLE_BASE_URL": stand_in.base_url,
                "COMPATIBLE_MODEL": "stand-in",
            }
        desk = DeskProcess(folder, changes)
        stack.push_async_callback(desk.stop)
        output = _output(command, desk.site, no_color=no_color)
        output.say(_opening(model))
        await desk.start()
        tour = Tour(desk, output, stand_in, fast=fast)
        await tour.play()
        output.say("\nThe end. The tour's desk is stopped and its folder removed.")
        return tour.missed


def _opening(model: str | None) -> str:
    who = (
        f"A model is set ({model}): it writes the answers."
        if model
        else "No model is set. A stand-in on this machine plays one, by reading the sources aloud; without "
        "any model the desk quotes, which scene 5 shows."
    )
    return f"{settings.COMPANY_NAME}: a tour of about a minute.\n{who}\nStarting a desk of the tour's own …"


def _output(command: BaseCommand, site: str, *, no_color: bool) -> Output:
    console = Console(no_color=no_color or None, highlight=False, emoji=False, markup=False)
    if console.is_terminal and not console.is_dumb_terminal:
        return Screen(console, site)
    return PlainText(command.stdout, command.stdout, site)
