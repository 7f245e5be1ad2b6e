"""What an AsyncAPI 3.0 document must look like, for the parts that docs/asyncapi.yaml uses.

The specification's own schema is not among the installed packages. This one is stricter: it allows nothing
that the file does not use.
"""

from typing import Any, Final

_TEXT: Final = {"type": "string", "minLength": 1}
_REFERENCE: Final = {
    "type": "object",
    "required": ["$ref"],
    "additionalProperties": False,
    "properties": {"$ref": {"type": "string", "pattern": "^#/"}},
}


def _closed(required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": required, "additionalProperties": False, "properties": properties}


def _by_name(of: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a map; names are what the specification allows."""
    return {
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"pattern": "^[A-Za-z0-9_.-]+$"},
        "additionalProperties": of,
    }


_INFO: Final = _closed(["title", "version"], title=_TEXT, version=_TEXT, description=_TEXT)
_SERVER: Final = _closed(
    ["host", "protocol"],
    host={"type": "string", "pattern": "^[^/]+$"},
    protocol={"enum": ["ws", "wss"]},
    description=_TEXT,
    security={"type": "array", "minItems": 1, "items": _REFERENCE},
)
_PARAMETER: Final = _closed([], description=_TEXT, examples={"type": "array", "items": _TEXT})
_WS_BINDING: Final = _closed([], method={"enum": ["GET", "POST"]}, bindingVersion={"const": "0.1.0"})
_CHANNEL: Final = _closed(
    ["address", "messages"],
    address={"type": "string", "pattern": "^/"},
    title=_TEXT,
    description=_TEXT,
    servers={"type": "array", "uniqueItems": True, "items": _REFERENCE},
    parameters=_by_name(_PARAMETER),
    bindings=_closed([], ws=_WS_BINDING),
    messages=_by_name(_REFERENCE),
)
_OPERATION: Final = _closed(
    ["action", "channel"],
    action={"enum": ["send", "receive"]},
    title=_TEXT,
    description=_TEXT,
    channel=_REFERENCE,
    messages={"type": "array", "minItems": 1, "uniqueItems": True, "items": _REFERENCE},
)
_MESSAGE: Final = _closed(
    ["name", "summary", "payload", "examples"],
    name=_TEXT,
    summary=_TEXT,
    description=_TEXT,
    payload={"type": "object"},
    examples={"type": "array", "minItems": 1, "items": _closed(["payload"], payload={"type": "object"})},
)
_SECURITY: Final = {
    "oneOf": [
        _closed(["type", "scheme"], type={"const": "http"}, scheme={"const": "bearer"}, description=_TEXT),
        _closed(
            ["type", "in", "name"],
            **{"type": {"const": "httpApiKey"}, "in": {"enum": ["query", "header", "cookie"]}},
            name=_TEXT,
            description=_TEXT,
        ),
    ]
}
STRUCTURE: Final[dict[str, Any]] = _closed(
    ["asyncapi", "info", "servers", "channels", "operations", "components"],
    asyncapi={"const": "3.0.0"},
    id={"type": "string", "format": "uri"},
    info=_INFO,
    defaultContentType={"const": "application/json"},
    servers=_by_name(_SERVER),
    channels=_by_name(_CHANNEL),
    operations=_by_name(_OPERATION),
    components=_closed(
        ["messages", "schemas", "securitySchemes"],
        messages=_by_name(_MESSAGE),
        schemas=_by_name({"type": "object"}),
        securitySchemes=_by_name(_SECURITY),
    ),
)
