"""What every provider behind a vendor's SDK does: open the call, read the body, close it whatever happens.

The SDK makes the request, signs it and reports its errors. The body is read raw, because the SDKs' own stream
objects cost several times the CPU of everything else in a turn together.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from chat.llm.answer_stream import AnswerStream, Dialect, Patience
from chat.llm.base import Finish, Request, Text
from chat.llm.correlation import begin_call, headers_of_call, note_finish, note_first_text
from chat.llm.errors import ProviderError, ProviderRefused, TimedOut
from chat.llm.vendor_errors import connection_error, is_unsupported_tools, status_error

if TYPE_CHECKING:
    import httpx2

# The SDKs' 1,000 would make the thousand-and-first answer wait for a connection; memory is the real limit.
MOST_CONNECTIONS = 10_000
KEEP_CONNECTION_SECONDS = 20.0
# No language's text averages more a token; past it, a provider ignores the limit it was given.
MOST_CHARACTERS_PER_TOKEN = 16
# How long it is believed of an endpoint that it takes no tools: it may be given another model.
WITHOUT_TOOLS_SECONDS = 3_600.0


ToolUse = Literal["true", "false", "auto"]


class VendorProvider:
    """One vendor's endpoint and model; belongs to the event loop in which it is first used.

    Args:
        name: kind of provider, as in ``LLM_CHAIN``.
        model: the model's (or deployment's) name.
        patience: time limits.
        tools: whether the model may be offered tools; ``auto``: until the endpoint says that it takes none.
    """

    def __init__(self, name: str, model: str, patience: Patience, tools: ToolUse = "auto"):
        self.name, self.model, self._patience, self._tools = name, model, patience, tools
        self._no_tools_until = 0.0
        self._client: Any = None
        self._failures: tuple[type[Exception], ...] = ()
        self._connecting = asyncio.Lock()

    # --- what a vendor adds -----------------------------------------------------------------------

    def _make_client(self) -> tuple[Any, tuple[type[Exception], ...]]:
        """Import the SDK; return a client without retries and the exceptions it raises."""
        raise NotImplementedError

    async def _call(self, client: Any, request: Request, headers: dict[str, str]) -> "httpx2.Response":
        """Return the response of a streamed call, made with these headers as well; its body is unread."""
        raise NotImplementedError

    def _dialect(self) -> Dialect:
        """Return the meaning of the vendor's events, new for every call."""
        raise NotImplementedError

    @property
    def takes_tools(self) -> bool:
        """Whether the model may be offered tools, as far as is known."""
        return self._tools != "false" and time.monotonic() >= self._no_tools_until

    # --- Provider ---------------------------------------------------------------------------------

    async def connect(self) -> Any:
        """Import the SDK and make its client, once; about a second or two, in a thread.

        Returns:
            The SDK's client.

        Raises:
            ProviderRefused: the SDK will not have these settings.
        """
        async with self._connecting:
            if self._client is not None:
                return self._client
            try:
                self._client, self._failures = await asyncio.to_thread(self._make_client)
            except Exception as error:
                # Whatever an SDK has against its settings, the next provider can still be asked.
                raise ProviderRefused(f"no client: {type(error).__name__}") from error
            return self._client

    async def stream(self, request: Request) -> AsyncIterator[Text | Finish]:
        """Yield the answer's text as it is written, then exactly one ``Finish``.

        Raises:
            ProviderError: the call failed; whatever was yielded before stands, nothing follows.
        """
        if request.stays_here:  # the desk asks nobody outside for these; should it ever, this is the wall
            raise ProviderRefused("the request may not leave this process")
        call = begin_call(self.name, self.model, request)
        response: httpx2.Response | None = None
        try:
            client = self._client or await self.connect()
            began = asyncio.get_running_loop().time()
            deadline = began + self._patience.first_token
            response = await self._open(client, request, deadline, headers_of_call(self.name, call))
            async with aclosing(response.aiter_bytes()) as body:
                answer = AnswerStream(
                    body,
                    self._dialect(),
                    self._patience,
                    first_deadline=deadline,
                    most_characters=request.max_tokens * MOST_CHARACTERS_PER_TOKEN,
                    failures=self._failures,
                )
                is_first = True
                while not answer.ended:
                    if text := await answer.read():
                        if is_first:
                            is_first = False
                            note_first_text(call, asyncio.get_running_loop().time() - began)
                        yield Text(text)
                finish = answer.finish(prompt_characters(request))
                note_finish(call, finish, answer.model)
                yield finish
        except ProviderError as error:
            call.failed(error.code)
            raise
        finally:
            call.end()
            # Closing in mid-answer drops the connection, so the vendor stops writing (and charging) at once.
            if response is not None:
                await response.aclose()

    async def aclose(self) -> None:
        """Let go of connections."""
        async with self._connecting:
            client, self._client = self._client, None
        if client is not None:
            await client.close()

    # --- the call ---------------------------------------------------------------------------------

    async def _open(
        self, client: Any, request: Request, deadline: float, headers: dict[str, str]
    ) -> "httpx2.Response":
        try:
            async with asyncio.timeout_at(deadline):
                return await self._call_with_tools(client, request, headers)
        except TimeoutError:
            raise TimedOut("first token") from None
        except self._failures as error:
            # Without the vendor's exception behind it, whose message may repeat a part of key or prompt.
            raise _translated(error) from None
        except ValueError as error:
            # A key or a text that cannot be written down as bytes.
            raise ProviderRefused(f"the request cannot be sent: {type(error).__name__}") from None

    async def _call_with_tools(
        self, client: Any, request: Request, headers: dict[str, str]
    ) -> "httpx2.Response":
        """Call; once more without tools where the endpoint says that it takes none, and so from then on."""
        if request.tools and not self.takes_tools:
            request = replace(request, tools=())
        try:
            return await self._call(client, request, headers)
        except self._failures as error:
            if not (request.tools and self._tools == "auto" and is_unsupported_tools(error)):
                raise
            self._no_tools_until = time.monotonic() + WITHOUT_TOOLS_SECONDS
            return await self._call(client, replace(request, tools=()), headers)


def _translated(error: Exception) -> ProviderError:
    response = getattr(error, "response", None)
    if response is None:
        return connection_error(error)
    return status_error(response.status_code, getattr(error, "body", None), response.headers)


def prompt_characters(request: Request) -> int:
    """Return the length of everything that is sent."""
    return (
        len(request.system)
        + sum(len(message.text) for message in request.messages)
        + (tool_characters(request) if request.tools else 0)
    )


def tool_characters(request: Request) -> int:
    """Return about the length of the tools that are offered, and of what was asked of them."""
    offered = sum(len(tool.description) + len(str(tool.parameters)) for tool in request.tools)
    return offered + sum(len(call.arguments) for message in request.messages for call in message.calls)


def client_options(sdk: Any, patience: Patience) -> dict[str, Any]:
    """Return what both SDKs' clients are made with: no retries, aiohttp, a time limit to connect."""
    import httpx2

    limits = httpx2.Limits(max_connections=MOST_CONNECTIONS, keepalive_expiry=KEEP_CONNECTION_SECONDS)
    # Reads have no limit of the transport's: it would count bytes, and set a timer for every packet.
    timeout = httpx2.Timeout(None, connect=patience.connect, pool=patience.connect)
    client = sdk.DefaultAioHttpClient(limits=limits, timeout=timeout)
    return {"max_retries": 0, "timeout": timeout, "http_client": client}


def failures_of(sdk_error: type[Exception]) -> tuple[type[Exception], ...]:
    """Return everything by which a call or a body of that SDK can fail, its own error being ``sdk_error``."""
    import aiohttp
    import httpx2

    # The transport lets some of aiohttp's errors through as they are.
    return (sdk_error, httpx2.HTTPError, httpx2.InvalidURL, aiohttp.ClientError, OSError)
