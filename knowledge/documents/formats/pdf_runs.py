"""Read a PDF page's drawing operations into runs of text, each with its place, size and whether a reader
sees it.

pypdf gives the operations and what the fonts mean; its own text extraction keeps neither places in a line
nor what is hidden. The operators are those of ISO 32000-1, sections 8.4 (graphics state), 9.3 (text state)
and 9.4
(text objects).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pypdf import PageObject, PdfReader
from pypdf.generic import ArrayObject, ContentStream, DictionaryObject

from knowledge.documents.formats.pdf_colors import is_white
from knowledge.documents.formats.pdf_fonts import Face
from knowledge.documents.formats.pdf_geometry import (
    IDENTITY,
    Box,
    Matrix,
    as_matrix,
    box_of,
    level,
    multiply,
    number_of,
    upright,
)
from knowledge.errors import DocumentRefused

MOST_OPERATIONS = 5_000_000  # in one file: a thousand dense pages
_DEEPEST_FORM = 8
_MOST_SAVED = 200  # graphics states put aside
_TINY = 2.0  # points; nobody reads less
_UNSEEN_MODES = (3, 7)  # neither filled nor stroked
_FAINT = 0.05  # opacity
_MOST_FILLS = 3_000
_PAINTS_FILL = (b"f", b"F", b"f*", b"B", b"B*", b"b", b"b*")
_ENDS_PATH = (*_PAINTS_FILL, b"n", b"S", b"s")


@dataclass(frozen=True, slots=True)
class Run:
    """A string on a page. Places in points, turned so that the text runs to the right.

    Args:
        size: height of the letters' design in points.
        gap: white space at which a word ends, in points.
        angle: how far the text was turned, in degrees: 0, 90, 180 or 270.
        invisible: drawn without ink, as the text behind a scanned picture is.
    """

    text: str
    left: float
    right: float
    base: float
    size: float
    gap: float
    bold: bool = False
    angle: int = 0
    invisible: bool = False


@dataclass(slots=True)
class Painted:
    """What a page shows: its runs, and the share of it that its largest picture covers."""

    runs: list[Run] = field(default_factory=list)
    picture_share: float = 0.0
    width: float = 0.0
    height: float = 0.0


@dataclass(slots=True)
class _State:
    matrix: Matrix = IDENTITY
    face: Face | None = None
    size: float = 0.0
    spacing: float = 0.0
    word_spacing: float = 0.0
    scale: float = 1.0
    leading: float = 0.0
    rise: float = 0.0
    mode: int = 0
    white: bool = False
    opacity: float = 1.0
    space: Any = "/DeviceGray"


class Budget:
    """Operations left for a file."""

    def __init__(self, operations: int = MOST_OPERATIONS) -> None:
        self._left = operations

    def take(self, operations: int) -> None:
        """Count operations. Raises DocumentRefused with code ``broken`` when there are too many."""
        self._left -= operations
        if self._left < 0:
            raise DocumentRefused(
                "broken", "It is drawn with more steps than any document needs. Print it anew."
            )


def paint(page: PageObject, reader: PdfReader, hidden_layers: frozenset[int], budget: Budget) -> Painted:
    """Return what a page shows."""
    painter = _Painter(page, reader, hidden_layers, budget)
    contents = page.get("/Contents")
    if contents is not None and contents.get_object() is not None:
        painter.draw(
            ContentStream(contents.get_object(), reader, "bytes"),
            page.get("/Resources", DictionaryObject()).get_object(),
            0,
        )
    return painter.painted


class _Painter:
    def __init__(
        self, page: PageObject, reader: PdfReader, hidden_layers: frozenset[int], budget: Budget
    ) -> None:
        box = page.cropbox
        self._turn, width, height = upright(
            page.rotation % 360, *(float(side) for side in (*box.lower_left, *box.upper_right))
        )
        self.painted = Painted(width=width, height=height)
        self._reader = reader
        self._hidden_layers = hidden_layers
        self._budget = budget
        self._faces: dict[int, Face] = {}  # by their resource, which the face keeps alive
        self._fills: list[Box] = []
        self._path: list[tuple[float, float]] = []
        self._state = _State(matrix=self._turn)
        self._saved: list[_State] = []
        self._text = self._line = IDENTITY
        self._marks: list[bool] = []  # of each open marked content: whether it hides what is in it

    def draw(self, content: ContentStream, resources: Mapping[str, Any], depth: int) -> None:
        """Carry out the operations of a page or a form."""
        operations = content.operations
        self._budget.take(len(operations))
        for operands, operator in operations:
            name = bytes(operator)
            if handler := _TEXT.get(name):
                handler(self, operands)
            elif name in _NEED_RESOURCES:
                self._with_resources(name, operands, resources, depth)
            else:
                self._graphics(name, operands)

    def _with_resources(
        self, name: bytes, operands: Sequence[Any], resources: Mapping[str, Any], depth: int
    ) -> None:
        if name == b"Tf":
            self._set_font(operands, _resource(resources, "/Font", operands[0]))
        elif name == b"gs":
            settings = _resource(resources, "/ExtGState", operands[0]) or {}
            self._state.opacity = number_of(settings.get("/ca"), self._state.opacity)
        elif name == b"Do":
            self._show_object(_resource(resources, "/XObject", operands[0]), resources, depth)
        elif name in (b"BMC", b"BDC"):
            properties = operands[1] if len(operands) > 1 else None
            if isinstance(properties, str):
                properties = _resource(resources, "/Properties", properties)
            self._marks.append(self._hides(str(operands[0]), properties))
        else:  # cs, sc, scn, g, rg, k
            self._set_color(name, operands, resources)

    def _set_color(self, name: bytes, operands: Sequence[Any], resources: Mapping[str, Any]) -> None:
        if name == b"cs":
            self._state.space = _resource(resources, "/ColorSpace", operands[0]) or operands[0]
            self._state.white = False
        else:
            spaces = {b"g": "/DeviceGray", b"rg": "/DeviceRGB", b"k": "/DeviceCMYK"}
            self._state.space = spaces.get(name, self._state.space)
            self._state.white = is_white(self._state.space, operands)

    def _graphics(self, name: bytes, operands: Sequence[Any]) -> None:
        if name == b"q" and len(self._saved) < _MOST_SAVED:
            self._saved.append(replace(self._state))
        elif name == b"Q" and self._saved:
            self._state = self._saved.pop()
        elif name == b"cm":
            self._state.matrix = multiply(as_matrix(operands), self._state.matrix)
        elif name == b"EMC" and self._marks:
            self._marks.pop()
        elif name == b"re":
            x, y, width, height = (number_of(one) for one in operands[:4])
            self._path += [(x, y), (x + width, y + height), (x, y + height), (x + width, y)]
        elif name in (b"m", b"l", b"c", b"v", b"y"):
            numbers = [number_of(one) for one in operands]
            self._path += list(zip(numbers[::2], numbers[1::2], strict=False))
        elif name in _ENDS_PATH:
            if (
                name in _PAINTS_FILL
                and self._path
                and not self._state.white
                and len(self._fills) < _MOST_FILLS
            ):
                self._fills.append(box_of(self._path, self._state.matrix))
            self._path = []

    def _set_font(self, operands: Sequence[Any], resource: Any) -> None:
        self._state.size = number_of(operands[1], self._state.size) if len(operands) > 1 else self._state.size
        if not isinstance(resource, DictionaryObject):
            self._state.face = None
            return
        if id(resource) not in self._faces:
            self._faces[id(resource)] = Face(resource)
        self._state.face = self._faces[id(resource)]

    def _hides(self, tag: str, properties: Any) -> bool:
        """Say whether a marked content is a page's furniture, or belongs to a layer that is switched off."""
        if not isinstance(properties, DictionaryObject):
            return False
        if tag == "/OC":
            return _is_hidden_layer(properties, self._hidden_layers)
        kind = (str(properties.get("/Type", "")), str(properties.get("/Subtype", "")))
        return tag == "/Artifact" and ("/Pagination" in kind or "/Watermark" in kind)

    def _show_object(self, shown: Any, resources: Mapping[str, Any], depth: int) -> None:
        if not isinstance(shown, DictionaryObject):
            return
        layer = shown.get("/OC")
        if layer is not None and _is_hidden_layer(layer.get_object(), self._hidden_layers):
            return
        if shown.get("/Subtype") == "/Image":
            box = box_of([(0.0, 0.0), (1.0, 1.0), (0.0, 1.0), (1.0, 0.0)], self._state.matrix)
            self._fills.append(box)
            area = max(self.painted.width * self.painted.height, 1.0)
            share = (box[2] - box[0]) * (box[3] - box[1]) / area
            self.painted.picture_share = max(self.painted.picture_share, min(share, 1.0))
        elif shown.get("/Subtype") == "/Form" and depth < _DEEPEST_FORM:
            saved, marks = replace(self._state), len(self._marks)
            self._state.matrix = multiply(as_matrix(shown.get("/Matrix", ())), self._state.matrix)
            inner = shown.get("/Resources")
            self.draw(
                ContentStream(shown, self._reader, "bytes"),
                inner.get_object() if inner is not None else resources,
                depth + 1,
            )
            self._state = saved
            del self._marks[marks:]

    # Text objects

    def begin_text(self, _operands: Sequence[Any]) -> None:
        self._text = self._line = IDENTITY

    def move(self, operands: Sequence[Any]) -> None:
        x, y = (number_of(one) for one in operands[:2])
        self._line = self._text = multiply((1.0, 0.0, 0.0, 1.0, x, y), self._line)

    def move_and_lead(self, operands: Sequence[Any]) -> None:
        self._state.leading = -number_of(operands[1])
        self.move(operands)

    def place(self, operands: Sequence[Any]) -> None:
        self._line = self._text = as_matrix(operands)

    def next_line(self, _operands: Sequence[Any] = ()) -> None:
        self.move((0.0, -self._state.leading))

    def show_on_next_line(self, operands: Sequence[Any]) -> None:
        self.next_line()
        self.show(operands[-1:])

    def show_spaced(self, operands: Sequence[Any]) -> None:
        self._state.word_spacing, self._state.spacing = number_of(operands[0]), number_of(operands[1])
        self.show_on_next_line(operands)

    def show_pieces(self, operands: Sequence[Any]) -> None:
        for piece in operands[0] if operands and isinstance(operands[0], ArrayObject) else ():
            if isinstance(piece, (int, float)):
                self._advance(-float(piece) / 1000.0 * self._state.size * self._state.scale)
            else:
                self.show((piece,))

    def show(self, operands: Sequence[Any]) -> None:
        state = self._state
        if not operands or state.face is None or not isinstance(operands[0], (bytes, str)):
            return
        text, glyphs, letters, spaces = state.face.read(operands[0])
        # ISO 32000-1, 9.4.4: the width of a string in text space
        width = (glyphs * state.size + letters * state.spacing + spaces * state.word_spacing) * state.scale
        start = multiply(multiply((1.0, 0.0, 0.0, 1.0, 0.0, state.rise), self._text), state.matrix)
        self._advance(width)
        if text.strip():
            self._keep(text, start, width)

    def _advance(self, width: float) -> None:
        self._text = multiply((1.0, 0.0, 0.0, 1.0, width, 0.0), self._text)

    def _keep(self, text: str, start: Matrix, width: float) -> None:
        """Keep a run that a reader sees, or one without ink; turned text is laid level."""
        state = self._state
        stretch = math.hypot(start[0], start[1])
        size = abs(state.size) * math.hypot(start[2], start[3])
        turned = round(math.degrees(math.atan2(start[1], start[0]))) % 360
        angle = min((0, 90, 180, 270, 360), key=lambda one: abs(one - turned))
        if abs(angle - turned) > 3 or any(self._marks):  # a watermark lies aslant
            return
        x, y = start[4], start[5]
        inside = -2 <= x <= self.painted.width + 2 and -2 <= y <= self.painted.height + 2
        unseen = size < _TINY or state.opacity < _FAINT or not inside
        if unseen or (state.white and not self._is_on_ground(x + size / 4, y + size / 4)):
            return
        left, base = level(angle % 360, x, y)
        space = state.face.space * state.size * stretch * state.scale if state.face else 0.0
        gap = max(0.5 * space, 0.12 * size) if 0 < space < size else 0.15 * size
        self.painted.runs.append(
            Run(
                text,
                left,
                left + width * stretch,
                base,
                size,
                gap,
                (state.face is not None and state.face.bold) or state.mode == 2,
                angle % 360,
                state.mode in _UNSEEN_MODES,
            )
        )

    def _is_on_ground(self, x: float, y: float) -> bool:
        """Say whether something that is not white was painted there before."""
        return any(box[0] <= x <= box[2] and box[1] <= y <= box[3] for box in self._fills)


def _set(name: str, factor: float = 1.0) -> Any:
    def change(painter: _Painter, operands: Sequence[Any]) -> None:
        setattr(painter._state, name, number_of(operands[0]) * factor)

    return change


_TEXT: dict[bytes, Any] = {
    b"BT": _Painter.begin_text,
    b"Td": _Painter.move,
    b"TD": _Painter.move_and_lead,
    b"Tm": _Painter.place,
    b"T*": _Painter.next_line,
    b"Tj": _Painter.show,
    b"TJ": _Painter.show_pieces,
    b"'": _Painter.show_on_next_line,
    b'"': _Painter.show_spaced,
    b"Tc": _set("spacing"),
    b"Tw": _set("word_spacing"),
    b"Tz": _set("scale", 0.01),
    b"TL": _set("leading"),
    b"Ts": _set("rise"),
    b"Tr": _set("mode"),
}
_NEED_RESOURCES = frozenset((b"Tf", b"gs", b"Do", b"BMC", b"BDC", b"cs", b"sc", b"scn", b"g", b"rg", b"k"))


def _resource(resources: Mapping[str, Any], kind: str, name: Any) -> Any:
    group = resources.get(kind)
    group = group.get_object() if group is not None else None
    found = group.get(name) if isinstance(group, DictionaryObject) else None
    return found.get_object() if found is not None else None


def _is_hidden_layer(layer: Any, hidden: frozenset[int]) -> bool:
    """Say whether a layer is switched off, or every layer of a group of them."""
    if not isinstance(layer, DictionaryObject):
        return False
    members = layer.get("/OCGs")
    members = members.get_object() if members is not None else layer
    group = members if isinstance(members, ArrayObject) else [members]
    numbers = [getattr(one.get_object().indirect_reference, "idnum", 0) for one in group]
    return bool(numbers) and all(number in hidden for number in numbers)
