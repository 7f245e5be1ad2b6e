"""Where to cut a quotation: whole sentences, list items and table rows, as one contiguous stretch of a text.

What a stretch cannot be understood without stands in front of it: the heading, the line that introduces the
list, the head of the table. "A trombone" under "You may not bring:" would otherwise say the opposite.
"""

from collections.abc import Mapping, Sequence

from chat.llm.quotation_units import Unit, units_of

__all__ = ["Unit", "units_of", "window"]

NEIGHBOUR_WEIGHT = 0.25
REACH = 250  # characters by which a stretch grows upwards to take in its heading or introduction
# What is left out between the introduction, or the head of a table, and the stretch.
OMISSION, OMITTED_ROWS = "\n\n…\n\n", "\n| … |\n"


def window(text: str, units: Sequence[Unit], weights: Mapping[int, float], *, whole: int, most: int) -> str:
    """Return the text from its first unit to its last if it is short, else the best stretch of units.

    Args:
        text: what is quoted from.
        units: of the text, in order; at least one.
        weights: how much each of the question's words tells.
        whole: characters up to which everything is quoted.
        most: characters of a stretch; only a single longer unit, and what must stand in front, exceed them.
    """
    first, last = 0, len(units) - 1
    if units[last].end - units[first].start > whole:
        first, last = _stretch(units, weights, most)
        first = _entered_from_above(units, first)
    # What leads to something that is not quoted leads nowhere.
    while last > first and (units[last].is_heading or text[: units[last].end].endswith(":")):
        last -= 1
    return _joined(text, units[first].heads, (units[first].start, units[last].end))


def _stretch(units: Sequence[Unit], weights: Mapping[int, float], characters: int) -> tuple[int, int]:
    """Return the first and last unit of the stretch that grows from the best unit to its neighbours."""
    own = [sum(weights[number] for number in unit.words) for unit in units]
    around = [max(own[max(at - 1, 0)], own[min(at + 1, len(own) - 1)]) for at in range(len(own))]
    scores = [one + NEIGHBOUR_WEIGHT * beside for one, beside in zip(own, around, strict=True)]
    first = last = max(range(len(units)), key=lambda at: scores[at])
    while True:
        longer = []
        if last + 1 < len(units) and _belongs(units[last + 1]):
            longer.append((scores[last + 1], first, last + 1))
        if first > 0 and _belongs(units[first - 1]):
            # A sentence that points back, or an item, says little without what stands before it.
            needs = units[first].is_item or units[first].points_back
            longer.append((scores[first - 1] + needs * max(scores), first - 1, last))
        fitting = [one for one in longer if units[one[2]].end - units[one[1]].start <= characters]
        if not fitting:
            return first, last
        _, first, last = max(fitting, key=lambda one: one[0])


def _belongs(unit: Unit) -> bool:
    """Tell whether a neighbour may be taken in: a row of a table only for words of the question in it."""
    return bool(unit.words) or not unit.is_row


def _entered_from_above(units: Sequence[Unit], first: int) -> int:
    """Return the unit to begin with, so that what must stand in front is in the stretch if it is near."""
    start = units[first].start
    near = [head for head, _ in units[first].heads if start - head <= REACH]
    if near:
        first = min(at for at, unit in enumerate(units) if unit.end > near[0])
    return first


def _joined(text: str, heads: Sequence[tuple[int, int]], stretch: tuple[int, int]) -> str:
    """Return the stretch behind its heads; what is left out between them is marked."""
    quoted = ""
    end = 0
    above = [head for head in heads if head[1] <= stretch[0]]
    for start, stop in [*above, stretch]:
        if quoted:
            gap = text[end:start]
            omission = OMITTED_ROWS if text[start] == text[end - 1] == "|" else OMISSION
            quoted += omission if gap.strip() else gap
        quoted += text[start:stop]
        end = stop
    return quoted
