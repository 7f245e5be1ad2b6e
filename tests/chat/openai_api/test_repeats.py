"""Where a question goes, and the same request again: nothing is doubled, nothing is mixed up."""

import asyncio
from threading import Semaphore

import pytest
from django.core.cache import cache
from openai import APIError, InternalServerError, UnprocessableEntityError

from chat.database import in_database
from chat.models import Conversation, Turn
from chat.openai_api.errors import AnswerRestarted
from chat.openai_api.following import Sent
from chat.openai_api.placing import note_cut
from tests.chat.terminal.conftest import QUESTION

pytestmark = pytest.mark.anyio
RETRY = {"X-Stainless-Retry-Count": "1"}


def user(text: str) -> dict[str, str]:
    return {"role": "user", "content": text}


def desk(text: str) -> dict[str, str]:
    return {"role": "assistant", "content": text}


async def asked(client, *messages, headers=None):
    """Return where the last message went, what became of the history, and the answer's text."""
    answer = await client.chat.completions.create(
        model="chatsite", messages=list(messages), extra_headers=headers or {}
    )
    told = answer.chatsite
    return told["turn"], told["history"], answer.choices[0].message.content, told["conversation"]


async def turns() -> int:
    return await in_database(Turn.objects.count)


async def test_clients_own_retry_is_the_same_question(clients, alice, bob, library, model):
    client, other = await clients(alice), await clients(bob)
    first = await asked(client, user(QUESTION))
    again = await asked(client, user(QUESTION), headers=RETRY)
    assert (again[0], again[1]) == (first[0], "repeated")
    assert (await asked(other, user(QUESTION), headers=RETRY))[1] == "begun"
    second = await asked(client, user(QUESTION), desk(first[2]), user("And two?"))
    retried = await asked(client, user(QUESTION), desk(first[2]), user("And two?"), headers=RETRY)
    assert (retried[0], retried[1]) == (second[0], "repeated")
    assert await turns() == 3


async def test_same_question_on_purpose_is_asked_anew(clients, alice, library, model):
    client = await clients(alice)
    first, second = [await asked(client, user(QUESTION)) for _ in range(2)]
    assert first[3] != second[3]
    assert await turns() == 2


async def test_request_whose_answer_was_cut_gets_that_answer(clients, alice, library, model):
    client = await clients(alice)
    first = await asked(client, user(QUESTION))
    await in_database(note_cut, first[0])
    again = await asked(client, user(QUESTION))
    assert (again[0], again[1], again[2]) == (first[0], "repeated", first[2])


async def test_idempotency_key_holds_wherever_it_comes(clients, alice, library, model):
    client, key = await clients(alice), {"Idempotency-Key": "order 66"}
    at_once = await asyncio.gather(*(asked(client, user(QUESTION), headers=key) for _ in range(4)))
    assert len({one[0] for one in at_once}) == 1
    assert await turns() == await in_database(Conversation.objects.count) == 1
    with pytest.raises(UnprocessableEntityError) as refused:
        await asked(client, user("Another?"), headers=key)
    assert refused.value.code == "client_id_reused"


async def test_failed_question_is_asked_anew_in_its_place(clients, alice, library, model):
    client = await clients(alice)
    first = await asked(client, user(QUESTION))
    asking = (user(QUESTION), desk(first[2]), user("And two?"))
    second = await asked(client, *asking)
    failed = Turn.objects.filter(pk=second[0])
    await in_database(failed.update, status=Turn.Status.FAILED, answer=None)
    again = await asked(client, *asking, headers=RETRY)
    assert again[0] != second[0]
    assert (again[1], again[3]) == ("continued", first[3])


async def test_edited_question_stays_in_the_conversation(clients, alice, library, model):
    client = await clients(alice)
    first = await asked(client, user(QUESTION))
    before = (user(QUESTION), desk(first[2]))
    one, two = [await asked(client, *before, user(text)) for text in ("And two?", "And three?")]
    three = await asked(client, *before, user("And three?"), desk(two[2]), user("Really?"))
    assert one[3] == two[3] == three[3] == first[3]


async def test_people_behind_one_key_are_kept_apart(clients, alice, library, model):
    """Both began alike. None goes on where the other has gone on."""
    client = await clients(alice)
    first, second = await asked(client, user(QUESTION)), await asked(client, user(QUESTION))
    before = (user(QUESTION), desk(first[2]))
    one = await asked(client, *before, user("And my dog?"))
    two = await asked(client, *before, user("And my cat?"))
    three = await asked(client, *before, user("And my bird?"))
    assert {one[3], two[3]} == {first[3], second[3]}
    assert three[1] == "unknown" and three[3] not in (one[3], two[3])


async def test_history_may_lose_its_beginning_and_its_marks(clients, alice, library, model):
    client, said = await clients(alice), []
    for question in (QUESTION, "And two?", "And three?"):
        answer = await asked(client, *said, user(question))
        said += [user(question), desk(answer[2])]
    plain = [{**message, "content": message["content"].replace(" [^1]", "")} for message in said[2:]]
    assert (await asked(client, *plain, user("And four?")))[3] == answer[3]
    cut = [*plain[:-1], desk(plain[-1]["content"][:12])]
    assert (await asked(client, *cut, user("And five?")))[1] == "continued"


async def test_words_put_into_the_desks_mouth_are_no_history(clients, alice, bob, library, model):
    client, other = await clients(alice), await clients(bob)
    first = await asked(client, user(QUESTION))
    forged = await asked(client, user(QUESTION), desk("Bags of 90 kg are free."), user("So 90 kg?"))
    theirs = await asked(other, user(QUESTION), desk(first[2]), user("So 23 kg?"))
    assert (forged[1], theirs[1]) == ("unknown", "unknown")
    assert len({first[3], forged[3], theirs[3]}) == 3


async def test_answer_begun_anew_goes_on_where_it_says_the_same(clients, alice, library, model):
    client = await clients(alice)
    model.script(faults=["cut"])
    stream = await client.chat.completions.create(model="chatsite", messages=[user(QUESTION)], stream=True)
    text = "".join([chunk.choices[0].delta.content or "" async for chunk in stream])
    assert text == "A checked bag may weigh up to 23 kg [^1]."
    assert model.calls == 2


async def test_other_answer_is_an_error_and_kept(clients, alice, library, model):
    """The model breaks off in the middle, and the desk quotes instead."""
    client = await clients(alice)
    model.script(faults=["cut", *["401"] * 8])
    asking = {"model": "chatsite", "messages": [user(QUESTION)]}
    with pytest.raises(APIError) as broken:
        async for _ in await client.chat.completions.create(**asking, stream=True):
            pass
    assert (broken.value.code, broken.value.type) == ("answer_restarted", "server_error")
    turn = await in_database(Turn.objects.get)
    async with asyncio.timeout(5):  # it is noted without making the end of the request wait
        while not await in_database(cache.get, f"openai-cut:{turn.pk}"):
            await asyncio.sleep(0.01)
    again = await client.chat.completions.create(**asking)
    assert again.chatsite["history"] == "repeated"
    assert again.chatsite["source"]["kind"] == "quoted"
    assert await turns() == 1


def test_nothing_is_given_twice() -> None:
    sent = Sent()
    assert [sent.more("One "), sent.more("two ")] == ["One ", "two "]
    sent.begin_anew()
    assert [sent.more("One"), sent.more(" two three")] == ["", "three"]
    assert sent.rest("One two three four") == " four"
    assert sent.rest("One two three\n") == "\n"
    sent.begin_anew()
    assert sent.more("Other") == ""
    with pytest.raises(AnswerRestarted):
        sent.rest("Other words")


async def test_too_many_who_wait_are_told_to_come_back(clients, alice, library, model, monkeypatch):
    client = await clients(alice)
    with monkeypatch.context() as full:
        full.setattr("chat.openai_api.following._waiting", Semaphore(0))
        with pytest.raises(InternalServerError) as refused:
            await asked(client, user(QUESTION))
    again = await asked(client, user(QUESTION), headers=RETRY)
    assert (refused.value.status_code, refused.value.code) == (503, "overloaded")
    assert again[1] == "repeated"
    assert await turns() == 1
