"""Citing, reviewing and restoring together give the same output wherever the stream is cut."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat.llm.base import PromptMessage, Request, Source
from chat.llm.errors import ProviderRefused
from chat.llm.registry import providers
from chat.safety.personal import Placeholders, Restorer
from chat.turn.cite import Citer
from chat.turn.context import Evidence
from chat.turn.generate import drain
from chat.turn.review import Reviewer

EVIDENCE = [Evidence(Source(n, "passage", f"T{n}", "", "text")) for n in (1, 2)]


def shown(pieces: list[str]) -> str:
    table = Placeholders("here")
    table.mask("alice@example.com, booking QWXZTR, card 4111 1111 1111 1112, typed [BOOKING_1]")
    filters = [Citer(EVIDENCE, []), Reviewer(), Restorer(table)]
    text = ""
    for piece in pieces:
        for each in filters:
            piece = each.feed(piece)
        text += piece
    return text + drain(filters)


_PIECES = st.sampled_from(
    ["[EMAIL_1]", "[BOOKING_1]", "[CARD_1]", "[TEXT_1]", "[1]", "[", "]", "\\[", "\\]", "_1", "EMAIL",
     " 1]", "(x)", "[^2]", "!", "<b>", "http", "://a.b", "* ", "\n", "【1】", "x", " "]
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(_PIECES, max_size=14))
def test_any_pieces_give_what_the_whole_gives(pieces):
    whole = "".join(pieces)
    assert shown(pieces) == shown([whole]) == shown(list(whole))


def test_values_are_restored_after_everything_else():
    written = "To [EMAIL_1] [1]: [BOOKING_1], [CARD_1], [TEXT_1] [2]"
    assert shown([written]) == "To alice@example.com [^1]: QWXZTR, card ••••, [BOOKING_1] [^2]"


@pytest.mark.anyio
async def test_no_vendor_takes_a_request_that_may_not_leave(provider):
    request = Request(system="", messages=(PromptMessage("user", "x"),), question="x", stays_here=True)
    with pytest.raises(ProviderRefused):
        async for _ in providers()[0].stream(request):
            pass
    assert provider.calls == 0
