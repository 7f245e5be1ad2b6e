"""How a model call can fail. Vendors' exceptions are translated to these at the border, inside the providers.

ProviderError
├── ProviderRefused      the key or the request is not accepted (400, 401, 403, 404)
├── RateLimited          too many calls (429), perhaps with the seconds to wait
├── Unavailable          no connection, or the provider's own fault (5xx)
├── TimedOut             no connection, no first token or no next token in time
├── MalformedStream      the body is not what the protocol says
├── StreamCut            the body ended before the answer did
├── ContentFiltered      the provider will not answer this
└── ContextTooLong       the request does not fit the model
"""


class ProviderError(Exception):
    """A model call failed.

    Args:
        reason: what happened, for logs; never holds a key or a person's text.
        retryable: whether the same call to the same provider may succeed soon.
    """

    code = "provider_error"
    retryable = False

    def __init__(self, reason: str = "", *, retryable: bool | None = None):
        super().__init__(reason or self.code)
        self.retryable = self.retryable if retryable is None else retryable


class ProviderRefused(ProviderError):
    """The key or the request is not accepted; ``lasting`` when no other request would be either."""

    code = "provider_refused"

    def __init__(self, reason: str = "", *, lasting: bool = False):
        super().__init__(reason)
        self.lasting = lasting


class RateLimited(ProviderError):
    """Too many calls; ``retry_after`` is in seconds, where the provider said so."""

    code = "provider_rate_limited"
    retryable = True

    def __init__(self, reason: str = "", *, retry_after: float | None = None):
        super().__init__(reason)
        self.retry_after = retry_after


class Unavailable(ProviderError):
    """No connection, or the provider's own fault."""

    code = "provider_unavailable"
    retryable = True


class TimedOut(ProviderError):
    """Nothing came in time; ``waiting_for`` is ``connection``, ``first token`` or ``next token``."""

    code = "provider_timed_out"
    retryable = True

    def __init__(self, waiting_for: str):
        super().__init__(f"timed out waiting for {waiting_for}")
        self.waiting_for = waiting_for


class MalformedStream(ProviderError):
    """The body is not what the protocol says."""

    code = "provider_malformed"
    retryable = True


class StreamCut(ProviderError):
    """The body ended before the answer did."""

    code = "provider_cut"
    retryable = True


class ContentFiltered(ProviderError):
    """The provider will not answer this."""

    code = "provider_filtered"


class ContextTooLong(ProviderError):
    """The request does not fit the model."""

    code = "provider_context_too_long"
