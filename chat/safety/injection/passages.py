"""Passages as a model may read them: without what is invisible, marks of roles, and sentences to a model.

This is one wall of several, and no filter knows every wording: what it leaves is still only data between
delimiters to the model, and the answer is checked against the passages on its way out.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from chat.safety.injection.addressed import addresses_a_model
from chat.safety.sanitise import sanitise

_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_HIDDEN = re.compile(
    r"<(?P<name>[a-z]+)\b[^>]*(?:display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0|opacity\s*:\s*0(?!\.)"
    r"|color\s*:\s*(?:white|#fff)|\bhidden\b)[^>]*>.*?(?:</(?P=name)\s*>|\Z)",
    re.IGNORECASE | re.DOTALL,
)
_SCRIPT = re.compile(
    r"<(script|style|template|noscript|iframe)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL
)
# Marks that chat models' own formats are made of, and delimiters such as people guess them.
_TOKENS = re.compile(
    r"<\|[^|<>\n]{0,40}\|>|\[/?(?:INST|SYS|SYSTEM|ASSISTANT|USER)\]|<</?SYS>>|</?s>|<(?:start|end)_of_turn>"
    r"|</?[a-zA-Z][\w:.-]*(?:\s[^<>\n]{0,300})?/?>|<[0-9a-f]{16}[^<>\n]{0,40}>"
    r"|\b(?:BEGIN|END)(?:\s(?:OF\s)?(?:THE\s)?)(?:DATA|DOCUMENTS?|SOURCES?|CONTEXT|SYSTEM|PROMPT|INSTRUCTIONS?)\b",
)
_FORMAT = re.compile(
    r"<\|[^|<>\n]{0,40}\|>|\[/?(?:INST|SYS)\]|<</?SYS>>|</?s>|<(?:start|end)_of_turn>|<[0-9a-f]{16}[^<>\n]{0,40}>"
)
_IMAGE = re.compile(r"!\[[^\]\n]{0,300}\](?:\([^)\n]{0,1000}\)|\[[^\]\n]{0,100}\])")
_ROLE = re.compile(
    r"^[\s>#*_`=\-|]*(?:system|assistant|developer|ai|chatbot|bot|llm|model|instructions?|system\s(?:prompt|message|note)"
    r"|sistema|asistente|instrucci[oó]n(?:es)?|human|user|usuario)(?:\s?\([^)\n]{0,40}\))?[\s*_`]*(?::|>|\]|={2,}|-{3,}|\Z)",
    re.IGNORECASE,
)
_PUSHED = re.compile(r"^[\s>*]*(?:Q|A|P|R|Question|Answer|Pregunta|Respuesta)\s?:\s*(.*)$", re.IGNORECASE)
_CODE_ALONE = re.compile(r"[\W_]*(?:[A-Z]+\d|\d+[A-Z])[A-Z0-9-]{3,}[\W_]*")
_CODED = re.compile(r"(?<![\w/+.@-])[A-Za-z0-9+/_-]{16,}={0,2}(?![\w/])")
_HEX = re.compile(
    r"(?<!\w)(?:[0-9a-fA-F]{2}[\s:]?){12,}(?!\w)|(?:\\x[0-9a-fA-F]{2}|&#x?[0-9a-fA-F]+;|%[0-9a-fA-F]{2}){6,}"
)
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"'”’)\]*_]*\s+|(?<=[.!?])(?=<)")


@dataclass(frozen=True, slots=True)
class Disarmed:
    """A passage without what is not for readers.

    Attributes:
        text: what is left.
        cut: how many lines, sentences and marks were cut.
    """

    text: str
    cut: int


@lru_cache(maxsize=1024)
def disarmed_passage(text: str) -> Disarmed:
    """Return a passage as a model may read it; kept, because the same ones are read over and over."""
    return disarmed(text)


def disarmed(text: str) -> Disarmed:
    """Return any text as a model may read it."""
    cut = 0
    plain = sanitise(text) if text.strip() else ""
    for pattern in (_COMMENT, _HIDDEN, _SCRIPT):
        plain, count = pattern.subn(" ", plain)
        cut += count
    lines: list[str] = []
    for line in plain.split("\n"):
        kept, count = _line(line)
        cut += count
        if kept is not None:
            lines.append(kept)
    rest = "\n".join(lines)
    if not cut and rest == text.strip():
        return Disarmed(text, 0)
    return Disarmed(rest, cut or int(len(rest) < len(text.strip())))


def without_marks_of_roles(text: str) -> str:
    """Return a person's words without the marks that chat models' own formats are made of."""
    return _FORMAT.sub(" ", text) if "<" in text or "[" in text else text


def _line(line: str) -> tuple[str | None, int]:
    """Return what may stay of a line (None: nothing), and how much was cut."""
    if not line.strip():
        return line, 0
    if _is_spoken(line):
        return None, 1
    kept, cut = "", 0
    for sentence in _sentences(line):
        bare, tokens = _TOKENS.subn(" ", sentence)
        bare, images = _IMAGE.subn("", bare)
        cut += tokens + images
        if _is_spoken(bare):  # and so is what follows
            cut += 1
            break
        if _is_for_a_model(bare) or ((tokens or images) and _is_for_a_model(sentence)):
            cut += 1
            continue
        kept += bare
    if not cut:
        return line, 0
    kept = kept.rstrip()
    return (kept if any(letter.isalnum() for letter in kept) else None), cut


def _is_spoken(line: str) -> bool:
    """Tell whether a line pretends to be somebody's turn in a chat, or answers with nothing but a code."""
    pushed = _PUSHED.match(line)
    return bool(_ROLE.match(line)) or bool(pushed and _CODE_ALONE.fullmatch(pushed[1]))


def _sentences(line: str) -> Iterator[str]:
    """Yield the sentences of a line, each with the space behind it."""
    at = 0
    for end in _SENTENCE_END.finditer(line):
        yield line[at : end.end()]
        at = end.end()
    if at < len(line):
        yield line[at:]


def _is_for_a_model(sentence: str) -> bool:
    return addresses_a_model(sentence) or _is_coded(sentence)


def _is_coded(sentence: str) -> bool:
    """Tell whether a sentence holds text in a code that people do not read."""
    if _HEX.search(sentence):
        return True
    return any(_decodes_to_text(found[0]) for found in _CODED.finditer(sentence))


def _decodes_to_text(coded: str) -> bool:
    body = coded.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        decoded = base64.b64decode(body + "=" * (-len(body) % 4), validate=True).decode()
    except (binascii.Error, ValueError):
        return False
    return decoded.isprintable() and (
        " " in decoded or any(c.isdigit() for c in decoded) or len(decoded) > 11
    )
