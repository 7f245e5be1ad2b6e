"""Equations of Word files as one line of text: ``a/b``, ``x^2``, ``√(x)``."""

from lxml import etree

_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_DEEPEST = 40
_PROPERTIES = frozenset(
    f"{_M}{name}" for name in ("rPr", "ctrlPr", "fPr", "dPr", "sSupPr", "sSubPr", "naryPr", "radPr")
)


def in_one_line(element: etree._Element, depth: int = 0) -> str:
    """Return the text of an equation or a part of it."""
    if depth > _DEEPEST or element.tag in _PROPERTIES:
        return ""
    name = etree.QName(element).localname
    if name == "t":
        return element.text or ""
    part = {
        etree.QName(child).localname: in_one_line(child, depth + 1)
        for child in element
        if isinstance(child.tag, str)
    }
    if name == "f":
        return f"{_grouped(part.get('num', ''))}/{_grouped(part.get('den', ''))}"
    if name in ("sSup", "sSub", "sSubSup"):
        return part.get("e", "") + _raised(part)
    if name == "rad":
        degree = part.get("deg", "")
        return f"{degree}√({part.get('e', '')})"
    if name == "nary":
        return f"{_sign(element)}{_raised(part)} {part.get('e', '')}"
    if name == "d":
        return _bracketed(element, depth)
    return "".join(in_one_line(child, depth + 1) for child in element if isinstance(child.tag, str))


def _raised(part: dict[str, str]) -> str:
    below, above = part.get("sub", ""), part.get("sup", "")
    return (f"_{_grouped(below)}" if below else "") + (f"^{_grouped(above)}" if above else "")


def _grouped(text: str) -> str:
    """Put brackets around what would read differently without them."""
    return (
        text
        if text.strip().replace(".", "").isalnum() or (text.startswith("(") and text.endswith(")"))
        else f"({text})"
    )


def _sign(element: etree._Element) -> str:
    sign = element.find(f"{_M}naryPr/{_M}chr")
    return sign.get(f"{_M}val") or "∑" if sign is not None else "∫"


def _bracketed(element: etree._Element, depth: int) -> str:
    properties = element.find(f"{_M}dPr")
    begin = properties.find(f"{_M}begChr") if properties is not None else None
    end = properties.find(f"{_M}endChr") if properties is not None else None
    opening = begin.get(f"{_M}val") or "" if begin is not None else "("
    closing = end.get(f"{_M}val") or "" if end is not None else ")"
    inside = ", ".join(in_one_line(child, depth + 1) for child in element.iterchildren(f"{_M}e"))
    return f"{opening}{inside}{closing}"
