"""Every way a provider can fail, over real HTTP and both protocols: one outcome each."""

from dataclasses import replace

import pytest

from benchmarks.fake_provider import FakeProvider, answer_text
from chat.llm.errors import (
    ContentFiltered,
    ContextTooLong,
    MalformedStream,
    ProviderRefused,
    RateLimited,
    StreamCut,
    TimedOut,
    Unavailable,
)
from tests.chat.llm.asking import LONG, SHORT, MakeProvider, ask

pytestmark = pytest.mark.anyio

# What the fake does, what the caller gets, whether the same provider may be asked again.
FAULTS = [
    ("400", ProviderRefused, False),
    ("401", ProviderRefused, False),
    ("403", ProviderRefused, False),
    ("404", ProviderRefused, False),
    ("422", ProviderRefused, False),
    ("context_length", ContextTooLong, False),
    ("413", ContextTooLong, False),
    ("429:3", RateLimited, True),
    ("408", Unavailable, True),
    ("500", Unavailable, True),
    ("503", Unavailable, True),
    ("529", Unavailable, True),
    ("reset", Unavailable, True),
    ("hang", TimedOut, True),
    ("stall_first", TimedOut, True),
    ("silence", TimedOut, True),
    ("stall_middle", TimedOut, True),
    ("garbage", MalformedStream, True),
    ("malformed", MalformedStream, True),
    ("wrong_shape", MalformedStream, True),
    ("empty", MalformedStream, True),
    ("error_object", Unavailable, True),
    ("error_object:rate_limit_error", RateLimited, True),
    ("error_object:invalid_request_error", ProviderRefused, False),
    ("cut_early", StreamCut, True),
    ("cut", StreamCut, True),
    ("no_finish", StreamCut, True),
    ("finish:abort", StreamCut, True),
    ("content_filter_early", ContentFiltered, False),
]


@pytest.mark.parametrize(("fault", "error", "retryable"), FAULTS, ids=[fault for fault, *_ in FAULTS])
async def test_fault_becomes_its_error(
    fake: FakeProvider, make_provider: MakeProvider, kind: str, fault: str, error: type, retryable: bool
) -> None:
    fake.script(faults=[fault], interval=0.002)
    outcome = await ask(make_provider(kind, SHORT if error is TimedOut else LONG))
    assert type(outcome.error) is error
    assert outcome.error.retryable is retryable
    assert outcome.finish is None
    assert answer_text("q1", 20).startswith(outcome.text)


@pytest.mark.parametrize(("fault", "error", "retryable"), FAULTS, ids=[fault for fault, *_ in FAULTS])
async def test_next_call_is_unharmed(
    fake: FakeProvider, make_provider: MakeProvider, kind: str, fault: str, error: type, retryable: bool
) -> None:
    fake.script(faults=[fault])
    provider = make_provider(kind, SHORT if error is TimedOut else LONG)
    await ask(provider)
    provider._patience = LONG
    assert (await ask(provider)).text == answer_text("q1", 20)


@pytest.mark.parametrize(
    ("fault", "waiting_for"),
    [
        ("hang", "first token"),
        ("stall_first", "first token"),
        ("silence", "first token"),
        ("stall_middle", "next token"),
    ],
)
async def test_timeout_names_what_was_missing(
    fake: FakeProvider, make_provider: MakeProvider, kind: str, fault: str, waiting_for: str
) -> None:
    fake.script(faults=[fault])
    is_first = waiting_for == "first token"
    outcome = await ask(make_provider(kind, SHORT if is_first else replace(SHORT, first_token=30)))
    assert outcome.error.waiting_for == waiting_for


async def test_retry_after_is_passed_on(fake: FakeProvider, make_provider: MakeProvider, kind: str) -> None:
    fake.script(faults=["429:17"])
    assert (await ask(make_provider(kind))).error.retry_after == 17


async def test_nothing_is_retried_here(fake: FakeProvider, make_provider: MakeProvider, kind: str) -> None:
    fake.script(faults=["500", "429", "503"])
    await ask(make_provider(kind))
    assert fake.calls == 1


async def test_used_up_quota_is_not_retryable(fake: FakeProvider, make_provider: MakeProvider) -> None:
    fake.script(faults=["quota"])
    assert type((await ask(make_provider("openai"))).error) is ProviderRefused


async def test_filter_in_mid_answer_keeps_text(
    fake: FakeProvider, make_provider: MakeProvider, kind: str
) -> None:
    fake.script(faults=["content_filter"])
    outcome = await ask(make_provider(kind))
    assert outcome.finish.reason == "filtered"
    assert outcome.text == answer_text("q1", 10)


async def test_endless_answer_is_ended(fake: FakeProvider, make_provider: MakeProvider, kind: str) -> None:
    fake.script(faults=["endless"])
    outcome = await ask(make_provider(kind))
    assert outcome.finish.reason == "length"
    assert outcome.finish.usage.estimated


@pytest.mark.parametrize("fault", ["done_only", "no_usage"])
async def test_whole_answer_lacking_bookkeeping_stands(
    fake: FakeProvider, make_provider: MakeProvider, kind: str, fault: str
) -> None:
    fake.script(faults=[fault])
    outcome = await ask(make_provider(kind))
    assert outcome.finish.reason == "stop"
    assert outcome.text == answer_text("q1", 20)


async def test_reason_never_repeats_vendor_message(
    fake: FakeProvider, make_provider: MakeProvider, kind: str
) -> None:
    fake.script(faults=["401"])
    error = (await ask(make_provider(kind))).error
    assert str(error).startswith("401 ")
    assert "fail" not in str(error)
    assert error.__cause__ is None
    assert error.__suppress_context__
