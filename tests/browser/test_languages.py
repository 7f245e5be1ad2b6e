"""The page in Spanish: chosen with a button, spoken by server and scripts alike, not too long for a phone."""

from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import SignIn
from tests.browser.test_layout import FOR_AXE, NARROWEST, PHONE, scrolls_sideways

PAGES = ("/accounts/", "/accounts/keys/", "/accounts/usage/", "/accounts/two-step/", "/accounts/e-mail/")


def in_spanish(page: Page) -> Page:
    """Choose Spanish in the account's menu."""
    page.get_by_role("button", name="Account and display").click()
    page.get_by_role("button", name="Español").click()
    expect(page.locator("html")).to_have_attribute("lang", "es")
    return page


def in_english(page: Page) -> None:
    page.get_by_role("button", name="Cuenta y apariencia").click()
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_choice_turns_page_scripts_and_answers_and_bob_keeps_his(sign_in: SignIn) -> None:
    page = in_spanish(sign_in())
    expect(page.get_by_role("heading", level=2, name="¿En qué podemos ayudarle")).to_be_visible()
    ask_in_spanish(page)
    expect(page.get_by_role("button", name="Copiar", exact=True).first).to_be_visible()
    expect(page.get_by_role("log").get_by_text("Automático", exact=True).first).to_be_visible()
    page.reload()
    expect(page.get_by_role("log").get_by_text("Automático", exact=True).first).to_be_visible()
    other = sign_in("bob")
    expect(other.locator("html")).to_have_attribute("lang", "en")
    in_english(page)
    expect(page.get_by_role("button", name="Copy", exact=True).first).to_be_visible()


def ask_in_spanish(page: Page) -> None:
    """Ask and wait for the answer, on a page in Spanish."""
    page.get_by_label("Su pregunta").fill("¿Cuánto equipaje puedo facturar?")
    page.get_by_role("button", name="Enviar", exact=True).click()
    page.locator(".answer-foot .sources, .answer-foot .source").first.wait_for()


def test_choice_needs_no_script_and_no_account(new_context) -> None:
    context = new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto("/accounts/sign-in/")
    page.get_by_role("button", name="Español").click()
    expect(page.get_by_role("heading", name="Iniciar sesión")).to_be_visible()
    page.goto("/accounts/sign-up/")
    expect(page.get_by_role("heading", name="Crear una cuenta")).to_be_visible()


def test_spanish_pages_fit_a_phone_and_pass_axe(sign_in: SignIn) -> None:
    page = in_spanish(sign_in(**PHONE, **FOR_AXE))
    ask_in_spanish(page)
    wrong = violations(page)
    for address in PAGES:
        page.goto(address)
        assert not scrolls_sideways(page), address
        wrong += violations(page)
    assert wrong == []
    page.set_viewport_size(NARROWEST["viewport"])
    for address in ("/chat/", *PAGES):
        page.goto(address)
        assert not scrolls_sideways(page), address
    in_english(page)
