"""How embedding can fail.

EmbeddingError
├── EndpointRefused      key, model or address is not accepted (401, 403, 404, no quota)
├── TextRefused          these texts are not accepted: too long, too many, not to be read (400, 413, 422)
├── EndpointBusy         too many calls (429), perhaps with the seconds to wait
├── EndpointUnavailable  no connection, or the endpoint's own fault (5xx)
├── EndpointTimedOut     no answer in time
├── MalformedVectors     an answer that holds no usable vectors
└── DimensionChanged     vectors of another length than those kept for this model
"""

from knowledge.errors import KnowledgeError


class EmbeddingError(KnowledgeError):
    """Texts could not be embedded.

    Args:
        detail: what happened, for logs and staff; never holds a key or a text.
    """

    code = "embeddings_failed"
    words = "The embedding endpoint could not be used."
    retryable = True

    def __init__(self, detail: str = "") -> None:
        super().__init__(self.code, f"{self.words} ({detail})" if detail else self.words)
        self.detail = detail


class EndpointRefused(EmbeddingError):
    """Key, model or address is not accepted; somebody has to change a setting."""

    code = "embeddings_refused"
    words = "The embedding endpoint refuses: check its address, key and model."
    retryable = False


class TextRefused(EmbeddingError):
    """These texts are not accepted."""

    code = "embeddings_text_refused"
    words = "The embedding endpoint does not take this text."
    retryable = False


class EndpointBusy(EmbeddingError):
    """Too many calls; ``retry_after`` is in seconds, where the endpoint said so."""

    code = "embeddings_busy"
    words = "The embedding endpoint is busy."

    def __init__(self, detail: str = "", *, retry_after: float | None = None) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class EndpointUnavailable(EmbeddingError):
    """No connection, or the endpoint's own fault."""

    code = "embeddings_unavailable"
    words = "The embedding endpoint cannot be reached or has a fault."


class EndpointTimedOut(EmbeddingError):
    """No answer in time."""

    code = "embeddings_timed_out"
    words = "The embedding endpoint did not answer in time."


class MalformedVectors(EmbeddingError):
    """An answer that holds no usable vectors."""

    code = "embeddings_malformed"
    words = "The embedding endpoint answered with something that is not the vectors asked for."


class DimensionChanged(EmbeddingError):
    """Vectors of another length than those kept for this model."""

    code = "embeddings_dimension"
    words = (
        "The embedding model gives vectors of another length than before. Give it another name in "
        "EMBEDDINGS_MODEL, or embed everything again with embed_documents --all."
    )
    retryable = False
