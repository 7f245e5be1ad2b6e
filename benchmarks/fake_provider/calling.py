"""Which tools a scripted answer asks for, and what its text may say of their results."""

import json
import re
from typing import Any

from benchmarks.fake_provider.script import Script

_SOURCE = re.compile(r"<[0-9a-f]{16} source (\d+)>")


def calls_of(script: Script, body: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the calls that the answer to this request ends in; none where it is to be text."""
    done = sum(map(_has_calls, body.get("messages", ())))
    if script.endless_calls and script.calls:
        return script.calls[min(done, len(script.calls) - 1)]
    return script.calls[done] if done < len(script.calls) and is_offered(body) else []


def is_offered(body: dict[str, Any]) -> bool:
    """Tell whether a request offers tools that may be asked for."""
    choice = body.get("tool_choice")
    return bool(body.get("tools")) and choice != "none" and choice != {"type": "none"}


def with_last_number(text: str, body: dict[str, Any]) -> str:
    """Return a text with the highest number among the sources in the place of ``{last}``."""
    if "{last}" not in text:
        return text
    numbers = [int(number) for number in _SOURCE.findall(json.dumps(body))]
    return text.replace("{last}", str(max(numbers, default=0)))


def refused_tools(body: dict[str, Any]) -> dict[str, Any]:
    """Return the body of the 400 by which a server says that its model takes no tools."""
    words = f"{body.get('model', 'model')} does not support tools"
    return {"error": {"message": words, "type": "api_error", "param": None, "code": None}}


def _has_calls(message: dict[str, Any]) -> bool:
    content = message.get("content")
    uses = content if isinstance(content, list) else ()
    return bool(message.get("tool_calls")) or any(block.get("type") == "tool_use" for block in uses)
