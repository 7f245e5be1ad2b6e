"""What every step of the REST API may answer besides its own answers: a problem (RFC 9457)."""

from typing import Any, Final

_METHODS: Final = ("get", "post", "put", "patch", "delete")
_PROBLEM: Final = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
_ANSWERS: Final = {
    "4XX": "Refused; `code` says why, for programs, and `title`, for people.",
    "503": "Something that this needs is away; `Retry-After` says when to ask again.",
}


def with_problems(result: dict[str, Any], generator: object, request: object, public: bool) -> dict[str, Any]:
    """Add the problems to each step of the schema; drf-spectacular calls this when it has put it together."""
    for steps in result["paths"].values():
        for method in _METHODS:
            if method in steps:
                for status, words in _ANSWERS.items():
                    steps[method]["responses"].setdefault(status, {"description": words, "content": _PROBLEM})
    return result
