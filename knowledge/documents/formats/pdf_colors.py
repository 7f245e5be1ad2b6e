"""Whether a PDF colour is white."""

from collections.abc import Sequence
from typing import Any

_NEARLY = 0.02
_COMPONENTS = {
    "/DeviceGray": 1,
    "/CalGray": 1,
    "/DeviceRGB": 3,
    "/CalRGB": 3,
    "/DeviceCMYK": 4,
    "/G": 1,
    "/RGB": 3,
    "/CMYK": 4,
}


def is_white(space: Any, operands: Sequence[Any]) -> bool:
    """Say whether the colour components are white in a colour space (a name, or the array that defines it).

    Of inks by name (Separation), palettes and patterns nothing is known, so they count as seen.
    """
    numbers = [float(one) for one in operands if isinstance(one, (int, float))]
    count = _components(space)
    if count != len(numbers) or not numbers:
        return False
    if count == 4:
        return all(one <= _NEARLY for one in numbers)
    return all(one >= 1 - _NEARLY for one in numbers)


def _components(space: Any) -> int:
    if isinstance(space, list) and space:
        if space[0] == "/ICCBased" and len(space) > 1:
            profile = space[1].get_object()
            return int(profile.get("/N", 0)) if hasattr(profile, "get") else 0
        return _COMPONENTS.get(str(space[0]), 0)
    return _COMPONENTS.get(str(space), 0)
