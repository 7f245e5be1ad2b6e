"""PDF files made from drawing operations, one string a page."""

import io
from collections.abc import Mapping

from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    IndirectObject,
    NameObject,
    NumberObject,
)

FONTS = {"/F1": "/Helvetica", "/F2": "/Helvetica-Bold"}


def words(text: str, x: float, y: float, size: float = 10, font: str = "F1") -> str:
    """Return the operations that draw ``text`` from (x, y), in points from the lower left corner."""
    text = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return f"BT /{font} {size} Tf {x} {y} Td ({text}) Tj ET\n"


def lines(*texts: str, x: float = 72, y: float = 700, size: float = 10, leading: float = 12) -> str:
    """Return the operations that draw lines below each other."""
    return "".join(words(text, x, y - number * leading, size) for number, text in enumerate(texts))


def a_pdf(
    *pages: str,
    password: str | None = None,
    title: str = "",
    picture: bool = False,
    form: str = "",
    off_layers: int = 0,
) -> bytes:
    """Return a PDF with the pages.

    ``picture`` covers each with an image; ``form`` is what ``/Fm0 Do`` draws; with ``off_layers`` of 1 what
    is marked ``/OC /Layer0`` is on a layer that is switched off.
    """
    writer = PdfWriter()
    layers = [
        writer._add_object(DictionaryObject({NameObject("/Type"): NameObject("/OCG")}))
        for _ in range(off_layers)
    ]
    for operations in pages:
        page = writer.add_blank_page(612, 792)
        page[NameObject("/Resources")] = _resources(writer, picture, form, layers)
        stream = DecodedStreamObject()
        draw = "q 612 0 0 792 0 0 cm /Im0 Do Q\n" if picture else ""
        stream.set_data((draw + operations).encode("cp1252"))
        page[NameObject("/Contents")] = writer._add_object(stream)
    if layers:
        shown = DictionaryObject({NameObject("/OFF"): ArrayObject(layers)})
        writer.root_object[NameObject("/OCProperties")] = DictionaryObject(
            {NameObject("/OCGs"): ArrayObject(layers), NameObject("/D"): shown}
        )
    if title:
        writer.add_metadata({"/Title": title})
    if password is not None:
        writer.encrypt(password, owner_password="owner")
    content = io.BytesIO()
    writer.write(content)
    return content.getvalue()


def _resources(writer: PdfWriter, picture: bool, form: str, layers: list[IndirectObject]) -> DictionaryObject:
    fonts = {
        name: _named(
            {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": base, "/Encoding": "/WinAnsiEncoding"}
        )
        for name, base in FONTS.items()
    }
    resources = DictionaryObject(
        {
            NameObject("/Font"): DictionaryObject(
                {NameObject(name): writer._add_object(font) for name, font in fonts.items()}
            )
        }
    )
    faint = DictionaryObject({NameObject("/ca"): FloatObject(0)})
    resources[NameObject("/ExtGState")] = DictionaryObject({NameObject("/Faint"): faint})
    resources[NameObject("/Properties")] = DictionaryObject(
        {NameObject(f"/Layer{number}"): layer for number, layer in enumerate(layers)}
    )
    resources[NameObject("/XObject")] = objects = DictionaryObject()
    if form:
        drawn = DecodedStreamObject()
        drawn.set_data(form.encode("cp1252"))
        drawn.update(_named({"/Type": "/XObject", "/Subtype": "/Form"}))
        drawn[NameObject("/BBox")] = ArrayObject([NumberObject(side) for side in (0, 0, 612, 792)])
        objects[NameObject("/Fm0")] = writer._add_object(drawn)
        drawn[NameObject("/Resources")] = writer._add_object(resources)
    if picture:
        image = DecodedStreamObject()
        image.set_data(b"\0")
        image.update(_named({"/Type": "/XObject", "/Subtype": "/Image", "/ColorSpace": "/DeviceGray"}))
        for key in ("/Width", "/Height", "/BitsPerComponent"):
            image[NameObject(key)] = NumberObject(1)
        objects[NameObject("/Im0")] = writer._add_object(image)
    return resources


def _named(entries: Mapping[str, str]) -> DictionaryObject:
    return DictionaryObject({NameObject(key): NameObject(value) for key, value in entries.items()})
