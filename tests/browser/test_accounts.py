"""The account pages in a real browser: passkeys, the second step, other services, looks."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.accounts.identity.oidc_provider import CLIENT_ID, CLIENT_SECRET, OIDCProvider
from tests.accounts.identity.steps import code_of
from tests.browser.axe import violations
from tests.browser.conftest import SignIn
from tests.browser.product import PASSWORD, Product

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
LATEST_SECOND = 20
FOR_AXE = {"bypass_csp": True}  # axe itself styles what it measures
PAGES = ("", "e-mail/", "password/", "two-step/", "two-step/webauthn/", "sessions/", "connected/", "confirm/")
OPEN_PAGES = (
    "sign-in/",
    "sign-up/",
    "password/reset/",
    "password/reset/sent/",
    "e-mail/sent/",
    "e-mail/wrong/",
)


def named(site: Product) -> str:
    """Return the site's address with a name: passkeys do not work with a number."""
    return site.url.replace("127.0.0.1", "localhost")


def with_device(page: Page) -> None:
    """Give the browser a device that holds passkeys and always agrees."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    device = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": device})


def enter(page: Page, address: str, username: str) -> None:
    """Sign in with the password."""
    page.goto(f"{address}/accounts/sign-in/")
    page.get_by_label("User name").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def code_now(secret: str) -> str:
    """Return the app's code, with time left to type it."""
    if time.time() % 30 > LATEST_SECOND:
        time.sleep(30 - time.time() % 30)
    return code_of(secret, at=time.time())


def confirm(page: Page) -> None:
    """Show that it is oneself."""
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()


def sign_out(page: Page, address: str) -> None:
    """Sign out by the menu."""
    page.goto(f"{address}/accounts/")
    page.get_by_role("button", name="Account and display").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in/")


def test_passkey_is_added_signs_in_and_is_removed(new_context, site: Product) -> None:
    page, address = new_context().new_page(), named(site)
    with_device(page)
    enter(page, address, "bob")
    page.wait_for_url("**/chat/")
    page.get_by_role("button", name="Account and display").click()
    page.get_by_role("link", name="Your account").click()
    page.get_by_role("link", name="Passkeys").click()
    page.get_by_role("link", name="Add a passkey").click()
    confirm(page)
    page.get_by_label("Name").fill("This laptop")
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    sign_out(page, address)
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/chat/")
    sign_out(page, address)
    enter(page, address, "bob")
    expect(page.get_by_role("heading", name="Second step")).to_be_visible()
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/chat/")
    page.goto(f"{address}/accounts/two-step/webauthn/")
    page.get_by_role("link", name="Remove This laptop").click()
    if page.get_by_role("button", name="Use a passkey").or_(page.get_by_label("Password")).count():
        confirm(page)
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_text("You have none.")).to_be_visible()


def test_address_without_a_name_is_explained(sign_in: SignIn, site: Product) -> None:
    page = sign_in("bob")
    page.goto(f"{site.url}/accounts/two-step/webauthn/add/")
    confirm(page)
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("alert")).to_contain_text("localhost")


def test_app_is_set_up_and_asked_for(sign_in: SignIn, new_context, site: Product) -> None:
    page = sign_in("alice")
    page.goto(f"{site.url}/accounts/two-step/totp/activate/")
    confirm(page)
    expect(page.get_by_role("img", name="Picture of the key")).to_be_visible()
    assert page.locator("img.qr").evaluate("image => image.naturalWidth") > 0
    secret = page.locator("code.key").inner_text()
    page.get_by_label("Code").fill(code_now(secret))
    page.get_by_role("button", name="Switch it on").click()
    expect(page.locator(".codes li")).to_have_count(10)
    other = new_context().new_page()
    enter(other, site.url, "alice")
    other.get_by_label("Code").fill(code_now(secret))
    other.get_by_role("button", name="Sign in").click()
    other.wait_for_url("**/chat/")
    page.goto(f"{site.url}/accounts/two-step/totp/deactivate/")
    page.get_by_role("button", name="Switch it off").click()
    expect(page.get_by_text("The authenticator app is off.")).to_be_visible()


def test_signing_out_there(sign_in: SignIn, site: Product) -> None:
    page, other = sign_in("bob"), sign_in("bob", user_agent="Old phone")
    page.goto(f"{site.url}/accounts/sessions/")
    row = page.get_by_role("listitem").filter(has_text="Old phone").first
    row.get_by_role("button", name="Sign out there").click()
    expect(page.get_by_text("Signed out there.")).to_be_visible()
    other.goto(f"{site.url}/accounts/")
    expect(other.get_by_role("heading", name="Sign in")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_are_accessible_and_fit_a_phone(
    sign_in: SignIn, new_context, site: Product, scheme: str
) -> None:
    look = {"color_scheme": scheme, **PHONE, **FOR_AXE}
    page, stranger = sign_in("bob", **look), new_context(**look).new_page()
    for visitor, paths in ((page, PAGES), (stranger, OPEN_PAGES)):
        for path in paths:
            visitor.goto(f"{site.url}/accounts/{path}")
            assert violations(visitor) == [], path
            sideways = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
            assert not visitor.evaluate(sideways), path


@pytest.fixture
def company_site(tmp_path: Path) -> Iterator[tuple[Product, OIDCProvider]]:
    """A site with the settings of a company: a sign-in service and a mail server."""
    with OIDCProvider() as provider:
        (tmp_path / "secret").write_text(f"{CLIENT_SECRET}\n")
        provider.person = {"sub": "1", "email": "staff@example.com", "email_verified": True}
        product = Product(
            tmp_path,
            OIDC_NAME="Larkwing staff",
            OIDC_SERVER_URL=provider.url,
            OIDC_CLIENT_ID=CLIENT_ID,
            OIDC_CLIENT_SECRET_FILE=str(tmp_path / "secret"),
            EMAIL_URL=f"file:///{tmp_path}/mail",
        )
        product.prepare()
        with product:
            yield product, provider


def test_company_signs_in_through_its_service_and_proves_addresses(
    company_site: tuple[Product, OIDCProvider], new_context: Callable[..., BrowserContext], tmp_path: Path
) -> None:
    site, provider = company_site
    page = new_context().new_page()
    page.goto(f"{site.url}/accounts/sign-in/")
    page.get_by_role("button", name="Continue with Larkwing staff").click()
    page.wait_for_url(f"{site.url}/chat/")
    assert provider.refusals == []
    other = new_context().new_page()
    other.goto(f"{site.url}/accounts/sign-up/")
    other.get_by_label("User name").fill("dora")
    other.get_by_label("E-mail address").fill("dora@example.com")
    other.get_by_label("Password", exact=True).fill("plain-horse-77")
    other.get_by_label("The same password again").fill("plain-horse-77")
    other.get_by_role("button", name="Make the account").click()
    expect(other.get_by_role("heading", name="Confirm your e-mail address")).to_be_visible()
    message = next((tmp_path / "mail").iterdir()).read_text()
    link = next(line for line in message.splitlines() if line.startswith("http"))
    assert urlsplit(link).netloc == urlsplit(site.url).netloc
    other.goto(link)
    other.get_by_role("button", name="Yes, confirm it").click()
    other.wait_for_url(f"{site.url}/chat/")
