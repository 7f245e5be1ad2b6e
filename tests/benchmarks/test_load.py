"""The load client sees every wrong character that a real site passes on, and no other."""

import asyncio
import os
from collections import Counter
from collections.abc import Iterator

import pytest

from benchmarks.fake_provider import FakeProvider
from benchmarks.load_client import Load, difference
from benchmarks.measure import Result, measure
from benchmarks.provider import ProviderControl
from benchmarks.questions import expected_answer, mark_of
from benchmarks.systems import Bare, Embedded, System

LOAD = Load(answers=4, starts_per_second=50, tokens=30, interval=0.001, delay=0.01)
MARK, OTHER = mark_of(1), mark_of(2)
TEXT = expected_answer(MARK, 30, footnotes=False)


@pytest.fixture(scope="module")
def provider() -> Iterator[FakeProvider]:
    """A provider whose answers a test may spoil."""
    with FakeProvider() as running:
        yield running


@pytest.fixture(scope="module")
def embedded(provider: FakeProvider) -> Iterator[Embedded]:
    """The site as a user runs it, in one process."""
    # Faults are made here on purpose; the provider is not to be left alone for them.
    with Embedded(provider.base_url, LLM_PAUSE_SECONDS="0") as system:
        yield system


def run(system: System, provider: FakeProvider, load: Load, *, text: str | None = None) -> Result:
    provider.script(text=text)
    control, visitors = ProviderControl(provider.base_url), system.visitors(load.answers)
    work = measure(system, "test", load, visitors, provider=control, provider_pid=os.getpid())
    return asyncio.run(work)


def one_question(number: int) -> Load:
    return Load(1, 50, tokens=30, first_mark=number)


def test_honest_answers_are_all_correct(embedded: Embedded, provider: FakeProvider) -> None:
    result = run(embedded, provider, Load(4, 50, tokens=30, interval=0.001, delay=0.01, first_mark=100))
    assert result.errors == Counter()
    assert result.correct == 4
    assert all(0 < added < 5 for added in result.added)
    assert result.milliseconds("web") > 0


@pytest.mark.parametrize(
    ("number", "spoil", "kind"),
    [
        (201, lambda text: text.replace("w0017", "w0071"), "deltas: altered"),
        (202, lambda text: text.replace("w0030", "w0030 "), "deltas: altered"),
        (203, lambda text: text[:-8], "deltas: cut short"),
        (204, lambda text: text.replace("b0000204w0005", "b0000999w0005"), "deltas: somebody else's text"),
    ],
)
def test_one_wrong_character_is_caught(
    embedded: Embedded, provider: FakeProvider, number: int, spoil, kind: str
) -> None:
    text = spoil(expected_answer(mark_of(number), 30, footnotes=False))
    assert run(embedded, provider, one_question(number), text=text).errors == Counter({kind: 1})


def test_failed_answer_is_counted_by_its_code(embedded: Embedded, provider: FakeProvider) -> None:
    provider.script(faults=["401"])
    assert run(embedded, provider, one_question(300)).errors == Counter({"turn.failed: model_unavailable": 1})


def test_answer_of_another_source_is_caught(embedded: Embedded, provider: FakeProvider) -> None:
    load = Load(2, 1, tokens=30, first_mark=400, same_question=True)
    assert run(embedded, provider, load).errors == Counter({"answered from cache, not model": 1})


def test_bare_relay_passes_the_same_check(provider: FakeProvider) -> None:
    with Bare(provider.base_url) as relay:
        assert run(relay, provider, LOAD).errors == Counter()
        spoilt = run(relay, provider, one_question(1), text=TEXT.replace("w0002", "w0003"))
        assert spoilt.errors == Counter({"deltas: altered": 1})


def test_refused_socket_is_an_error(embedded: Embedded, provider: FakeProvider) -> None:
    strangers = Bare(provider.base_url).visitors(2)
    control = ProviderControl(provider.base_url)
    work = measure(embedded, "test", LOAD, strangers, provider=control, provider_pid=os.getpid())
    assert asyncio.run(work).errors == Counter({"not opened: InvalidStatus": 2})


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (TEXT, ""),
        (TEXT[:40], "cut short"),
        ("", "cut short"),
        (TEXT + " ", "altered"),
        (TEXT.replace(MARK, OTHER), "somebody else's text"),
    ],
)
def test_difference_names_its_kind(text: str, kind: str) -> None:
    assert difference(text, TEXT, MARK) == kind
