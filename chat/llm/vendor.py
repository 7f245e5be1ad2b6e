"""What every provider behind a vendor's SDK does: open the call, read the body, close it whatever happens.

The SDK makes the request, signs it and reports its errors. The body is read raw, because the SDKs' own stream
objects cost several times the CPU of everything else in a turn together.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from chat.llm.answer_stream import AnswerStream, Dialect, Patience
from chat.llm.base import Finish, Request, Text
from chat.llm.errors import ProviderError, ProviderRefused, TimedOut
from chat.llm.vendor_errors import connection_error, status_error

if TYPE_CHECKING:
    import httpx2

# The SDKs' 1,000 would make the thousand-and-first answer wait for a connection; memory is the real limit.
MOST_CONNECTIONS = 10_000
KEEP_CONNECTION_SECONDS = 20.0
# No language's text averages more a token; past it, a provider ignores the limit it was given.
MOST_CHARACTERS_PER_TOKEN = 16


class VendorProvider:
    """One vendor's endpoint and model; belongs to the event loop in which it is first used.

    Args:
        name: kind of provider, as in ``LLM_CHAIN``.
        model: the model's (or deployment's) name.
        patience: time limits.
    """

    def __init__(self, name: str, model: str, patience: Patience):
        self.name, self.model, self._patience = name, model, patience
        self._client: Any = None
        self._failures: tuple[type[Exception], ...] = ()
        self._connecting = asyncio.Lock()

    # --- what a vendor adds -----------------------------------------------------------------------

    def _make_client(self) -> tuple[Any, tuple[type[Exception], ...]]:
        """Import the SDK; return a client without retries and the exceptions it raises."""
        raise NotImplementedError

    async def _call(self, client: Any, request: Request) -> "httpx2.Response":
        """Return the response of a streamed call, its body unread."""
        raise NotImplementedError

    def _dialect(self) -> Dialect:
        """Return the meaning of the vendor's events, new for every call."""
        raise NotImplementedError

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
        client = self._client or await self.connect()
        deadline = asyncio.get_running_loop().time() + self._patience.first_token
        response = await self._open(client, request, deadline)
        try:
            async with aclosing(response.aiter_bytes()) as body:
                answer = AnswerStream(
                    body,
                    self._dialect(),
                    self._patience,
                    first_deadline=deadline,
                    most_characters=request.max_tokens * MOST_CHARACTERS_PER_TOKEN,
                    failures=self._failures,
                )
                while not answer.ended:
                    if text := await answer.read():
                        yield Text(text)
                yield answer.finish(prompt_characters(request))
        finally:
            # Closing in mid-answer drops the connection, so the vendor stops writing (and charging) at once.
            await response.aclose()

    async def aclose(self) -> None:
        """Let go of connections."""
        async with self._connecting:
            client, self._client = self._client, None
        if client is not None:
            await client.close()

    # --- the call ---------------------------------------------------------------------------------

    async def _open(self, client: Any, request: Request, deadline: float) -> "httpx2.Response":
        try:
            async with asyncio.timeout_at(deadline):
                return await self._call(client, request)
        except TimeoutError:
            raise TimedOut("first token") from None
        except self._failures as error:
            # Without the vendor's exception behind it, whose message may repeat a part of key or prompt.
            raise _translated(error) from None
        except ValueError as error:
            # A key or a text that cannot be written down as bytes.
            raise ProviderRefused(f"the request cannot be sent: {type(error).__name__}") from None


def _translated(error: Exception) -> ProviderError:
    response = getattr(error, "response", None)
    if response is None:
        return connection_error(error)
    return status_error(response.status_code, getattr(error, "body", None), response.headers)


def prompt_characters(request: Request) -> int:
    """Return the length of everything that is sent."""
    return len(request.system) + sum(len(message.text) for message in request.messages)


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
