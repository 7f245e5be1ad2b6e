"""Places on a PDF page: matrices and boxes (ISO 32000-1, 8.3)."""

import math
from collections.abc import Sequence
from typing import Any

Matrix = tuple[float, float, float, float, float, float]
Box = tuple[float, float, float, float]  # left, bottom, right, top, in points

IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def multiply(first: Matrix, second: Matrix) -> Matrix:
    """Return the matrix that applies ``first``, then ``second``."""
    a, b, c, d, e, f = first
    g, h, i, j, k, m = second
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m)


def upright(
    rotation: int, left: float, bottom: float, right: float, top: float
) -> tuple[Matrix, float, float]:
    """Return the matrix that lays the page's box at the origin as it is shown, with its width and height."""
    width, height = right - left, top - bottom
    if rotation == 90:
        return (0.0, -1.0, 1.0, 0.0, -bottom, right), height, width
    if rotation == 180:
        return (-1.0, 0.0, 0.0, -1.0, right, top), width, height
    if rotation == 270:
        return (0.0, 1.0, -1.0, 0.0, top, -left), height, width
    return (1.0, 0.0, 0.0, 1.0, -left, -bottom), width, height


def level(angle: int, x: float, y: float) -> tuple[float, float]:
    """Return the place of turned text when the page is turned back so that it runs to the right."""
    return {0: (x, y), 90: (y, -x), 180: (-x, -y), 270: (-y, x)}[angle]


def box_of(points: Sequence[tuple[float, float]], matrix: Matrix) -> Box:
    """Return the box around points after the matrix is applied to them."""
    a, b, c, d, e, f = matrix
    xs = [a * x + c * y + e for x, y in points]
    ys = [b * x + d * y + f for x, y in points]
    return min(xs), min(ys), max(xs), max(ys)


def as_matrix(operands: Sequence[Any]) -> Matrix:
    """Return six operands as a matrix; the one that changes nothing when there are fewer."""
    return tuple(number_of(one) for one in operands[:6]) if len(operands) >= 6 else IDENTITY


def number_of(value: Any, otherwise: float = 0.0) -> float:
    """Return an operand as a number; ``otherwise`` for what is none."""
    return float(value) if isinstance(value, (int, float)) and math.isfinite(value) else otherwise
