"""Every example of the documentation runs against a real server and prints what its page shows."""

from collections.abc import Iterator

import pytest

from tests.docs.desk import Desk, running_desk
from tests.docs.pages import REASONS, ROOT, RUNNABLE, Example, examples, is_as_shown, listed, to_run
from tests.docs.running import run


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One desk for all examples."""
    with running_desk(tmp_path_factory.mktemp("docs")) as running:
        yield running


@pytest.mark.parametrize("example", to_run(), ids=lambda example: example.name)
def test_example_prints_what_its_page_shows(desk: Desk, example: Example) -> None:
    done = run(example, desk)
    assert not done.fault, f"{example.page}, line {example.line}: {done.fault}"


@pytest.mark.parametrize(
    ("text", "shown", "fault"),
    [
        ("echo bag", "bag\n", ""),
        ("echo bag; exit 3", "bag\n", "exit code 3"),
        ("echo $NOBODY_SETS_THIS", "\n", "exit code 1"),
        ("echo bag", "bags\n", "it printed\nbag"),
        ("echo bag", None, "the page does not say"),
    ],
)
def test_faulty_example_is_seen(desk: Desk, text: str, shown: str | None, fault: str) -> None:
    found = run(Example("docs/api.md", 1, "", "bash", text, shown), desk).fault
    assert found.startswith(fault) and bool(found) == bool(fault)


def test_every_other_block_is_listed_with_a_reason() -> None:
    entries = listed()
    missing = [
        f"{example.page}, line {example.line}: {example.first_line}"
        for example in examples()
        if example.language not in RUNNABLE and not any(entry.covers(example) for entry in entries)
    ]
    assert not missing, "name them in tests/docs/not_run.toml, or say which language they are"


def test_reasons_are_of_the_closed_list_and_speak_of_what_there_is() -> None:
    blocks = examples()
    for entry in listed():
        assert entry.reason in REASONS, entry
        assert any(entry.covers(example) for example in blocks), f"there is no such block: {entry}"
        if entry.reason == "another test runs it":
            name = entry.page.rsplit("/", 1)[-1]
            assert name in (ROOT / entry.test).read_text(encoding="utf-8"), (
                f"{entry.test} says nothing of {name}"
            )


def test_the_guide_has_every_language() -> None:
    guide = [example.language for example in to_run() if example.page == "docs/api.md"]
    assert {"bash", "python", "javascript"} <= set(guide)
    assert len(guide) >= 25


@pytest.mark.parametrize(
    ("output", "shown", "same"),
    [
        ("a\nb\n", "a\nb\n", True),
        ("a\nb\n", "a\n", False),
        ("a\nb\nc\n", "a\n…\n", True),
        ("id 7 is here\n", "id … is here\n", True),
        ("id 7 is gone\n", "id … is here\n", False),
        ("a\nb\nc\n", "…\nc\n", True),
        ("a\nb\nd\n", "…\nc\n", False),
        ("", "…\nc\n", False),
    ],
)
def test_output_is_compared_by_line(output: str, shown: str, same: bool) -> None:
    assert is_as_shown(output, shown) is same
