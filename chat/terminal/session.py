"""A conversation: asks, shows, stops, and takes up what an earlier run has left."""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import aclosing, contextmanager
from uuid import UUID, uuid4

from chat.errors import ChatError, NotFound
from chat.terminal import wording
from chat.terminal.desk import FINAL, Desk, Event, Thread
from chat.terminal.output import Output
from chat.terminal.state import State

ANSWERED, REFUSED, NOT_REACHABLE, INTERRUPTED = 0, 2, 3, 130
_SHOWN_OF_EARLIER = 6  # messages
_UNFINISHED = ("queued", "running")

HELP = """\
/new       begin another conversation
/list      your newest conversations
/open N    go on with one of the list
/history   everything said in this one
/quit      end (Ctrl-D does too)
Ctrl-C stops the answer under way; once more ends."""

Ask = Callable[[], Awaitable[str]]


class Ended(Exception):
    """The person has had enough."""


class Session:
    """One person's talk with one desk."""

    def __init__(self, desk: Desk, output: Output, state: State):
        self._desk, self._output, self._state = desk, output, state
        self._thread: Thread | None = None
        self._listed: list[Thread] = []
        self._turn: UUID | None = None
        self._interrupts = 0
        self._stopping: asyncio.Task[None] | None = None

    async def open(self, conversation_id: UUID | None = None, *, new: bool = False) -> bool:
        """Open the named conversation, the last one or a new one; tell whether it has been talked in.

        Raises:
            ChatError: the named one is not there, or somebody else's; or the desk refuses.
        """
        last = None if new or conversation_id else self._state.conversation()
        try:
            if conversation_id or last:
                self._thread = await self._desk.find(conversation_id or last)
                self._state.remember(self._thread.id)
                return True
        except ChatError as error:
            if conversation_id or error.code != NotFound.code:
                raise
        await self._begin()
        return False

    async def ask_once(self, text: str) -> int:
        """Ask, show the answer, and return the code that the program ends with."""
        try:
            return await self._ask(text)
        except Ended:
            return INTERRUPTED

    async def talk(self, ask: Ask) -> int:
        """Talk until the person ends it: ``ask`` returns a line, and raises ``EOFError`` at the end."""
        try:
            await self._take_up(_SHOWN_OF_EARLIER)
            while True:
                try:
                    await self._one(await ask())
                except ChatError as error:
                    self._output.refused(error)
        except (EOFError, KeyboardInterrupt):
            return ANSWERED
        except Ended:
            return INTERRUPTED

    async def _one(self, line: str) -> None:
        command, _, rest = line.strip().partition(" ")
        if not command:
            return
        if not command.startswith("/"):
            await self._ask(line)
        elif command in ("/quit", "/exit"):
            raise EOFError
        elif act := self._commands.get(command):
            await act(self, rest.strip())
        else:
            self._output.say(f"There is no {command}.\n{HELP}")

    async def _on_new(self, _: str) -> None:
        await self._begin()
        self._output.say("A new conversation.")

    async def _on_list(self, _: str) -> None:
        self._listed = await self._desk.recent()
        for number, thread in enumerate(self._listed, start=1):
            self._output.say(f"{number:>3}  {wording.safe(thread.title) or thread.id}")
        if not self._listed:
            self._output.say("There is none yet.")

    async def _on_open(self, number: str) -> None:
        if not self._listed:
            self._listed = await self._desk.recent()
        if not (number.isdecimal() and 0 < int(number) <= len(self._listed)):
            self._output.say("Which one? /list shows them with their numbers.")
            return
        await self.open(self._listed[int(number) - 1].id)
        await self._take_up(_SHOWN_OF_EARLIER)

    async def _on_history(self, _: str) -> None:
        await self._take_up(None)

    async def _on_help(self, _: str) -> None:
        self._output.say(HELP)

    _commands: dict[str, Callable[["Session", str], Awaitable[None]]] = {
        "/new": _on_new,
        "/list": _on_list,
        "/open": _on_open,
        "/history": _on_history,
        "/help": _on_help,
    }

    async def _begin(self) -> None:
        self._thread = await self._desk.begin()
        self._state.remember(self._thread.id)

    async def _take_up(self, newest: int | None) -> None:
        """Show what was said, the newest messages or all, and go on with answers under way."""
        messages = await self._desk.messages(self._thread.id)
        left_out = 0 if newest is None else max(0, len(messages) - newest)
        if left_out:
            self._output.say(f"({left_out} earlier messages: /history)")
        for message in messages[left_out:]:
            self._output.message(message)
        for message in messages:
            if message["role"] == "user" and message["state"] in _UNFINISHED:
                await self._show(self._desk.follow(UUID(message["turn"])))

    async def _ask(self, text: str) -> int:
        return await self._show(self._desk.ask(self._thread.id, text, uuid4()))

    async def _show(self, events: AsyncIterator[Event]) -> int:
        """Show an answer to its end.

        Raises:
            Ended: it was interrupted twice.
            ChatError: it could not be had.
        """
        self._turn, self._interrupts, self._stopping = None, 0, None
        watching = asyncio.ensure_future(self._watch(events))
        with self._listening(watching):
            try:
                return await watching
            except asyncio.CancelledError:
                if self._interrupts < 2:
                    raise
                raise Ended from None
            finally:
                self._output.leave()
                if self._stopping is not None:
                    await asyncio.gather(self._stopping, return_exceptions=True)

    async def _watch(self, events: AsyncIterator[Event]) -> int:
        outcome = ""
        async with aclosing(events):
            async for event in events:
                outcome = event["type"]
                if "turn" in event:
                    self._turn = UUID(event["turn"])
                    self._stop_if_wanted()
                self._output.event(event)
                if outcome in FINAL:
                    break
        return ANSWERED if outcome == "turn.completed" else REFUSED

    def _stop_if_wanted(self) -> None:
        if self._interrupts and self._turn is not None and self._stopping is None:
            self._stopping = asyncio.ensure_future(self._desk.stop(self._turn))

    @contextmanager
    def _listening(self, watching: asyncio.Future[int]) -> Iterator[None]:
        """Take Ctrl-C as the wish to stop the answer, the second one as the wish to end."""
        loop = asyncio.get_running_loop()

        def interrupted() -> None:
            self._interrupts += 1
            self._stop_if_wanted()
            if self._interrupts > 1:
                watching.cancel()

        try:
            loop.add_signal_handler(signal.SIGINT, interrupted)
        except (NotImplementedError, RuntimeError, ValueError):  # no signals here: not the main thread
            yield
            return
        try:
            yield
        finally:
            loop.remove_signal_handler(signal.SIGINT)
