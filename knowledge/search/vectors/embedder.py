"""Texts to unit vectors, through any endpoint that speaks OpenAI's embeddings. The only user of its SDK here.

One synchronous client serves every thread of a process: questions, publications and staff tools share its
connections. The answer's body is decoded here rather than by the SDK, which would make a Python float of
every number first.
"""

import base64
import binascii
import json
import threading
from collections.abc import Mapping, Sequence
from email.utils import parsedate_to_datetime
from functools import lru_cache
from time import sleep, time
from typing import TYPE_CHECKING, Any

import numpy as np
import structlog
from django.conf import settings
from django.core.signals import setting_changed
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, wait_exponential_jitter

from knowledge.search.vectors.errors import (
    DimensionChanged,
    EmbeddingError,
    EndpointBusy,
    EndpointRefused,
    EndpointTimedOut,
    EndpointUnavailable,
    MalformedVectors,
    TextRefused,
)

if TYPE_CHECKING:
    import openai

logger = structlog.get_logger(__name__)

ATTEMPTS = 5
LONGEST_WAIT_SECONDS = 60.0  # an endpoint that asks for more is left alone until the next round
MOST_CHARACTERS = 8_000  # of one text; beyond, models cut or refuse
LEAST_LENGTH = 1e-6  # a vector shorter than this points nowhere
_BACKOFF = wait_exponential_jitter(multiplier=0.5, max=20)
_PASSING = (EndpointBusy, EndpointUnavailable, EndpointTimedOut)


class Embedder:
    """One model behind one endpoint; used by many threads at once.

    Args:
        base_url: address up to and with ``/v1``.
        api_key: the key; servers without one take any text.
        model: the model's name.
    """

    def __init__(self, base_url: str, api_key: str, model: str) -> None:
        self.model = model
        self._base_url, self._api_key = base_url, api_key
        self._client: openai.OpenAI | None = None
        self._connecting = threading.Lock()
        # A quarter of the bytes; endpoints that do not know it are found out by their first refusal.
        self._encoding = "base64"

    def connect(self) -> "openai.OpenAI":
        """Import the SDK and make its client, once; about a second."""
        with self._connecting:
            if self._client is None:
                import openai

                # Retrying is done here alone: two layers would multiply each other's attempts.
                self._client = openai.OpenAI(
                    base_url=self._base_url, api_key=self._api_key or "none", max_retries=0
                )
            return self._client

    def close(self) -> None:
        """Let go of connections."""
        with self._connecting:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    def embed(
        self, texts: Sequence[str], *, seconds: float, dimension: int | None = None, attempts: int = 1
    ) -> np.ndarray:
        """Return one unit vector a text, in their order, by one request (and its repetitions).

        Args:
            texts: none of them empty; cut after ``MOST_CHARACTERS`` each.
            seconds: patience with one try.
            dimension: numbers that a vector must have; None takes what comes.
            attempts: tries in all; busy, unavailable and silent endpoints are tried again.

        Returns:
            An array of 32-bit floats, one row a text.

        Raises:
            EmbeddingError: nothing usable came.
        """
        tries = Retrying(
            retry=retry_if_exception(_is_worth_waiting_for),
            wait=_wait,
            stop=stop_after_attempt(attempts),
            before_sleep=_tell,
            sleep=sleep,
            reraise=True,
        )
        body = tries(self._ask, [text[:MOST_CHARACTERS] for text in texts], seconds)
        return _vectors(body, len(texts), dimension)

    def _ask(self, texts: Sequence[str], seconds: float) -> bytes:
        try:
            return self._request(texts, seconds)
        except TextRefused:
            if self._encoding == "float":
                raise
        body = self._request(texts, seconds, encoding="float")
        self._encoding = "float"
        return body

    def _request(self, texts: Sequence[str], seconds: float, encoding: str = "") -> bytes:
        client = self.connect()
        import openai

        try:
            answer = client.embeddings.with_raw_response.create(
                model=self.model,
                input=list(texts),
                encoding_format=encoding or self._encoding,  # type: ignore[arg-type]
                timeout=seconds,
            )
            return answer.http_response.content
        except openai.APIStatusError as error:
            # Without the vendor's exception behind it, whose message may repeat a part of key or text.
            raise _status_error(error.status_code, error.body, error.response.headers) from None
        except openai.APITimeoutError:
            raise EndpointTimedOut(f"{seconds:g} s") from None
        except (openai.OpenAIError, OSError) as error:
            raise EndpointUnavailable(type(error.__cause__ or error).__name__) from None
        except ValueError as error:
            # A key or a text that cannot be written down as bytes.
            raise TextRefused(type(error).__name__) from None


@lru_cache(maxsize=1)
def embedder() -> Embedder:
    """Return the process's embedder of the configured endpoint."""
    return Embedder(settings.EMBEDDINGS_BASE_URL, settings.EMBEDDINGS_API_KEY, settings.EMBEDDINGS_MODEL)


def _vectors(body: bytes, count: int, dimension: int | None) -> np.ndarray:
    """Return the vectors of an answer in the order of the texts, each made one long.

    Raises:
        MalformedVectors, DimensionChanged: see there.
    """
    try:
        items = json.loads(body)["data"]
        if not isinstance(items, list) or len(items) != count:
            raise MalformedVectors("not one vector a text")
        # Servers that work in parallel may answer out of order.
        by_index = {item.get("index", place): _numbers(item["embedding"]) for place, item in enumerate(items)}
        rows = np.stack([by_index[place] for place in range(count)]).astype(np.float64)
    except (ValueError, TypeError, KeyError, AttributeError, binascii.Error) as error:
        raise MalformedVectors(type(error).__name__) from None
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    if not np.isfinite(rows).all() or not np.isfinite(lengths).all() or (lengths < LEAST_LENGTH).any():
        raise MalformedVectors("a vector that points nowhere")
    if dimension is not None and rows.shape[1] != dimension:
        raise DimensionChanged(f"{rows.shape[1]} instead of {dimension}")
    return (rows / lengths).astype(np.float32)


def _numbers(embedding: object) -> np.ndarray:
    """Return one vector, written as base64 of little-endian floats or as a list of numbers."""
    if isinstance(embedding, str):
        numbers = np.frombuffer(base64.b64decode(embedding, validate=True), dtype="<f4")
    else:
        numbers = np.asarray(embedding, dtype=np.float32)
    if numbers.ndim != 1 or not numbers.size:
        raise MalformedVectors("a vector without numbers")
    return numbers


def _status_error(status: int, body: object, headers: Mapping[str, str]) -> EmbeddingError:
    """Return the error that an HTTP status of 400 or more means."""
    fields: Any = body.get("error", body) if isinstance(body, Mapping) else {}
    code = fields.get("code") if isinstance(fields, Mapping) else None
    # No call will succeed before somebody pays.
    if status == 429 and code != "insufficient_quota":
        return EndpointBusy("429", retry_after=_retry_after(headers))
    if status >= 500 or status in (408, 409):
        return EndpointUnavailable(str(status))
    return TextRefused(str(status)) if status in (400, 413, 422) else EndpointRefused(str(status))


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds of Retry-After, which is either a number or a date."""
    text = headers.get("retry-after", "")
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(text).timestamp() - time()
        except ValueError:
            return None
    return max(seconds, 0.0) if seconds == seconds else None


def _is_worth_waiting_for(error: BaseException) -> bool:
    return isinstance(error, _PASSING) and (getattr(error, "retry_after", 0) or 0) <= LONGEST_WAIT_SECONDS


def _wait(state: RetryCallState) -> float:
    asked = getattr(state.outcome.exception(), "retry_after", None) if state.outcome else None
    return max(asked or 0.0, _BACKOFF(state))


def _tell(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    wait = state.next_action.sleep if state.next_action else 0.0
    logger.info("embedding_again", reason=str(error), wait_seconds=round(wait, 2))


def _forget(*, setting: str, **_: object) -> None:
    """Make a new embedder when a test changes a setting."""
    if setting.startswith("EMBEDDINGS_"):
        embedder.cache_clear()


setting_changed.connect(_forget)
