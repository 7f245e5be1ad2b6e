"""Staff see how often the router is right, in a real browser."""

import pytest
from playwright.sync_api import expect

from tests.browser.axe import violations
from tests.browser.conftest import SignIn
from tests.browser.product import Product

PAGE = "/admin/chat/labelledquestion/"


EXAMPLES = "text,intent\nHow heavy may a bag be?,policy\nHello!,small_talk\nHello there!,flight\n"


@pytest.mark.parametrize("width", [1180, 390])
def test_figures_and_import_are_accessible(sign_in: SignIn, site: Product, width: int) -> None:
    page = sign_in("carol", bypass_csp=True, viewport={"width": width, "height": 800})  # axe styles the page
    page.goto(f"{site.url}{PAGE}")
    page.get_by_role("link", name="Import", exact=True).click()
    assert violations(page) == []
    file = {"name": "labels.csv", "mimeType": "text/csv", "buffer": EXAMPLES.encode()}
    page.get_by_label("File").set_input_files(file)
    page.get_by_role("button", name="Import").click()
    page.get_by_role("link", name="How often the router is right").click()
    expect(page.get_by_role("heading", name="Which intent is taken for which")).to_be_visible()
    expect(page.get_by_role("rowheader", name="small_talk")).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
