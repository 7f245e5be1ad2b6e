"""What a client sends as the conversation so far: the question in it, and the history it holds itself."""

from dataclasses import dataclass
from typing import Any, Final

from chat.openai_api.errors import Refused, Unsupported
from chat.openai_api.parameters import wrong_type

_TEXT_PARTS: Final = ("text", "input_text", "output_text")
# What others told a model to be or do. The desk has its own instructions, and takes none from a client.
_NOT_HEARD: Final = ("system", "developer")


@dataclass(frozen=True, slots=True)
class Said:
    """A question and the answer to it, as a client has them."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Talk:
    """A question and what the client says was said before.

    Attributes:
        question: the last message, which is the person's.
        history: earlier questions that have an answer; it proves nothing.
        ignored: kinds of messages that are not heard.
    """

    question: str
    history: tuple[Said, ...] = ()
    ignored: tuple[str, ...] = ()


def talk_in(messages: object, param: str) -> Talk:
    """Return the question and the history in a list of messages, or in a text, which is a question.

    Args:
        messages: as they came.
        param: the name of the parameter, for errors.

    Raises:
        Refused: there is no question, or something that is no text.
    """
    if isinstance(messages, str):
        return Talk(messages)
    if not isinstance(messages, list):
        raise wrong_type(param, "a list of messages")
    spoken = [_spoken(message, f"{param}[{index}]") for index, message in enumerate(messages)]
    ignored = tuple(sorted({f"{param}.{role}" for role, _ in spoken if role in _NOT_HEARD}))
    spoken = [(role, text) for role, text in spoken if role not in _NOT_HEARD]
    if not spoken or spoken[-1][0] != "user":
        raise Refused("The last message must be the user's.", code="invalid_value", param=param)
    return Talk(spoken[-1][1], _history(spoken[:-1]), ignored)


def _history(spoken: list[tuple[str, str]]) -> tuple[Said, ...]:
    """Pair questions and answers; one without the other (a greeting, a failure) is left out."""
    history, question = [], None
    for role, text in spoken:
        if role == "user":
            question = text
        elif question is not None:
            history.append(Said(question, text))
            question = None
    return tuple(history)


def _spoken(message: object, param: str) -> tuple[str, str]:
    """Return who speaks, and the text."""
    if not isinstance(message, dict):
        raise wrong_type(param, "an object")
    if message.get("type", "message") != "message":
        raise Unsupported(f"{param}.type", "Only messages can be taken.")
    role = message.get("role")
    if role in ("tool", "function"):
        raise Unsupported(f"{param}.role", "The desk takes no results of tools.")
    if role not in ("user", "assistant", *_NOT_HEARD):
        words = f"'{param}.role' must be user, assistant, system or developer."
        raise Refused(words, code="invalid_value", param=f"{param}.role")
    return role, _text(message.get("content"), role, f"{param}.content")


def _text(content: Any, role: str, param: str) -> str:
    if isinstance(content, str):
        return content
    if content is None and role == "assistant":
        return ""
    if not isinstance(content, list):
        raise wrong_type(param, "a text or a list of parts")
    return "\n".join(_part(part, f"{param}[{index}]") for index, part in enumerate(content))


def _part(part: object, param: str) -> str:
    if not isinstance(part, dict):
        raise wrong_type(param, "an object")
    kind = part.get("type")
    if kind == "refusal":
        return ""
    if kind not in _TEXT_PARTS:
        raise Unsupported(f"{param}.type", "Messages can hold text alone: no images, files or sound.")
    if not isinstance(part.get("text"), str):
        raise wrong_type(f"{param}.text", "a text")
    return part["text"]
