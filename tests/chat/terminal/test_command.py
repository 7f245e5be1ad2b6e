"""``manage.py chat`` as a whole process: without a terminal, for scripts, and with somebody typing."""

import json
import stat
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from tests.chat.terminal.conftest import ANSWER, QUESTION
from tests.chat.terminal.typing_person import at_terminal
from tests.serving import free_port


def test_plain_answer_without_a_terminal(site, tmp_path):
    done = site.chat(*site.remote("alice"), QUESTION, folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(ANSWER)
    assert "[1] Checked baggage (version 1) " in done.stdout
    assert f"{site.address}/knowledge/passages/" in done.stdout
    assert "\x1b" not in done.stdout


def test_question_on_standard_input_to_the_desk_in_this_process(site, tmp_path):
    done = site.chat("--user", "alice", "--json", folder=tmp_path, typed=f"{QUESTION}\n")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    kinds = [event["type"] for event in events]
    assert done.returncode == 0, done.stderr
    assert (kinds[0], kinds[-1]) == ("message.accepted", "turn.completed")
    # On a machine that is slow to begin, a follower gets the outcome from the database at once.
    assert kinds[1:-1] in ([], ["turn.started", "turn.understood", *["turn.delta"] * (len(kinds) - 4)])
    assert set(events[-1]) == {
        "type", "turn", "conversation", "id", "at",
        "message", "citations", "notices", "quick_replies", "source", "usage",
    }  # fmt: skip
    assert events[0]["message"]["text"] == QUESTION


@pytest.mark.parametrize(
    ("arguments", "code", "error"),
    [
        (("--conversation", str(uuid4())), 2, "not_found"),
        ((), 2, "invalid"),
    ],
)
def test_refusal_is_told_by_code(site, tmp_path, arguments, code, error):
    done = site.chat(*site.remote("alice"), *arguments, "--json", "\u00a0", folder=tmp_path)
    assert done.returncode == code
    assert json.loads(done.stdout.splitlines()[-1])["code"] == error


def test_bob_cannot_resume_alices_conversation(site, tmp_path):
    asked = site.chat(*site.remote("alice"), "--json", QUESTION, folder=tmp_path)
    conversation = json.loads(asked.stdout.splitlines()[0])["conversation"]
    done = site.chat(*site.remote("bob"), "--conversation", conversation, QUESTION, folder=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "no such" in done.stderr


def test_answer_that_fails_is_told_by_code(site, tmp_path):
    site.provider.script(faults=["401"])
    failed = site.chat(*site.remote("alice"), QUESTION, folder=tmp_path)
    assert (failed.returncode, failed.stdout) == (2, "")
    assert failed.stderr.strip()


def test_desk_that_is_not_there_has_a_code_of_its_own(capsys):
    with pytest.raises(SystemExit) as ended:
        call_command("chat", QUESTION, url=f"http://127.0.0.1:{free_port()}", token="csk_x")
    assert ended.value.code == 3
    assert "cannot be reached: Connection refused" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "--user NAME"),
        ({"url": "https://desk.example.org"}, "--token"),
        ({"url": "https://desk.example.org", "token_file": Path("/nowhere")}, "cannot be read"),
        ({"url": "http://desk.example.org", "token": "csk_x"}, "--allow-http"),
        ({"url": "https://desk.example.org", "token": "two\nlines"}, "token"),
    ],
)
def test_mistake_on_the_command_line_is_told_before_anything_is_sent(options, words):
    with pytest.raises(CommandError, match=words) as refused:
        call_command("chat", QUESTION, **options)
    assert refused.value.returncode == 2


def test_token_from_a_file(site, tmp_path):
    (tmp_path / "token").write_text(site.keys["alice"] + "\n")
    options = ("--url", site.address, "--token-file", str(tmp_path / "token"))
    assert site.chat(*options, QUESTION, folder=tmp_path).returncode == 0


def test_talk_is_stopped_resumed_and_kept_private(site, tmp_path):
    """One visit that asks and stops, a second one that finds it all again, lines typed before included."""
    site.provider.script(text="Slowly, up to 23 kg [1]. " * 100, interval=0.05)
    command, env = site.command(*site.remote("alice")), site.environment(tmp_path)
    with at_terminal(command, env, columns=40) as alice:
        alice.wait_for("A new conversation")
        alice.wait_for("> ")
        alice.type(f"{QUESTION}\r")
        alice.wait_for("Slowly")
        alice.type("\x03")
        alice.wait_for("Stopped.")
        site.provider.script(text="Quickly [1].", interval=0.0)
        alice.type("And now?\r")
        alice.wait_for("Quickly [1].")
        alice.wait_for("Checked baggage")
        alice.type("/quit\r")
        assert alice.wait_for_end() == 0
        assert "\x1b[" in alice.raw
    with at_terminal(command, env) as alice:
        alice.wait_for("Going on with your last conversation")
        alice.wait_for(f"You: {QUESTION}")
        alice.wait_for("Quickly [1].")
        alice.wait_for("> ")
        alice.type("\x1b[A\x1b[A\r")  # two lines up: before /quit
        alice.wait_for("And now?")
        alice.wait_for("Quickly [1].")
        alice.wait_for("Checked baggage")  # its footnote: the answer is over …
        alice.wait_for("> ")  # … and a line is asked for, or Ctrl-C would stop the answer
        alice.type("\x03")
        assert alice.wait_for_end() == 0
    kept = list((tmp_path / "terminal").iterdir())
    assert len(kept) == 2
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept} == {0o600}


def test_second_interrupt_ends_with_its_code(site, tmp_path):
    site.provider.script(text="Slowly, up to 23 kg [1]. " * 100, interval=0.05, delay=0.0)
    with at_terminal(
        site.command(*site.remote("alice"), "--new", QUESTION), site.environment(tmp_path)
    ) as alice:
        alice.wait_for("Slowly")
        alice.type("\x03\x03")
        assert alice.wait_for_end() in (2, 130)  # 2: the stop was quicker than the second key
