"""What stands on the screen: growing answers, footnotes, narrow terminals, wide letters, hostile words."""

import re
from io import StringIO

import pytest
from rich.cells import cell_len
from rich.console import Console

from chat.terminal.desk import CONNECTION_LOST
from chat.terminal.growing import GrowingMarkdown
from chat.terminal.output import PlainText
from chat.terminal.screen import Screen

SITE = "https://desk.example.org"
ANSWER = """First *this* is so [^1].

> - One bag of up to 23 kg [^1]
> - Another bag

| Fare | Until 24 hours before | Later |
| --- | --- | --- |
| Standard | Airport taxes only | Nothing |
| Business | Everything in full | Nothing |

最後に、手荷物は二十三キログラムまで無料でお預けいただけます。追加の手荷物には料金がかかります。 [^2]"""
CITATIONS = [
    {"number": 1, "kind": "passage", "title": "Checked baggage", "section": "Allowance", "version": 3,
     "url": "/knowledge/passages/7/", "page": 2, "effective_from": "2026-01-01", "quote": "…"},
    {"number": 2, "kind": "record", "title": "Booking K7PQ2M", "section": "", "version": None,
     "url": None, "page": None, "effective_from": None, "quote": "…"},
]  # fmt: skip
_CONTROL = re.compile(r"\x1b\[[\d;?]*[A-Za-z]")
_COLOURS = re.compile(r"\x1b\[[\d;]*m")


def console_of(width, **options):
    return Console(
        file=StringIO(),
        force_terminal=True, width=width, height=30, color_system="standard", highlight=False,
        emoji=False, markup=False, legacy_windows=False, **options,
    )  # fmt: skip


def printed(console):
    return _CONTROL.sub("", console.file.getvalue()).replace("\r", "")


def completed(text=ANSWER, **changes):
    event = {"type": "turn.completed", "id": "1-9", "message": {"text": text}, "citations": CITATIONS,
             "notices": [], "quick_replies": [], "source": {"kind": "model", "model": "m"},
             "usage": {"total_ms": 1234}}  # fmt: skip
    return {**event, **changes}


def deltas(text, size=7):
    return [{"type": "turn.delta", "text": text[at : at + size]} for at in range(0, len(text), size)]


@pytest.mark.parametrize("width", [40, 80, 20])
def test_nothing_is_wider_than_the_terminal_and_no_word_is_lost(width):
    console = console_of(width)
    Screen(console, "https://d.io").event(completed())
    lines = printed(console).split("\n")
    assert max(cell_len(line) for line in lines if "https://" not in line) <= width
    letters = re.sub(r"[^\w]", "", printed(console))
    for word in (
        "Business",
        "Everything",
        "二十三キログラム",
        "CheckedbaggageAllowance",
        "version3",
        "page2",
    ):
        assert all(letter in letters for letter in word)
    if width == 80:
        for words in ("Checked baggage › Allowance", "Booking K7PQ2M (your records)", "written by m · 1.2 s"):
            assert words in printed(console)
        assert "https://d.io/knowledge/passages/7/" in printed(console)


@pytest.mark.parametrize("size", [1, 5, 40, 1000])
def test_answer_stands_on_the_screen_once_however_it_was_cut(size):
    grown, at_once = console_of(60), console_of(60)
    growing = GrowingMarkdown(grown)
    for end in range(size, len(ANSWER) + size, size):
        growing.show(ANSWER[:end])
    kept = list(growing._printed)  # for good; the rest was drawn over
    growing.finish(ANSWER)
    GrowingMarkdown(at_once).finish(ANSWER)
    whole = [line.rstrip() for line in printed(at_once).rstrip("\n").split("\n")]
    assert kept == whole[: len(kept)]
    assert (
        printed(grown)
        .rstrip()
        .endswith("\n".join(line for line in printed(at_once).rstrip().split("\n")[-2:]))
    )


def test_answer_that_ends_otherwise_is_shown_whole():
    console = console_of(60)
    screen = Screen(console, SITE)
    screen._answer.show("Something else.\n\nAnd more")
    screen.event(completed())
    assert "this is how it stands" in printed(console)
    assert "First this is so [1]." in printed(console)


def test_begun_again_after_a_lost_connection():
    console = console_of(60)
    screen = Screen(console, SITE)
    for event in (
        *deltas("Half of it"),
        {"type": CONNECTION_LOST, "words": "Lost."},
        {"type": "turn.restarted"},
    ):
        screen.event(event)
    screen.event(completed("Whole."))
    text = printed(console)
    assert "Lost. Trying again" in text
    assert text.index("begins anew") < text.index("Whole.")


@pytest.mark.parametrize("kind", ["turn.failed", "turn.stopped"])
def test_other_ends(kind):
    console = console_of(60)
    screen = Screen(console, SITE)
    body = (
        {"message": {"text": "So far."}, "citations": []}
        if kind == "turn.stopped"
        else {"words": "No model."}
    )
    screen.event({"type": kind, **body})
    assert ("So far." if kind == "turn.stopped" else "No model.") in printed(console)


HOSTILE = "A\x1b[2J\x1b]0;owned\x07B\x9b31mC\u202eD\rE <b>F</b> [red]G[/red] [x](javascript:1)"


@pytest.mark.parametrize("make", ["screen", "plain"])
def test_words_of_the_desk_command_no_terminal(make):
    citation = CITATIONS[0] | {"title": HOSTILE, "section": HOSTILE, "url": f"/x{HOSTILE}"}
    notice = {"kind": "fee", "text": HOSTILE}
    lines = {"kind": "crisis", "title": HOSTILE, "text": "", "lines": [{"name": HOSTILE, "phone": "112"}]}
    event = completed(
        HOSTILE, citations=[citation], notices=[notice, lines], quick_replies=[HOSTILE],
        source={"kind": "model", "model": HOSTILE},
    )  # fmt: skip
    console, plain = console_of(80), StringIO()
    output = Screen(console, SITE) if make == "screen" else PlainText(plain, plain, SITE)
    for each in (
        event,
        {"type": CONNECTION_LOST, "words": HOSTILE},
        {"type": "turn.failed", "words": HOSTILE},
    ):
        output.event(each)
    output.message({"role": "user", "text": HOSTILE, "citations": [], "error": {"words": HOSTILE}})
    text = _COLOURS.sub("", console.file.getvalue()) if make == "screen" else plain.getvalue()
    assert not re.search(r"\x1b\[2J|\x1b\]|[\x07\x9b\u202e]", text)
    assert "<b>F</b>" in text
    assert "[red]G[/red]" in text
    if make == "plain":
        assert "\x1b" not in text


def test_help_lines_stand_before_the_answer():
    notice = {
        "kind": "crisis",
        "title": "Talk to somebody",
        "text": "",
        "lines": [{"name": "Line", "phone": "112"}],
    }
    console, plain = console_of(80), StringIO()
    for output in (Screen(console, SITE), PlainText(plain, plain, SITE)):
        output.event(completed("Here.", notices=[{"kind": "fee", "text": "EUR 5"}, notice]))
    for text in (printed(console), plain.getvalue()):
        assert text.index("Talk to somebody") < text.index("112") < text.index("Here.") < text.index("EUR 5")


def test_no_colour_where_none_is_wanted():
    console = console_of(60, no_color=True)
    Screen(console, SITE).event(completed())
    assert not re.search(r"\x1b\[[\d;]*3[0-7][\d;]*m", console.file.getvalue())
