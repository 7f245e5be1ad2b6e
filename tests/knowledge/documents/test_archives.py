"""Unpacking: every file that can be taken, a reason for every other, and no bomb."""

import io
import struct
import zipfile
from collections.abc import Iterator

import pytest

from knowledge.documents.archives import Member, is_archive, unpack
from knowledge.errors import DocumentRefused

Entry = tuple[str | zipfile.ZipInfo, bytes]


def a_zip(*entries: Entry, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as archive:
        for name, data in entries:
            archive.writestr(name, data, compress_type=method)
    return content.getvalue()


def members(*entries: Entry) -> dict[str, bytes | str]:
    """Return contents by name, or the code of the refusal."""
    return outcome(unpack("all.zip", a_zip(*entries)))


def outcome(found: Iterator[Member]) -> dict[str, bytes | str]:
    return {one.name: one.refusal.code if one.refusal else one.content for one in found}


def refusal(content: bytes) -> str:
    with pytest.raises(DocumentRefused) as refused:
        list(unpack("all.zip", content))
    return refused.value.code


def test_files_come_with_their_paths() -> None:
    assert members(("a.md", b"A"), ("deep/b.md", b"B"), ("deep/", b"")) == {"a.md": b"A", "deep/b.md": b"B"}


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_every_method_of_packing(method: int) -> None:
    assert outcome(unpack("a.zip", a_zip(("a.md", b"A" * 100), method=method))) == {"a.md": b"A" * 100}


def test_archive_is_told_by_its_ending() -> None:
    assert is_archive("Policies.ZIP") and not is_archive("zip.md")


def test_what_systems_add_is_passed_over() -> None:
    added = ("__MACOSX/._a.md", ".DS_Store", "x/.git/config", "Thumbs.db", "x/desktop.ini")
    assert members(("a.md", b"A"), *((name, b"x") for name in added)) == {"a.md": b"A"}


@pytest.mark.parametrize(
    "name", ["../a.md", "x/../../a.md", "/etc/a.md", "C:/a.md", "C:\\a.md", "..\\a.md", "a\nb.md"]
)
def test_path_that_leads_outside_is_refused(name: str) -> None:
    found = members((name, b"x"), ("good.md", b"G"))
    assert found.pop("good.md") == b"G"
    assert list(found.values()) == ["name"]


def test_link_is_refused() -> None:
    link = zipfile.ZipInfo("passwords.md")
    link.external_attr = 0o120777 << 16
    assert members((link, b"/etc/passwd"), ("a.md", b"A")) == {"passwords.md": "link", "a.md": b"A"}


def test_archive_inside_is_refused() -> None:
    assert members(("in.zip", a_zip(("a.md", b"A"))), ("a.md", b"A")) == {"in.zip": "kind", "a.md": b"A"}


def test_second_file_of_a_name_is_refused() -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        content = a_zip(("a.md", b"A"), ("a.md", b"B"))
    assert [one.refusal.code if one.refusal else one.content for one in unpack("x.zip", content)] == [
        b"A",
        "duplicate",
    ]


def test_protected_file_is_refused() -> None:
    content = bytearray(a_zip(("a.md", b"A"), ("b.md", b"B")))
    directory = content.index(b"PK\x01\x02")
    content[directory + 8] |= 1  # the flag in the directory entry of the first
    assert outcome(unpack("x.zip", bytes(content))) == {"a.md": "encrypted", "b.md": b"B"}


def test_damaged_file_is_refused_and_the_rest_comes() -> None:
    content = bytearray(a_zip(("a.md", b"A" * 40), ("b.md", b"B"), method=zipfile.ZIP_STORED))
    content[content.index(b"A" * 40)] = ord("X")
    assert outcome(unpack("x.zip", bytes(content))) == {"a.md": "broken", "b.md": b"B"}


def test_large_file_is_refused(settings: object) -> None:
    settings.DOCUMENT_MAX_BYTES = 100
    assert members(("a.md", b"A" * 101), ("b.md", b"B" * 100)) == {"a.md": "size", "b.md": b"B" * 100}


def test_bomb_is_stopped_by_its_ratio() -> None:
    assert members(("bomb.md", b"0" * 3_000_000), ("a.md", b"A")) == {"bomb.md": "bomb", "a.md": b"A"}


def test_sizes_in_the_directory_are_not_believed(settings: object) -> None:
    settings.DOCUMENT_MAX_BYTES = 1_000
    content = bytearray(a_zip(("a.md", b"A" * 5_000)))
    directory = content.index(b"PK\x01\x02")
    content[directory + 24 : directory + 28] = struct.pack("<I", 10)  # says that it unpacks to 10 bytes
    (member,) = unpack("x.zip", bytes(content))
    assert member.refusal and member.refusal.code in ("size", "broken")
    assert member.content == b""


def test_files_together_are_limited(settings: object) -> None:
    settings.UNPACKED_MAX_BYTES = 250
    found = members(*((f"{number}.md", b"A" * 100) for number in range(5)))
    assert list(found.values()) == [b"A" * 100, b"A" * 100, "bomb", "bomb", "bomb"]


def test_refused_files_use_up_the_room_too(settings: object) -> None:
    settings.DOCUMENT_MAX_BYTES, settings.UNPACKED_MAX_BYTES = 70_000, 200_000
    found = members(*((f"{number}.md", bytes(range(256)) * 400) for number in range(4)))
    assert list(found.values()) == ["size", "bomb", "bomb", "bomb"]


def test_too_many_files_are_refused(settings: object) -> None:
    settings.UNPACKED_MAX_FILES = 2
    assert refusal(a_zip(*((f"{number}.md", b"A") for number in range(3)))) == "bomb"
    assert refusal(b"PK\x01\x02" * 101) == "bomb"


@pytest.mark.parametrize(
    "content",
    [b"", b"no archive", a_zip(("a.md", b"A"))[:-30], b"PK\x05\x06" + b"\xff" * 18],
    ids=["empty", "another file", "cut", "no more than an ending"],
)
def test_broken_archive_is_refused(content: bytes) -> None:
    assert refusal(content) == "broken"


def test_archive_without_files_is_refused() -> None:
    assert refusal(a_zip(("folder/", b""))) == "empty"
