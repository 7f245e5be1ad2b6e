"""What the terminal keeps: whose it is, who may read it, and what damage does."""

import json
import stat
from uuid import uuid4

import pytest

from chat.terminal import state
from chat.terminal.state import State


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_each_person_and_site_has_a_conversation_of_its_own(tmp_path):
    ids = {
        (site, who): uuid4()
        for site in ("https://a.example", "https://b.example")
        for who in ("alice", "bob")
    }
    for (site, who), conversation in ids.items():
        State(tmp_path, site, who).remember(conversation)
    assert {key: State(tmp_path, *key).conversation() for key in ids} == ids
    assert State(tmp_path, "https://a.example", "carol").conversation() is None


def test_everything_is_readable_by_its_owner_alone(tmp_path):
    folder = tmp_path / "terminal"
    kept = State(folder, "https://a.example", "alice")
    kept.remember(uuid4())
    kept.history().store_string("My booking is K7PQ2M")
    assert mode(folder) == 0o700
    assert {mode(path) for path in folder.iterdir()} == {0o600}
    assert len(list(folder.iterdir())) == 2


def test_files_that_others_could_read_are_closed_to_them(tmp_path):
    kept = State(tmp_path, "https://a.example", "alice")
    kept.history()
    (path,) = tmp_path.iterdir()
    path.chmod(0o644)
    kept.history()
    assert mode(path) == 0o600


def test_history_goes_on_and_is_each_persons_own(tmp_path):
    State(tmp_path, "https://a.example", "alice").history().store_string("Hello?")
    assert list(State(tmp_path, "https://a.example", "alice").history().load_history_strings()) == ["Hello?"]
    assert list(State(tmp_path, "https://a.example", "bob").history().load_history_strings()) == []


def test_history_does_not_grow_for_ever(tmp_path, monkeypatch):
    monkeypatch.setattr(state, "LONGEST_HISTORY_BYTES", 2_000)
    kept = State(tmp_path, "https://a.example", "alice")
    for number in range(100):
        kept.history().store_string(f"Question {number}")
    lines = list(kept.history().load_history_strings())
    assert lines[0] == "Question 99"
    assert len(lines) < 60
    assert all(line.startswith("Question ") for line in lines)


@pytest.mark.parametrize("text", ["", "{", "[]", '"x"', '{"alice@https://a.example": 7}', "\x00"])
def test_damaged_state_is_no_state(tmp_path, text):
    (tmp_path / "conversations.json").write_text(text)
    kept = State(tmp_path, "https://a.example", "alice")
    assert kept.conversation() is None
    kept.remember(conversation := uuid4())
    assert kept.conversation() == conversation
    assert json.loads((tmp_path / "conversations.json").read_text())


def test_no_secret_is_kept(tmp_path):
    from chat.terminal.remote import RemoteDesk

    desk = RemoteDesk("https://a.example", "csk_" + "secret" * 6)
    State(tmp_path, desk.site, desk.who).remember(uuid4())
    assert "secret" not in (tmp_path / "conversations.json").read_text()


def test_link_in_place_of_a_file_is_not_followed(tmp_path):
    kept = State(tmp_path / "terminal", "https://a.example", "alice")
    kept.history()
    (path,) = (tmp_path / "terminal").iterdir()
    path.unlink()
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic"):
        kept.history()
    assert not (tmp_path / "elsewhere").exists()
