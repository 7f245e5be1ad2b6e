"""What a page does not show: by attribute, by inline style, by a class its own style sheet hides."""

import re
from collections.abc import Iterator, Mapping

from selectolax.lexbor import LexborHTMLParser, LexborNode

# Classes that frameworks and wikis hide, or that hold the page's own machinery.
_UNSEEN_CLASSES = frozenset(
    "sr-only visually-hidden visuallyhidden screen-reader-text screen-reader-only d-none is-hidden"
    " mw-editsection mw-jump-link noprint".split()
)
_TINY = 2.0  # pixels; nobody reads less
_FAR = 500.0  # pixels beyond the edge
_PIXELS = {
    "px": 1.0,
    "": 1.0,
    "pt": 1.33,
    "em": 16.0,
    "rem": 16.0,
    "ex": 8.0,
    "ch": 8.0,
    "vw": 12.0,
    "vh": 8.0,
    "cm": 38.0,
}
_LENGTH = re.compile(r"\s*(-?\d*\.?\d+)\s*(px|pt|r?em|ex|ch|v[wh]|cm|)\b", re.IGNORECASE)
_WHITE = re.compile(
    r"(?:white|transparent|#f{3}|#f{6}|#f{8}|#[0-9a-f]{6}00|#[0-9a-f]{3}0|rgba?\(\s*255\D+255\D+255\b.*\)|rgba\(.*,\s*0?\.?0+\s*\))",
    re.IGNORECASE,
)
_NOTHING = re.compile(
    r"rect\(\s*0|rect\(\s*1px|inset\(\s*(?:50|100)%|circle\(\s*0|scale\(\s*0\s*[,)]|translate\w*\(\s*-\d{4,}"
)
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_SIMPLE = re.compile(r"[.#]([\w-]+)")
_CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


class Hidden:
    """Tells which elements of one page are not shown."""

    def __init__(self, tree: LexborHTMLParser) -> None:
        self._names = frozenset(_hidden_names(tree))

    def hides(self, node: LexborNode) -> bool:
        """Say whether an element stays unseen; ``hidden="until-found"`` is meant to be found."""
        attributes = node.attributes
        if not attributes:
            return False
        if "hidden" in attributes and (attributes["hidden"] or "").lower() != "until-found":
            return True
        if (attributes.get("aria-hidden") or "").lower() == "true" or "inert" in attributes:
            return True
        classes = (attributes.get("class") or "").split()
        if any(name in _UNSEEN_CLASSES or f".{name}" in self._names for name in classes):
            return True
        if f"#{attributes.get('id')}" in self._names:
            return True
        style = attributes.get("style")
        return bool(style) and (_is_unseen(declarations(style)) or _is_white(node, declarations(style)))


def declarations(style: str) -> dict[str, str]:
    """Return the properties of an inline style, names in lower case."""
    pairs = (part.partition(":") for part in _CSS_COMMENT.sub("", style).split(";"))
    return {
        name.strip().lower(): value.replace("!important", "").strip().lower()
        for name, _, value in pairs
        if value
    }


def _is_unseen(style: Mapping[str, str]) -> bool:
    return (
        style.get("display") == "none"
        or style.get("visibility") in ("hidden", "collapse")
        or style.get("content-visibility") == "hidden"
        or _number(style.get("opacity"), 1.0) < 0.05
        or _pixels(style.get("font-size"), 16.0) < _TINY
        or any(
            _pixels(style.get(side), 0.0) <= -_FAR
            for side in ("left", "top", "right", "bottom", "text-indent")
        )
        or any(_pixels(style.get(f"margin-{side}"), 0.0) <= -_FAR for side in ("left", "top"))
        or any(_NOTHING.search(style.get(name, "")) for name in ("clip", "clip-path", "transform"))
        or (
            style.get("overflow", "").startswith(("hidden", "clip"))
            and any(
                _pixels(style.get(side), 100.0) < _TINY
                for side in ("height", "width", "max-height", "max-width")
            )
        )
    )


def _is_white(node: LexborNode, style: Mapping[str, str]) -> bool:
    """Say whether white letters stand on a ground that no element around them colours."""
    if not _WHITE.fullmatch(style.get("color", "")):
        return False
    around: LexborNode | None = node
    while around is not None and around.tag != "-undef":
        own = around.attributes
        if "background" in (own.get("style") or "") or "bgcolor" in own:
            return False
        around = around.parent
    return True


def _number(value: str | None, otherwise: float) -> float:
    try:
        number = float((value or "").rstrip("% "))
    except ValueError:
        return otherwise
    return number / 100 if (value or "").endswith("%") else number


def _pixels(value: str | None, otherwise: float) -> float:
    if value and value.endswith("%"):
        return otherwise if otherwise == 100.0 else _number(value, 1.0) * 16.0
    found = _LENGTH.match(value or "")
    return float(found[1]) * _PIXELS.get(found[2].lower(), 1.0) if found else otherwise


def _hidden_names(tree: LexborHTMLParser) -> Iterator[str]:
    """Yield the classes and ids that the page's own style sheets hide on every screen."""
    for sheet in tree.css("style"):
        for selectors, body in _RULE.findall(_without_conditions(_CSS_COMMENT.sub("", sheet.text()))):
            style = declarations(body)
            if style.get("display") == "none" or style.get("visibility") == "hidden" or _is_unseen(style):
                names = (selector.strip() for selector in selectors.split(","))
                yield from (name for name in names if _SIMPLE.fullmatch(name))


def _without_conditions(css: str) -> str:
    """Leave out what holds only on some screens or on paper: the blocks of ``@media`` and the like."""
    kept, depth, conditional = [], 0, None
    for part in re.split(r"([{}])", css):
        if part == "{":
            depth += 1
        elif part == "}":
            depth = max(depth - 1, 0)
            if depth == conditional:
                conditional = None
                continue
        elif conditional is None and part.strip().startswith("@") and not part.strip().startswith("@layer"):
            conditional = depth
        if conditional is None:
            kept.append(part)
    return "".join(kept)
