"""Text before a model's calls: announcements are held, answers are not."""

import pytest

from chat.turn.opening import Opening


def fed(text: str, size: int) -> tuple[list[str], str]:
    opening = Opening()
    return [opening.feed(text[at : at + size]) for at in range(0, len(text), size)], opening.finish()


@pytest.mark.parametrize("size", [1, 4, 1000])
@pytest.mark.parametrize(
    "text",
    [
        "Let me look that up for you.",
        "I'll check the status of LW214 now.",
        "I’m going to search the policies.",
        "Sure! One moment, please.",
        "Voy a consultar su reserva.",
        "Déjame comprobarlo.",
        "Un momento.",
    ],
)
def test_announcement_is_held_to_the_end(text: str, size: int) -> None:
    shown, rest = fed(text, size)
    assert "".join(shown) == ""
    assert rest == text


@pytest.mark.parametrize("size", [1, 4, 1000])
@pytest.mark.parametrize(
    "text",
    [
        "A checked bag may weigh up to 23 kg [1].",
        "Up to 23 kg [1]. Let me add that more costs EUR 60 [1].",
        "Sure, a checked bag may weigh up to 23 kg [1] and one of 32 kg costs more.",
        "[no-answer] is what is said",
        "I will be plain: " + "a bag is a bag. " * 12,
    ],
)
def test_answer_is_shown_while_it_comes_and_nothing_is_lost(text: str, size: int) -> None:
    shown, rest = fed(text, size)
    assert "".join(shown) + rest == text
    assert rest == ""


def test_answer_waits_for_a_dozen_characters_at_most() -> None:
    opening = Opening()
    assert "".join(opening.feed(letter) for letter in "A checked ba") == "A checked ba"
