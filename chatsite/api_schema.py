"""What holds for every step of the REST API, put into its description once: groups, and what may go wrong.

drf-spectacular calls ``with_problems`` when it has put the description together. What a view says itself
stands.
"""

from collections.abc import Iterator
from typing import Any, Final

METHODS: Final = ("get", "post", "put", "patch", "delete")
UNSAFE: Final = frozenset(METHODS) - {"get"}
JSON, PROBLEM = "application/json", "application/problem+json"
# The OpenAI-compatible part has errors of its own shape.
FOREIGN: Final = "/v1/"

# Groups of steps by what follows /api/v1/ in their address; other addresses name their group themselves.
GROUPS: Final = {
    "conversations": "Threads of questions and answers.",
    "turns": "One question and the work on its answer: follow it, stop it, judge it, read what it cites.",
    "batches": "Questions sent together, for back offices.",
    "me": "The signed-in person: profile, plan, usage, keys, and everything kept of them.",
    "sign-in": "Tokens for programs, and tickets for sockets.",
    "flights": "Flights as the operation has them now.",
    "bookings": "The signed-in person's own bookings.",
    "documents": "For staff: what answers are made from.",
    "imports": "For staff: many files at once.",
    "search": "For staff: what the desk would find.",
    "stats": "For staff: what goes on right now.",
    "aliases": "The names of the original services.",
}
_WITH_STATES: Final = ("conversations", "turns")  # which a step may find closed, or at work
_GROUP_OF: Final = {"tokens": "sign-in", "socket-ticket": "sign-in"}

# Of each status: its name, when it comes, and an example (code, title).
PROBLEMS: Final = {
    "400": ("Invalid", "Something sent is not valid; `fields` says what.", "invalid"),
    "401": ("NotSignedIn", "Not signed in, or no longer.", "not_authenticated"),
    "403": ("NotAllowed", "Not allowed to you, or to the application that asks.", "permission_denied"),
    "404": ("NotThere", "There is no such thing, or it is somebody else's.", "not_found"),
    "409": ("WrongState", "Its present state does not allow this.", "conversation_closed"),
    "413": ("TooLarge", "It is larger than may be sent.", "size"),
    "412": ("Changed", "It was changed since you fetched it (`If-Match`).", "changed"),
    "422": ("Refused", "What was sent cannot be taken; `title` says why.", "message_too_long"),
    "429": ("TooMany", "Too much at once; `Retry-After` says when again.", "rate_limited"),
    "503": ("Away", "Something that this needs is away; `Retry-After` says when to ask again.", "not_saved"),
}
_TITLES: Final = {
    "400": "Some of what was sent is not valid.",
    "401": "Authentication credentials were not provided.",
    "403": "You do not have the permission that this needs.",
    "404": "There is no such conversation.",
    "409": "This conversation is closed. Please start a new one.",
    "413": "It is larger than 20 MB.",
    "412": "It was changed meanwhile. Fetch it again, and send the ETag you then get.",
    "422": "The message has 4,120 characters; 4,000 is the most.",
    "429": "That was too much at once. You can send again in 12 seconds.",
    "503": "Saving is not possible right now. Your text is still here; please try again in a moment.",
}
_MORE: Final[dict[str, dict[str, Any]]] = {
    "400": {"fields": {"text": ["This field is required."]}},
    "429": {"retryable": True, "retry_after": 12},
    "503": {"retryable": True},
}
_OTHER: Final = "Refused; `code` says why, for programs, and `title`, for people."


def with_problems(result: dict[str, Any], generator: object, request: object, public: bool) -> dict[str, Any]:
    """Complete the description; called with all of it."""
    components = result.setdefault("components", {})
    components.setdefault("responses", {}).update({name: _response(code) for code, name in _names().items()})
    for path, method, step in steps_of(result):
        _name(path, step)
        if not path.startswith(FOREIGN):
            _tell_problems(path, method, step)
    used = {tag for _, _, step in steps_of(result) for tag in step["tags"]}
    result["tags"] = [{"name": tag, "description": words} for tag, words in GROUPS.items() if tag in used]
    return result


def steps_of(result: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield each step of a description: its address, its method, itself."""
    for path, steps in result["paths"].items():
        for method in METHODS:
            if method in steps:
                yield path, method, steps[method]


def _name(path: str, step: dict[str, Any]) -> None:
    """Give a step its group, and a line for lists."""
    place = path.removeprefix("/api/v1/").split("/")[0]
    step["tags"] = [_GROUP_OF.get(tag, tag) for tag in step.get("tags") or [place]]
    if words := step.get("description", ""):
        step.setdefault("summary", words.split("\n\n")[0].split(". ")[0].replace("\n", " ").rstrip(".;:"))


def _tell_problems(path: str, method: str, step: dict[str, Any]) -> None:
    answers = step["responses"]
    for code in _expected(path, method, step):
        answers.setdefault(code, {"$ref": f"#/components/responses/{PROBLEMS[code][0]}"})
    for code, answer in answers.items():
        if code in PROBLEMS and "$ref" not in answer:
            _with_example(code, answer)
    answers.setdefault("4XX", {"description": _OTHER, "content": _content("400")})


def _expected(path: str, method: str, step: dict[str, Any]) -> Iterator[str]:
    """Yield what any step of this kind may be answered."""
    parameters = {parameter["name"]: parameter["in"] for parameter in step.get("parameters", ())}
    takes_body, is_about_one = "requestBody" in step, "path" in parameters.values()
    if takes_body or "query" in parameters.values():
        yield "400"
    if step.get("security") not in ([], [{}], None):
        yield from ("401", "403")
    if is_about_one or "cursor" in parameters:
        yield "404"
    if is_about_one and method in UNSAFE and step["tags"][0] in _WITH_STATES:
        yield "409"
    if "If-Match" in parameters:
        yield "412"
    if takes_body or "Idempotency-Key" in parameters:
        yield "422"
    yield from ("429", "503")


def _with_example(code: str, answer: dict[str, Any]) -> None:
    """Show what a problem looks like that a view has only named."""
    content = answer.setdefault("content", _content(code))
    shown = content.get(PROBLEM)
    if shown and shown.get("schema", {}).get("$ref", "").endswith("/Problem"):
        shown.setdefault("examples", _examples(code))


def _response(code: str) -> dict[str, Any]:
    return {"description": PROBLEMS[code][1], "content": _content(code)}


def _content(code: str) -> dict[str, Any]:
    return {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": _examples(code)}}


def _examples(code: str) -> dict[str, Any]:
    name = PROBLEMS[code][2]
    value = {
        "type": f"urn:chatsite:problem:{name}",
        "title": _TITLES[code],
        "status": int(code),
        "code": name,
    }
    return {name: {"value": value | _MORE.get(code, {})}}


def _names() -> dict[str, str]:
    return {code: told[0] for code, told in PROBLEMS.items()}
