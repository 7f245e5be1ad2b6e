"""What can go wrong with OpenSearch. Nobody who asks a question sees these: the built-in search answers."""


class OpenSearchError(Exception):
    """OpenSearch did not do what was asked.

    Attributes:
        code: for logs.
        is_retryable: whether it may work later without anybody changing anything.
    """

    code = "opensearch"
    is_retryable = False


class Away(OpenSearchError):
    """It cannot be reached, is silent, overloaded (429) or not ready (502, 503, 504)."""

    code = "opensearch_away"
    is_retryable = True


class Refused(OpenSearchError):
    """It does not accept a request."""

    code = "opensearch_refused"

    def __init__(self, status: int, kind: str, reason: str) -> None:
        """Keep the HTTP status, the kind of error as OpenSearch names it, and its reason."""
        super().__init__(f"{status} {kind}: {reason}")
        self.status, self.kind = status, kind


class Superseded(OpenSearchError):
    """Another process has brought the index further already."""

    code = "opensearch_superseded"
    is_retryable = True
