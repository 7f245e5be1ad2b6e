"""Plain text, tables of values, and the encodings that both come in."""

import pytest

from knowledge.documents.formats import csv_table
from knowledge.documents.formats.encoding import decode
from knowledge.documents.parse import parse
from knowledge.documents.split import split
from knowledge.errors import DocumentRefused


def text(content: str) -> str:
    return parse("bags.txt", content.encode()).text.rstrip("\n")


def table(content: str, name: str = "fees.csv") -> str:
    return parse(name, content.encode()).text.rstrip("\n")


def test_wrapped_lines_become_a_paragraph() -> None:
    assert text("One bag of up to 23 kg is included in every fare\nof ours, and a coat.\n\nPets pay.") == (
        "One bag of up to 23 kg is included in every fare of ours, and a coat.\n\nPets pay."
    )


def test_short_lines_stay_apart() -> None:
    assert text("Desk\n1 Main Street\nLisbon") == "Desk  \n1 Main Street  \nLisbon"


def test_underlined_lines_are_headings() -> None:
    assert text("Bags\n====\n\nFees\n----\nForty.") == "# Bags\n\n## Fees\n\nForty."


def test_lists_are_kept() -> None:
    assert text("Bring:\n- a coat\n  * a warm one\n• a bag\n\n1) first\n2) second") == (
        "Bring:\n\n- a coat\n  - a warm one\n- a bag\n1. first\n2. second"
    )


def test_accidental_markdown_is_guarded() -> None:
    assert text("# no heading *here*") == "\\# no heading \\*here\\*"
    assert (
        text("a <!-- seen --> b\n\n[x]: http://a.example") == "a \\<!-- seen --> b\n\n[x\\]: http://a.example"
    )


def test_table_of_values() -> None:
    assert table('Route,Fee\n"Lisbon, Madrid",EUR 40\nOslo,"9|5"\n') == (
        "| Route | Fee |\n| --- | --- |\n| Lisbon, Madrid | EUR 40 |\n| Oslo | 9\\|5 |"
    )


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("f.csv", "Route;Fee\nLisbon;40,50"),
        ("f.csv", "Route\tFee\nLisbon\t40,50"),
        ("f.csv", "sep=;\r\nRoute;Fee\r\nLisbon;40,50"),
        ("f.tsv", "Route\tFee\nLisbon\t40,50"),
    ],
)
def test_sign_between_cells_is_found(name: str, content: str) -> None:
    assert table(content, name) == "| Route | Fee |\n| --- | --- |\n| Lisbon | 40,50 |"


def test_long_table_names_its_columns_in_every_passage() -> None:
    rows = "\n".join(f"Route {number},EUR {number}" for number in range(300))
    pieces = split(table(f"Route,Fee\n{rows}"), "Fees")
    assert len(pieces) > 3
    assert all(piece.text.startswith("| Route | Fee |\n| --- | --- |\n| Route ") for piece in pieces)


def test_one_column_is_no_table() -> None:
    assert table("Lisbon\nOslo") == "Lisbon\n\nOslo"


def test_table_for_the_records_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_table, "MOST_ROWS", 2)
    with pytest.raises(DocumentRefused) as refused:
        table("a,b\n1,2\n3,4\n")
    assert refused.value.code == "size"


JAPANESE = [
    "手荷物",
    "払い戻し",
    "髙橋さんの手荷物は23kgまで無料です。",
    "名前,年齢,住所\n佐藤太郎,30,東京\n",
    "価格はEUR 40です" * 50,
]
WESTERN = [
    "café",
    "¿Cuánto cuesta una maleta de más?",
    "Überfracht kostet 60 für jeden Flug; größer geht nicht.",
    "L'élève a été remboursé à Genève, près de l'aéroport. " * 40,
    "São Paulo: não há ações.",
    "naïve",
    "Ñ",
]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp932", "euc_jp"])
@pytest.mark.parametrize("words", JAPANESE)
def test_japanese_is_read(words: str, encoding: str) -> None:
    if "髙" in words and encoding == "euc_jp":
        words = words.replace("髙", "高")  # EUC has only the usual form
    assert decode(words.encode(encoding)) == words


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "latin-1", "cp1252"])
@pytest.mark.parametrize("words", WESTERN)
def test_western_is_read(words: str, encoding: str) -> None:
    assert decode(words.encode(encoding)) == words


@pytest.mark.parametrize("words", ["“It’s 60 €” – said she…", "It’s fine", "5 € — “fee”"])
def test_windows_signs_are_read(words: str) -> None:
    assert decode(words.encode("cp1252")) == words


def test_japanese_of_the_mail() -> None:
    assert decode("手荷物".encode("iso2022_jp")) == "手荷物"


@pytest.mark.parametrize("order", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_its_mark(order: str) -> None:
    assert decode("Bags are free.".encode(order)) == "Bags are free."


def test_other_alphabets_are_told_by_a_detector() -> None:
    words = "Правила провоза багажа: каждый пассажир может взять одну сумку весом до 23 кг бесплатно."
    assert decode(words.encode("cp1251")) == words


@pytest.mark.parametrize(
    "content",
    [bytes(range(256)) * 4, b"text\0text", b"\x01\x02\x03" * 50 + b"abc", bytes(range(128, 160)) * 20],
)
def test_binary_is_refused(content: bytes) -> None:
    with pytest.raises(DocumentRefused) as refused:
        decode(content)
    assert refused.value.code in ("binary", "encoding")


def test_half_of_a_character_is_refused() -> None:
    with pytest.raises(DocumentRefused) as refused:
        decode("\ufeffBags".encode("utf-16-le") + b"x")
    assert refused.value.code == "encoding"
