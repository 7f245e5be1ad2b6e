"""A real browser on a real site: one of each for the whole package, a fresh context for every test."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from benchmarks.fake_provider import FakeProvider
from tests.browser.product import PASSWORD, Product

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DESKTOP = {"width": 1280, "height": 860}
SLOW_ANSWER = {"delay": 0.2, "interval": 0.03, "tokens": 60, "citations": True, "text": None, "verdict": None}
# An answer alone takes two seconds, and more on a busy machine. What is there is seen at once.
PATIENCE_MS = 15_000
expect.set_options(timeout=PATIENCE_MS)
# What the browser itself writes when a test takes the site or the network away.
EXPECTED_WHEN_AWAY = ("WebSocket connection to", "net::ERR_", "Failed to load resource")

SignIn = Callable[..., Page]


def find_browser() -> str:
    """Return the browser's command; skip where there is none, fail where one is required."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        reason = "no Chromium: set CHROMIUM to its command, or install it (Debian: apt-get install chromium)"
        if os.environ.get("REQUIRE_SERVICES") == "1":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    return found


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """The browser. It ends with the package, because its event loop would be in other tests' way."""
    command = find_browser()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=command)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def model() -> Iterator[FakeProvider]:
    """The model that the site asks."""
    with FakeProvider(**SLOW_ANSWER) as model:
        yield model


@pytest.fixture(autouse=True)
def slow_answers(model: FakeProvider) -> None:
    """Begin every test with answers slow enough to watch."""
    model.script(**SLOW_ANSWER, faults=[])


@pytest.fixture(scope="package")
def site(model: FakeProvider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The site with the sample airline."""
    with sample_site(tmp_path_factory.mktemp("site"), model) as product:
        yield product


def sample_site(folder: Path, model: FakeProvider, **settings: str) -> Product:
    """Return a site that is ready to be started."""
    answers = {
        "LLM_CHAIN": "compatible,extractive",
        "ANSWER_CACHE_SECONDS": "0",
        "LLM_FIRST_TOKEN_SECONDS": "60",  # a model that a test holds is not given up
    }
    product = Product(folder, provider_url=model.base_url, **answers, **settings)
    product.prepare()
    return product


class Complaints(list[str]):
    """What the browser complained of. ``is_away`` allows what it says when the site is unreachable on
    purpose.
    """

    is_away = False

    def hear(self, message: ConsoleMessage) -> None:
        """Keep errors and warnings, policy violations among them."""
        is_expected = self.is_away and any(words in message.text for words in EXPECTED_WHEN_AWAY)
        if message.type in ("error", "warning") and not is_expected:
            self.append(f"{message.type}: {message.text}")


@pytest.fixture
def complaints() -> Iterator[Complaints]:
    """Fail a test in which the browser complained of anything."""
    complaints = Complaints()
    yield complaints
    assert complaints == []


@pytest.fixture
def new_context(
    browser: Browser, site: Product, complaints: Complaints
) -> Iterator[Callable[..., BrowserContext]]:
    """Make browser contexts (one is one visitor); each is watched and closed."""
    contexts = []

    def make(**options: object) -> BrowserContext:
        context = browser.new_context(**{"viewport": DESKTOP, "base_url": site.url, **options})
        context.set_default_timeout(PATIENCE_MS)
        context.on("console", complaints.hear)
        context.on("weberror", lambda error: complaints.append(f"uncaught: {error.error}"))
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def sign_in(site: Product, new_context: Callable[..., BrowserContext]) -> SignIn:
    """Sign somebody in through the page, in a context of their own, and return their page."""

    def enter(username: str = "alice", *, at: Product = site, **options: object) -> Page:
        page = new_context(**options).new_page()
        page.goto(at.url)
        page.get_by_label("User name").fill(username)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(f"{at.url}/chat/")
        return page

    return enter
