"""Staff bring files in, in a real browser."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import SignIn
from tests.browser.product import Product

ADD = "/admin/knowledge/import/add/"
DROP = """([zone, files]) => {
  const carried = new DataTransfer();
  for (const [name, text] of files) carried.items.add(new File([text], name));
  zone.dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: carried }));
}"""


@pytest.fixture
def form(sign_in: SignIn, site: Product) -> Page:
    """The upload form, as Carol sees it."""
    page = sign_in("carol", bypass_csp=True)  # axe styles what it measures
    page.goto(f"{site.url}{ADD}")
    return page


def test_dropped_and_chosen_files_are_read_while_the_page_is_watched(form: Page, tmp_path: Path) -> None:
    photo = tmp_path / "photo.png"
    photo.write_bytes(b"\x89PNG")
    form.locator("[data-files]").set_input_files(photo)
    zone = form.locator("[data-drop]").element_handle()
    texts = [[f"browser-{number}.md", f"# Browser {number}\n\nText."] for number in range(3)]
    form.evaluate(DROP, [zone, texts])
    expect(form.locator("[data-chosen] li")).to_have_count(4)
    assert violations(form) == []
    form.get_by_role("button", name="Import", exact=True).click()
    expect(form.locator(".import-state")).to_have_text("Done: 3 published, 1 refused. 3 passages.")
    assert violations(form) == []
    form.get_by_role("link", name="Refused (1)").click()
    expect(form.locator("#import tbody tr")).to_have_count(1)
    expect(form.get_by_text("A picture holds no text to read.")).to_be_visible()


def test_too_large_file_is_told_before_the_upload(form: Page) -> None:
    most = int(form.locator("[data-import-form]").get_attribute("data-most-file-bytes") or 0)
    zone = form.locator("[data-drop]").element_handle()
    form.evaluate(DROP, [zone, [["large.md", "x" * (most + 1)]]])
    expect(form.locator("[data-chosen] strong")).to_have_text(" too large, will be refused")
    expect(form.get_by_role("button", name="Import", exact=True)).to_be_enabled()
