"""The live figures in a real browser: they move by themselves, pause, and outlive the server."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from benchmarks.fake_provider import FakeProvider
from tests.browser.axe import violations
from tests.browser.conftest import Complaints, SignIn, sample_site
from tests.browser.product import PASSWORD, Product

FOR_AXE = {"bypass_csp": True}  # axe itself styles what it measures, which the page's own policy forbids
PHONE = {"viewport": {"width": 390, "height": 844}}
DESKTOP = {"viewport": {"width": 1180, "height": 860}}
SOON_MS = 20_000  # a round is 2 s, and what was answered is kept for 4
LIVE = re.compile(r"^Live$")


@pytest.fixture(scope="module")
def own_site(model: FakeProvider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A site that a test may end and start again, and where nobody else asks: an answer of ten minutes ago
    would leave the figures at any moment.
    """
    with sample_site(tmp_path_factory.mktemp("figures"), model) as product:
        yield product


def watch(page: Page, at: str = "") -> None:
    page.goto(f"{at}/stats")
    expect(page.locator("[data-state]")).to_have_text(LIVE)


def figure(page: Page, name: str) -> object:
    return page.locator(f'[data-figure="{name}"]').first


def test_figures_move_while_somebody_asks(sign_in: SignIn, model: FakeProvider, own_site: Product) -> None:
    carol = sign_in("carol", at=own_site)
    carol.goto(f"{own_site.url}/admin/")
    carol.get_by_role("link", name="Live figures").click()
    expect(carol.locator("[data-state]")).to_have_text(LIVE)
    expect(carol.locator(".uplot canvas")).to_have_count(2)
    expect(figure(carol, "recent.sources.model")).to_have_text("0")
    model.script(held=True)
    alice = sign_in("alice", at=own_site)
    alice.get_by_role("textbox").fill("How heavy may a checked bag be?")
    alice.keyboard.press("Enter")
    expect(figure(carol, "turns.running")).to_have_text("1", timeout=SOON_MS)
    expect(figure(carol, "sockets")).not_to_have_text("0", timeout=SOON_MS)
    model.script(held=False)
    expect(figure(carol, "turns.running")).to_have_text("0", timeout=SOON_MS)
    expect(figure(carol, "recent.sources.model")).to_have_text("1", timeout=SOON_MS)


def test_page_pauses_and_goes_on(sign_in: SignIn) -> None:
    page = sign_in("carol")
    watch(page)
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("[data-state]")).to_have_text("Paused")
    page.get_by_role("button", name="Go on").click()
    expect(page.locator("[data-state]")).to_have_text(LIVE)


def test_page_outlives_the_server_and_tells_who_is_signed_out(
    sign_in: SignIn, own_site: Product, complaints: Complaints
) -> None:
    complaints.is_away = True
    page = sign_in("carol", at=own_site)
    watch(page, own_site.url)
    own_site.stop()
    expect(page.locator("[data-state]")).to_contain_text("Connection lost", timeout=SOON_MS)
    own_site.start()
    expect(page.locator("[data-state]")).to_have_text(LIVE, timeout=SOON_MS)
    page.context.request.post(
        f"{own_site.url}/admin/logout/", headers={"X-CSRFToken": _token(page), "Referer": own_site.url}
    )
    expect(page.locator("[data-state]")).to_contain_text("You are signed out", timeout=SOON_MS)
    expect(page.get_by_role("link", name="Reload")).to_be_visible()


def _token(page: Page) -> str:
    return next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "csrftoken")


def test_page_works_without_scripts(new_context: Callable[..., BrowserContext], site: Product) -> None:
    page = new_context(java_script_enabled=False).new_page()
    page.goto("/stats")
    page.get_by_label("User name").fill("carol")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Live figures")).to_be_visible()
    expect(page.get_by_role("table").filter(has_text="Written by a model")).to_be_visible()
    expect(page.get_by_role("table").filter(has_text="Answers in the last minute")).to_contain_text("Web")
    page.get_by_role("link", name="Reload").click()
    expect(page.get_by_role("status")).to_contain_text("As of")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_page_is_accessible(sign_in: SignIn, scheme: str, size: dict) -> None:
    page = sign_in("carol", color_scheme=scheme, **FOR_AXE, **size)
    watch(page)
    page.get_by_text("The graphs as a table").click()
    assert violations(page) == []
    assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
