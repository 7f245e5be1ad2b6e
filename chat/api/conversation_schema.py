"""What the OpenAPI schema says of conversations: examples."""

from typing import Any, Final

from drf_spectacular.utils import OpenApiExample

TAG: Final = "conversations"
_ID: Final = "6f1f3c1e-8a56-4c1e-9d0b-7a4f6f1f2b11"
_TURN: Final = "0d2f7a8c-5b1e-4f55-8a7c-3f0f3b0c9a21"
_BASE: Final = f"/api/v1/conversations/{_ID}/"
CONVERSATION: Final[dict[str, Any]] = {
    "id": _ID,
    "title": "How heavy may a checked bag be?",
    "created_at": "2026-11-21T10:41:58.104512Z",
    "last_message_at": "2026-11-21T10:42:07.550871Z",
    "message_count": 2,
    "closed": False,
    "archived": False,
    "last_turn": {"id": _TURN, "status": "completed"},
    "urls": {
        "self": _BASE,
        "messages": f"{_BASE}messages/",
        "export": f"{_BASE}export/",
        "page": f"/chat/{_ID}/",
    },
}
_EMPTY: Final = {**CONVERSATION, "last_message_at": None, "message_count": 0, "last_turn": None}
_PARTS: Final = [
    {"text": "Every Standard fare includes one checked ", "marked": False},
    {"text": "bag", "marked": True},
    {"text": " of up to 23 kg [1].", "marked": False},
]
_MATCH: Final = {
    "message": "b1a3a0a4-64a8-4f19-a5b5-8f8e7a1c2d33",
    "role": "assistant",
    "snippet": "".join(str(part["text"]) for part in _PARTS),
    "parts": _PARTS,
}

SHOWN: Final = OpenApiExample(
    "A conversation",
    value=CONVERSATION,
    response_only=True,
    status_codes=["200"],
    media_type="application/json",
)
RENAMED: Final = OpenApiExample(
    "The conversation as it is now",
    value={**CONVERSATION, "title": "Bags for Lisbon", "archived": True},
    response_only=True,
    status_codes=["200"],
)
BEGUN: Final = OpenApiExample(
    "A new conversation",
    value={**_EMPTY, "title": "Bags for Lisbon"},
    response_only=True,
    status_codes=["201"],
)
LISTED: Final = OpenApiExample(
    "The answer to `?q=bag`",
    value={**CONVERSATION, "match": _MATCH},
    response_only=True,
    status_codes=["200"],
)
NEW: Final = OpenApiExample("With a title", value={"title": "Bags for Lisbon"}, request_only=True)
CHANGES: Final = [
    OpenApiExample("Rename", value={"title": "Bags for Lisbon"}, request_only=True),
    OpenApiExample("The title of the first question again", value={"title": ""}, request_only=True),
    OpenApiExample("Put away", value={"archived": True}, request_only=True),
]
EXPORTED: Final = OpenApiExample(
    "Everything",
    value={
        "id": _ID,
        "title": CONVERSATION["title"],
        "created_at": CONVERSATION["created_at"],
        "last_message_at": CONVERSATION["last_message_at"],
        "closed_at": None,
        "archived_at": None,
        "messages": [
            {
                "id": "2b8a3a4c-7f0e-4b62-8f38-0a8f5ab1c7d4",
                "role": "user",
                "text": "How heavy may a checked bag be?",
                "created_at": CONVERSATION["created_at"],
                "turn": {
                    "id": _TURN, "status": "completed", "intent": "policy", "language": "en",
                    "understood": {}, "tone": "calm", "urgent": False, "error": "",
                },
            },
            {
                "id": _MATCH["message"],
                "role": "assistant",
                "text": _MATCH["snippet"],
                "created_at": CONVERSATION["last_message_at"],
                "citations": [
                    {
                        "number": 1, "kind": "passage", "title": "Checked baggage", "section": "Allowance",
                        "quote": "Every Standard fare includes one checked bag of up to 23 kg.",
                        "url": "/knowledge/passages/12/", "version": 3, "page": None,
                        "effective_from": "2026-01-01",
                    }
                ],
                "notices": [],
                "source": {"kind": "model", "provider": "openai", "model": "small"},
                "prompt_tokens": 812,
                "completion_tokens": 41,
            },
        ],
    },
    response_only=True,
    media_type="application/json",
)  # fmt: skip
EXPORTED_TEXT: Final = OpenApiExample(
    "A text",
    value="# How heavy may a checked bag be?\n\nBegun 2026-11-21 10:41 UTC\n\n"
    "## You, 2026-11-21 10:41 UTC\n\nHow heavy may a checked bag be?\n\n"
    "## Desk (automated), 2026-11-21 10:42 UTC\n\n"
    "Every Standard fare includes one checked bag of up to 23 kg [1].\n\n"
    "[1] Checked baggage › Allowance\n\n"
    "> Every Standard fare includes one checked bag of up to 23 kg.\n",
    response_only=True,
    media_type="text/markdown",
)
