"""``manage.py chat``: a conversation in the terminal, with this desk or with one far away."""

import asyncio
import getpass
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from prompt_toolkit import PromptSession
from prompt_toolkit.formatted_text import FormattedText
from rich.console import Console

from chat.errors import ChatError
from chat.terminal.desk import Desk, Unreachable
from chat.terminal.local import LocalDesk
from chat.terminal.output import JsonLines, Output, PlainText
from chat.terminal.remote import RemoteDesk
from chat.terminal.screen import Screen
from chat.terminal.session import INTERRUPTED, NOT_REACHABLE, REFUSED, Session
from chat.terminal.state import State

LONGEST_QUESTION = (
    1_000_000  # characters read from standard input; how many a question may have, the desk says
)


class Command(BaseCommand):
    """Ask once, with a question as argument or on standard input, or talk."""

    help = (
        "Talk with the desk: here as --user NAME, or with one far away by --url and --token. With a question "
        "as argument or on standard input it answers and ends. Codes: 0 answered, 2 refused or failed, 3 not "
        "reachable, 130 interrupted."
    )
    requires_system_checks = ()  # this desk's settings say nothing of another one

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take whom to talk with, as whom, about what, and how to show it."""
        parser.add_argument("question", nargs="*", help="ask this and end")
        parser.add_argument("--user", help="talk with this desk, as this person (user name)")
        parser.add_argument("--url", help="talk with the desk at this address")
        parser.add_argument("--token", help="API key or access token for --url; - asks for it, unseen")
        parser.add_argument("--token-file", type=Path, help="a file that holds the token, and nothing else")
        parser.add_argument("--allow-http", action="store_true", help="send the token over plain http")
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--new", action="store_true", help="begin a new conversation")
        which.add_argument("--conversation", type=UUID, metavar="ID", help="go on with this conversation")
        parser.add_argument("--json", action="store_true", help="print every event as a line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it, and end with the code of its outcome."""
        question = _question(options["question"], as_json=options["json"])
        try:
            code = asyncio.run(_run(options, question, self))
        except KeyboardInterrupt:
            code = INTERRUPTED
        if code:
            sys.exit(code)


async def _run(options: dict[str, Any], question: str | None, command: BaseCommand) -> int:
    output: Output = _output(options, "", command)
    desk: Desk | None = None
    try:
        desk = await _desk(options)
        output = _output(options, desk.site, command)
        state = State(Path(settings.VAR_DIR) / "terminal", desk.site, desk.who)
        session = Session(desk, output, state)
        resumed = await session.open(options["conversation"], new=options["new"])
        if question is not None:
            return await session.ask_once(question)
        output.say(_welcome(desk.site, resumed=resumed))
        return await session.talk(_prompt(state))
    except ChatError as error:
        output.refused(error)
        return NOT_REACHABLE if isinstance(error, Unreachable) else REFUSED
    finally:
        if desk is not None:
            await desk.close()


async def _desk(options: dict[str, Any]) -> Desk:
    if not options["url"]:
        if not options["user"]:
            words = "as whom? --user NAME for this desk, --url and --token for another"
            raise CommandError(words, returncode=2)
        return await LocalDesk.open(options["user"])
    try:
        return RemoteDesk(options["url"], _token(options), allow_http=options["allow_http"])
    except ValueError as error:
        raise CommandError(str(error), returncode=2) from error


def _token(options: dict[str, Any]) -> str:
    if path := options["token_file"]:
        try:
            return path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"the token cannot be read: {error}", returncode=2) from error
    if options["token"] == "-":
        return getpass.getpass("Token: ").strip()
    if not options["token"]:
        raise CommandError("--url needs --token, --token-file or --token -", returncode=2)
    return options["token"].strip()


def _question(words: list[str], *, as_json: bool) -> str | None:
    """Return the question that was given; None means to talk."""
    if words:
        return " ".join(words)
    if not sys.stdin.isatty():
        return sys.stdin.read(LONGEST_QUESTION)
    if as_json or not sys.stdout.isatty():
        raise CommandError("give the question as an argument or on standard input", returncode=2)
    return None


def _output(options: dict[str, Any], site: str, command: BaseCommand) -> Output:
    if options["json"]:
        return JsonLines(command.stdout)
    console = Console(no_color=options["no_color"] or None, highlight=False, emoji=False, markup=False)
    if not console.is_terminal or console.is_dumb_terminal:
        return PlainText(command.stdout, command.stderr, site)
    return Screen(console, site)


def _welcome(site: str, *, resumed: bool) -> str:
    begun = "Going on with your last conversation" if resumed else "A new conversation"
    return f"{settings.COMPANY_NAME} · {site}\n{begun}. /help lists the commands.\n"


def _prompt(state: State) -> Any:
    lines: PromptSession[str] = PromptSession(history=state.history(), enable_history_search=False)
    mark = FormattedText([("bold ansicyan", "> ")])

    async def ask() -> str:
        while True:
            try:
                return await lines.prompt_async(mark)
            except KeyboardInterrupt:  # the first one empties the line, as in a shell
                if not lines.default_buffer.text:
                    raise
                lines.default_buffer.reset()

    return ask
