"""Placeholders: the same for the same value, sealed, escaped, restored for the conversation they are of."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat.safety.personal import Known, Person, Placeholders, Restorer, without_placeholders
from chat.sealing import Seal, Unreadable

ALICE = Known(people=(Person("Alice", "Example"),), emails=("alice@example.com",))
HERS = (
    "Alice Example, alice@example.com, booking QWXZTR, card 4111 1111 1111 1112, "
    "I typed [CARD_1] and [NAME_1]."
)


@pytest.fixture
def table() -> Placeholders:
    table = Placeholders("here")
    table.mask(HERS, ALICE)
    return table


def restored(table: Placeholders, *pieces: str, language: str = "en") -> str:
    restorer = Restorer(table, language)
    return "".join(map(restorer.feed, pieces)) + restorer.finish()


def test_every_value_gets_its_placeholder():
    masked = Placeholders("here").mask(HERS, ALICE)
    assert masked == "[NAME_1], [EMAIL_1], booking [BOOKING_1], card [CARD_1], I typed [TEXT_1] and [TEXT_2]."


def test_same_value_gets_the_same_through_the_conversation(table):
    again = table.mask("ALICE@example.com and card 4111-1111-1111-1112 and ref ABC999", ALICE)
    assert again == "[EMAIL_1] and card [CARD_1] and ref [BOOKING_2]"


def test_value_met_before_is_found_again_without_its_cue(table):
    assert table.mask("so qwxztr then?") == "so [BOOKING_1] then?"


def test_answer_is_restored_and_what_was_typed_comes_back_as_typed(table):
    assert (
        restored(table, "Dear [NAME_1] of [BOOKING_1]: [TEXT_1]") == "Dear Alice Example of QWXZTR: [CARD_1]"
    )


def test_card_is_never_shown_and_never_kept(table):
    assert restored(table, "On [CARD_1].") == "On card ••••."
    assert restored(table, "En [CARD_1].", language="es") == "En tarjeta ••••."
    assert "4111" not in str(vars(table))


@pytest.mark.parametrize("written", ["[name_1]", "[NAME 1]", r"\[NAME\_1\]", r"[NAME\_1]"])
def test_what_models_make_of_a_placeholder_is_restored_too(table, written):
    assert restored(table, f"Dear {written}!") == "Dear Alice Example!"


@pytest.mark.parametrize(
    "written", ["[NAME_2]", "[NAME_0]", "[NAME_01234]", "[PHONE_1]", "[EMAIL]", "[1]", "NAME_1"]
)
def test_what_was_never_issued_stays(table, written):
    assert restored(table, f"Dear {written}!") == f"Dear {written}!"


def test_table_survives_being_stored(table):
    opened = Placeholders.opened(table.sealed(), "here")
    assert opened.mask(HERS, ALICE) == Placeholders("here").mask(HERS, ALICE)
    assert not opened.is_changed
    assert restored(opened, "[NAME_1] [CARD_1]") == "Alice Example card ••••"


def test_table_opens_nowhere_else(table):
    with pytest.raises(Unreadable):
        Placeholders.opened(table.sealed(), "elsewhere")


def test_nothing_of_it_can_be_read_while_sealed(table):
    assert not any(part in table.sealed() for part in (b"Alice", b"QWXZTR", b"NAME"))


def test_former_key_still_opens_and_knows_its_cards(table, settings):
    sealed, former = table.sealed(), settings.SECRET_KEY
    settings.SECRET_KEY = "another-" + "y" * 40
    with pytest.raises(Unreadable):
        Placeholders.opened(sealed, "here")
    settings.SECRET_KEY_FALLBACKS = [former]
    opened = Placeholders.opened(sealed, "here")
    assert opened.mask("card 4111 1111 1111 1112") == "card [CARD_1]"


def test_damaged_seal_is_unreadable():
    sealed = bytearray(Seal("a").close(b"text", "here"))
    sealed[-1] ^= 1
    for wrong in (bytes(sealed), b"", b"\x01short", b"{}"):
        with pytest.raises(Unreadable):
            Seal("a").open(wrong, "here")
    with pytest.raises(Unreadable):
        Seal("b").open(Seal("a").close(b"text", "here"), "here")


def test_answer_may_name_values_without_issuing(table):
    assert table.mask("Write to help@larkwing.example, Alice Example", ALICE, may_issue=False) == (
        "Write to [EMAIL], [NAME_1]"
    )


def test_search_gets_neither_value_nor_placeholder(table):
    assert without_placeholders(table.mask("bags of Alice Example for QWXZTR?", ALICE)) == "bags of for ?"


_PIECES = st.sampled_from(
    ["[NAME_1]", "[NAME_", "1]", "[CARD_1]", "[TEXT_1]", "[", "]", "\\", "[name", " 1", "_1", "NAME",
     "[BOOKING_1", "[EMAIL_9]", "x", " ", "[^1]", "1", "\n", "[[NAME_1]]"]
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(_PIECES, max_size=14))
def test_any_pieces_give_what_the_whole_gives(pieces):
    table = Placeholders("here")
    table.mask(HERS, ALICE)
    assert restored(table, *pieces) == restored(table, "".join(pieces))


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet=st.sampled_from("[]_\\ NAMECRDTX1234@.a"), max_size=40))
def test_whatever_is_typed_comes_back(text):
    table = Placeholders("here")
    masked = table.mask(f"hello {text}", ALICE)
    # A card or account is not shown again; nothing here is long enough to be one.
    assert restored(table, masked) == f"hello {text}"


def test_every_cut_gives_the_same(table):
    written = r"Dear [NAME_1], \[CARD\_1\] [TEXT_1] [x_1] [NAME_77] [BOOKING_1"
    whole = restored(table, written)
    assert whole == "Dear Alice Example, card •••• [CARD_1] [x_1] [NAME_77] [BOOKING_1"
    for cut in range(len(written) + 1):
        assert restored(table, written[:cut], written[cut:]) == whole
    assert restored(table, *written) == whole


def test_nothing_is_held_that_can_become_no_placeholder(table):
    restorer = Restorer(table)
    assert restorer.feed("See [this") == "See "  # may still become one …
    assert restorer.feed(" here") == "[this here"  # … and now no more
