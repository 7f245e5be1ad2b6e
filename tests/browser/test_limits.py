"""Too much at once, in a real browser: the words stay, and the page says when they may be sent."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import sample_site
from tests.browser.product import PASSWORD


@pytest.fixture(scope="module")
def strict_site(model, tmp_path_factory):
    """The site with one message a minute."""
    limits = {"RATELIMIT_ENABLE": "true", "LIMIT_CONVERSATION_MESSAGES": "1/m"}
    with sample_site(tmp_path_factory.mktemp("strict"), model, **limits) as product:
        yield product


def test_words_come_back_into_the_box_with_the_time_to_wait(browser, strict_site):
    page = browser.new_page()
    page.goto(f"{strict_site.url}/accounts/sign-in/")
    page.fill("input[name=login]", "alice")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/chat/**")
    page.fill("#question", "How heavy may my bag be?")
    page.press("#question", "Enter")
    page.wait_for_selector('[data-role="assistant"]')
    page.fill("#question", "And my cat?")
    page.press("#question", "Enter")
    wait = page.wait_for_selector('[data-part="wait"]:not([hidden])')
    assert wait.inner_text().startswith("You can send again in ")
    assert page.input_value("#question") == "And my cat?"
    assert page.is_disabled("[data-send]")
    expect(page.locator(".entry")).to_have_count(1)  # as soon as it is drawn
    page.wait_for_function(
        """() => document.querySelector('[data-part="status"]').textContent.startsWith("Message not sent.")"""
    )
    page.close()
