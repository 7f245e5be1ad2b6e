"""What whole turns leave in `/metrics`: every figure once, and nothing of what anybody wrote."""

from collections import defaultdict
from datetime import timedelta

import pytest
from django.conf import settings as configured
from django.db import transaction
from django.utils import timezone

from accounts import limits
from chat.database import in_database
from chat.llm.base import Usage
from chat.llm.registry import _BUILDERS
from chat.models import Turn
from chat.turn import metrics, overdue
from chatsite.asgi import application
from tests.chat.conftest import open_socket
from tests.chat.test_single_flight import CROWD, all_ask, crowd  # noqa: F401  (a fixture)
from tests.chat.test_turns import BAGS, ask
from tests.chat.turn.answers import context_for
from tests.chatsite.scraping import get, scrape, values
from webhooks.outcomes import ERRORS

pytestmark = pytest.mark.anyio
MODEL = "Up to 23 kg [1]. "


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """Have a worker's figures, however busy it is: without them what it counted before would seem new."""
    monkeypatch.setattr("chatsite.metrics.group.PATIENCE_SECONDS", 20.0)


async def test_answer_of_a_model_is_counted_once(alice, conversation, library, provider):
    before = await values()
    provider.script(text=MODEL)
    await ask(alice, conversation, BAGS)
    new = await values() - before
    assert new[("chatsite_turns_total", "policy", "completed", "compatible", "model")] == 1
    assert sum(value for key, value in new.items() if key[0] == "chatsite_turns_total") == 1
    assert new[("chatsite_first_token_seconds_count", "model")] == 1
    assert new[("chatsite_turn_seconds_count", "model")] == 1
    assert new[("chatsite_turn_wait_seconds_count",)] == 1
    assert new[("chatsite_retrieval_confidence_count",)] == 1
    assert new[("chatsite_grounding_total", "sure")] == 1
    stages = {key[1] for key in new if key[0] == "chatsite_turn_stage_seconds_count"}
    assert {"understand", "ground", "generate", "settle"} <= stages
    tokens = {key[1]: value for key, value in new.items() if key[0] == "chatsite_tokens_total"}
    assert tokens["prompt"] > 0 and tokens["completion"] > 0


async def test_answer_from_the_cache_is_told_apart(crowd, library, provider):  # noqa: F811
    provider.script(text=MODEL)
    await all_ask(crowd[:1])
    before = await values()
    await all_ask(crowd[1:2])
    new = await values() - before
    assert sum(v for k, v in new.items() if k[0] == "chatsite_turns_total" and k[-1] == "cache") == 1
    assert not any(key[0] == "chatsite_tokens_total" for key in new)


async def test_who_follows_another_shares(crowd, library, provider):  # noqa: F811
    before = await values()
    provider.script(text=MODEL * 20, interval=0.01)
    await all_ask(crowd)
    new = await values() - before
    by_source = defaultdict(float)
    for key, value in new.items():
        if key[0] == "chatsite_turns_total":
            by_source[key[-1]] += value
    assert by_source["model"] == provider.calls
    assert by_source["shared"] > 0 or provider.calls == CROWD
    assert sum(by_source.values()) == CROWD


async def test_failing_provider_is_counted_by_code(alice, conversation, library, provider):
    before = await values()
    provider.script(text=MODEL, faults=["500"] * 4)
    await ask(alice, conversation, BAGS)
    new = await values() - before
    failures = {key: value for key, value in new.items() if key[0] == "chatsite_provider_failures_total"}
    assert failures and {key[2] for key in failures} == {"compatible"}
    assert sum(v for k, v in new.items() if k[0] == "chatsite_turns_total" and k[3] == "extractive") == 1


async def test_turn_that_is_given_up_is_counted(alice, conversation):
    lost = await ask(alice, conversation, "Hello!")
    had_all = {"status": Turn.Status.RUNNING, "attempt": configured.TURN_MAX_ATTEMPTS}
    past = timezone.now() - timedelta(minutes=1)
    before = metrics.FAILURES.labels("attempts_exhausted")._value.get()

    @transaction.atomic  # as one step, or this process's own sweep may be quicker
    def lose_and_give_up():
        Turn.objects.filter(pk=lost[-1]["turn"]).update(**had_all, lease_until=past)
        return overdue.give_up()

    assert await in_database(lose_and_give_up)
    assert metrics.FAILURES.labels("attempts_exhausted")._value.get() == before + 1


async def test_open_socket_shows(alice, conversation):
    before = await values()
    async with open_socket(alice, conversation.id) as socket:
        await socket.until("ready")
        assert (await values() - before)[("chatsite_sockets_open",)] == 1
    assert (await values())[("chatsite_sockets_open",)] == before[("chatsite_sockets_open",)]


async def test_whole_application_gives_them_out(desk):
    status, text = await get(app=application)
    assert status == 200
    assert "chatsite_turns_running" in text


# --- Labels -------------------------------------------------------------------------------------------------

OUTCOMES = {"completed", "failed", "stopped"}
INTENTS = {"policy", "flight", "booking", "small_talk", "hand_off", "other"}
PROVIDERS = {*_BUILDERS, "none"}
SOURCES = {*map(str, Turn.Source), "shared", "none"}
STAGES = 20
CLOSED = {
    "outcome": OUTCOMES | {"delivered", *ERRORS} | {"found", "nothing", "refused", "failed", "unknown"},
    "intent": INTENTS,
    "provider": PROVIDERS,
    "source": SOURCES,
    "kind": {"prompt", "cached", "completion"},
    "grounding": set(map(str, Turn.Grounding)),
    "decision": {"allowed", "refused"},
    "counted": set(map(str, limits.Where)),
    "method": {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "other"},
    "status": {f"{number}xx" for number in range(1, 6)},
    "state": {"idle", "in_use"},
}
MOST_SERIES = 1_500  # of one process, after anything
SECRETS = ("Rosalind", "rosalind@example.net", "4929 1234 5678 9012", "ZX81QQ", "My grandmother")


async def test_labels_are_from_closed_sets_and_hold_nothing_personal(alice, conversation, library, provider):
    alice.first_name = "Rosalind"
    await alice.asave()
    provider.script(text=MODEL)
    for text in (
        *(f"{secret}: how heavy may a checked bag be?" for secret in SECRETS),
        *("Hello!", "Is LW214 on time?", "May I see a person?", "Where is booking ZX81QQ?", "¿Qué tal?"),
    ):
        await ask(alice, conversation, text)
    await get(f"/no/such/{SECRETS[3]}")
    text = (await get())[1]
    assert not [secret for secret in SECRETS if secret.lower() in text.lower()]
    assert str(conversation.id) not in text and alice.username not in text
    series = defaultdict(int)
    for family in await scrape():
        if not family.name.startswith("chatsite_"):
            continue
        for sample in family.samples:
            if "route" not in sample.labels:  # as many as the site has routes; other tests ask all of them
                series[sample.labels.get("process", "")] += 1
            for label, value in sample.labels.items():
                assert value in CLOSED.get(label, {value}), (family.name, label, value)
                assert len(value) <= 60
    assert max(series.values()) < MOST_SERIES


def test_model_with_a_name_of_its_own_is_not_a_label():
    context = context_for("Up to 23 kg.")
    context.provider, context.model, context.usage = "compatible", "typed by somebody", Usage(11, 7)
    before = _completion_tokens("other")
    metrics.spent(context)
    assert _completion_tokens("other") == before + 7
    assert _completion_tokens("typed by somebody") == 0


def _completion_tokens(model):
    (family,) = metrics.TOKENS.collect()
    return sum(
        s.value for s in family.samples if s.labels["model"] == model and s.labels["kind"] == "completion"
    )
