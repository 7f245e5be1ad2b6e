"""Pictures of the pages for the documentation: ``python -m tests.browser.screenshots``.

Starts the desk with the sample airline and a model that answers slowly, drives it in a real browser, and
writes docs/images/*.png.
"""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.fake_provider import FakeProvider
from tests.browser.conftest import find_browser
from tests.browser.product import PASSWORD, Product

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
DESKTOP = {"width": 1180, "height": 800}
PHONE = {"width": 390, "height": 844}
QUESTION = "Can I bring a power bank?"
ANSWER = (
    "Yes: power banks travel **in the cabin only**, never in a checked bag [1].\n\n"
    "- Each passenger may bring at most 2 power banks [1].\n"
    "- Keep them on your person, in the seat pocket or in the bag under the seat in front of you [1].\n"
    "- They may not be used or charged on board [1]."
)


def sign_in(browser: Browser, site: Product, person: str, **options: object) -> Page:
    """Return the chat page of a person in a browser of their own."""
    page = browser.new_context(base_url=site.url, **{"viewport": DESKTOP, **options}).new_page()
    page.goto("/")
    page.get_by_label("User name").fill(person)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/chat/")
    return page


def ask(page: Page, text: str) -> None:
    """Send a question and wait for the first words of the answer."""
    page.get_by_label("Your question").fill(text)
    page.get_by_role("button", name="Send").click()
    page.locator("[data-role=assistant] .answer").last.wait_for()


def settle(page: Page) -> None:
    """Wait until the answer is finished."""
    page.locator(".message[data-role=assistant]:not([data-state=running])").last.wait_for()
    page.wait_for_timeout(400)


def take(page: Page, name: str) -> None:
    """Write one picture."""
    page.wait_for_timeout(300)
    page.screenshot(path=IMAGES / f"{name}.png")
    print(f"docs/images/{name}.png")


def take_all(browser: Browser, site: Product) -> None:
    """Take every picture."""
    page = browser.new_context(viewport=DESKTOP).new_page()
    page.goto(site.url)
    take(page, "sign-in")
    page = sign_in(browser, site, "alice")
    take(page, "welcome")
    ask(page, QUESTION)
    page.wait_for_timeout(900)
    take(page, "streaming")
    settle(page)
    page.get_by_role("button", name="Source 1:").first.click()
    take(page, "answer")
    take_others(browser, site)


def take_others(browser: Browser, site: Product) -> None:
    """Take the pictures of a phone, of the dark theme and of the staff's pages."""
    for name, options in (("phone", {"viewport": PHONE}), ("dark", {"color_scheme": "dark"})):
        page = sign_in(browser, site, "alice", **options)
        ask(page, QUESTION)
        settle(page)
        take(page, name)
    page = sign_in(browser, site, "carol")
    page.goto("/admin/knowledge/document/")
    take(page, "admin-documents")
    page.goto("/admin/chat/turn/")
    take(page, "admin-turns")


def main() -> int:
    """Take the pictures; return the exit code."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    model = FakeProvider(text=ANSWER, delay=0.3, interval=0.05)
    with tempfile.TemporaryDirectory() as folder, model, sync_playwright() as playwright:
        chain = {"LLM_CHAIN": "compatible,extractive", "ANSWER_CACHE_SECONDS": "0"}
        site = Product(Path(folder), provider_url=model.base_url, **chain)
        site.prepare()
        with site:
            browser = playwright.chromium.launch(executable_path=find_browser())
            take_all(browser, site)
            browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
