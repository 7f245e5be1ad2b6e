"""Examples for the API's description: messages, turns and what they cite."""

from typing import Any, Final

from drf_spectacular.utils import OpenApiExample

_CONVERSATION: Final = "9b2f8f0e-6a34-4c5b-9a52-0e0c0a6f7c11"
_TURN: Final = "4f1d9a52-3c86-4c0e-8f0f-7f1f64a0b3aa"
_ASKED_AT, _ANSWERED_AT = "2026-11-21T10:15:02.100000Z", "2026-11-21T10:15:03.900000Z"
_CLIENT_ID: Final = "b2a6d0c4-56c7-4c8e-9f0a-2f1f0f6f4f10"

_CITATION: Final[dict[str, Any]] = {
    "number": 1,
    "kind": "passage",
    "title": "Checked baggage",
    "section": "Checked baggage › Allowance",
    "quote": "Every Standard fare includes one checked bag of up to 23 kg.",
    "url": "/knowledge/passages/17/",
    "version": 2,
    "page": None,
    "effective_from": "2026-03-01",
}
_QUESTION: Final[dict[str, Any]] = {
    "id": "6a1e7c5e-04f4-4b1e-8f57-3f6b1b8f9f01",
    "role": "user",
    "text": "How heavy may a checked bag be?",
    "created_at": _ASKED_AT,
    "client_id": _CLIENT_ID,
    "turn": _TURN,
    "state": "completed",
    "citations": [],
    "notices": [],
    "quick_replies": [],
    "source": None,
    "error": None,
    "rating": None,
}
_ANSWER: Final[dict[str, Any]] = {
    **_QUESTION,
    "id": "0d6c1a4c-6e5c-4d66-a2a4-5e3c3a3f0b02",
    "role": "assistant",
    "text": "A checked bag may weigh up to 23 kg on a Standard fare.[^1]",
    "created_at": _ANSWERED_AT,
    "client_id": None,
    "citations": [_CITATION],
    "quick_replies": ["What does a heavier bag cost?"],
    "source": {"kind": "model", "provider": "openai", "model": "gpt-5-mini"},
}
_ACCEPTED: Final[dict[str, Any]] = {
    "message": {**_QUESTION, "state": "queued"},
    "turn": _TURN,
    "events": f"/api/v1/turns/{_TURN}/events",
}
_WHOLE: Final[dict[str, Any]] = {
    **_ACCEPTED,
    "message": _QUESTION,
    "state": "completed",
    "answer": _ANSWER,
    "usage": {"prompt_tokens": 1480, "completion_tokens": 31, "first_token_ms": 640, "total_ms": 1790},
    "error": None,
}
_ERROR: Final = {
    "code": "turn_failed",
    "words": "The answer could not be finished. Please try again.",
    "retryable": True,
}
_FAILED: Final[dict[str, Any]] = {
    **_WHOLE,
    "message": {**_QUESTION, "state": "failed", "error": _ERROR},
    "state": "failed",
    "answer": None,
    "usage": {"prompt_tokens": 0, "completion_tokens": 0, "first_token_ms": None, "total_ms": 30000},
    "error": _ERROR,
}
_PASSAGE_TEXT: Final = (
    "Every Standard fare includes one checked bag of up to 23 kg. Light fares include no checked bag."
)
_CITED: Final[dict[str, Any]] = {
    **_CITATION,
    "standing": "replaced",
    "words": "A newer text has replaced this one.",
    "passage": {
        "text": _PASSAGE_TEXT,
        "headings": ["Checked baggage", "Allowance"],
        "start": 32,
        "end": 128,
        "page": None,
    },
    "cited_version": {
        "number": 2,
        "status": "published",
        "effective_from": "2026-03-01",
        "effective_until": None,
        "published_at": "2026-02-20T09:00:00Z",
    },
    "in_force": {
        "number": 3,
        "effective_from": "2026-11-01",
        "url": "/knowledge/documents/checked-baggage/",
    },
    "removed_at": None,
}
_DELETED: Final[dict[str, Any]] = {
    **_CITATION,
    "standing": "deleted",
    "words": "This text was deleted. The quoted words are kept with the answer.",
    "passage": None,
    "cited_version": None,
    "in_force": None,
    "removed_at": "2026-12-01T08:00:00Z",
}
_OF_RECORD: Final[dict[str, Any]] = {
    **_DELETED,
    "number": 2,
    "kind": "record",
    "title": "Flight LW214 on 2026-12-04",
    "section": "",
    "quote": "LW214 from Madrid (MAD) to Lisbon (LIS), scheduled 10:00, delayed to 11:20.",
    "url": None,
    "version": None,
    "effective_from": None,
    "standing": "record",
    "words": "From the company's records, as they were when this was answered.",
    "removed_at": None,
}
_STATE: Final[dict[str, Any]] = {
    "id": _TURN,
    "conversation": _CONVERSATION,
    "status": "completed",
    "attempt": 1,
    "intent": "policy",
    "language": "en",
    "source": "model",
    "provider": "openai",
    "model": "gpt-5-mini",
    "prompt_tokens": 1480,
    "completion_tokens": 31,
    "first_token_ms": 640,
    "total_ms": 1790,
    "created_at": _ASKED_AT,
    "finished_at": _ANSWERED_AT,
    "error_code": "",
    "error_words": "",
    "error_retryable": False,
}
_RATED: Final[dict[str, Any]] = {
    "value": "down",
    "reasons": ["incomplete"],
    "comment": "It does not say what a second bag costs.",
}
_EVENT: Final = {
    "id": "1-3",
    "event": "turn.delta",
    "data": f'{{"type":"turn.delta","turn":"{_TURN}","conversation":"{_CONVERSATION}","id":"1-3",'
    '"at":"2026-11-21T10:15:02.800+00:00","text":"A checked bag may weigh "}',
}


def _answer(name: str, value: Any, *codes: str) -> OpenApiExample:
    return OpenApiExample(name, value=value, response_only=True, status_codes=list(codes) or ["200"])


NEW_MESSAGE: Final = OpenApiExample(
    "A question",
    value={"text": _QUESTION["text"], "client_id": _CLIENT_ID},
    request_only=True,
)
ACCEPTED: Final = _answer("Saved; follow it", _ACCEPTED, "202")
WHOLE: Final = _answer("The whole answer", _WHOLE, "200", "201")
FAILED: Final = _answer("No answer", _FAILED, "200", "201")
ASKING: Final = [NEW_MESSAGE, ACCEPTED, WHOLE, FAILED]
RETRYING: Final = [ACCEPTED, WHOLE, FAILED]
MESSAGES: Final = [_answer("An answer with its sources", _ANSWER)]
STATE: Final = _answer("A finished turn", _STATE)
STREAM: Final = OpenApiExample(
    "A piece of the answer",
    value=_EVENT,
    response_only=True,
    status_codes=["200"],
    media_type="text/event-stream",
)
CITED: Final = [
    _answer("A passage that a newer text has replaced", _CITED),
    _answer("A passage that was deleted", _DELETED),
    _answer("A record", _OF_RECORD),
]
CITED_LIST: Final = _answer("A passage", _CITED)
RATING: Final = OpenApiExample("Something is missing", value=_RATED)
