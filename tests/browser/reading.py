"""What a test does and sees on the chat page."""

import re

from playwright.sync_api import Locator, Page, expect

from benchmarks.fake_provider import answer_text

SETTLED = ".message[data-role=assistant]:not([data-state=running])"


def ask(page: Page, text: str) -> None:
    """Type a question and send it."""
    page.get_by_label("Your question").fill(text)
    page.keyboard.press("Enter")


def question(mark: str) -> str:
    """Return a question that the policies can answer, marked so that its answer can be told from others."""
    return f"How many bags can I check in on a Standard fare? #{mark}"


def expected_answer(mark: str, tokens: int = 60) -> str:
    """Return what the page shows when the answer to a marked question is finished."""
    return shown_text(answer_text(mark, tokens, citations=True))


def shown_text(text: str) -> str:
    """Return a text with its spaces evened out, markers close to their words."""
    evened = re.sub(r"\s+", " ", text).strip()
    return evened.replace(" [", "[")


def answers(page: Page) -> Locator:
    """Return the texts of the answers on the page."""
    return page.locator("[data-role=assistant] .answer")


def wait_for_text(page: Page, words: str) -> None:
    """Wait until the newest answer holds ``words``."""
    expect(answers(page).last).to_contain_text(words)


def wait_until_settled(page: Page, count: int = 1, *, seconds: float = 15) -> None:
    """Wait until so many answers are finished, stopped or failed."""
    expect(page.locator(SETTLED)).to_have_count(count, timeout=seconds * 1000)


def answer_of(page: Page) -> str:
    """Return the newest answer as it is shown."""
    return shown_text(answers(page).last.inner_text())


def all_answers(page: Page) -> list[str]:
    """Return all answers as they are shown."""
    return [shown_text(text) for text in answers(page).all_inner_texts()]
