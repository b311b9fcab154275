"""A passkey in a real browser, under the policy that forbids scripts in the page: added, then used in place of the code."""

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Person, Site

pytestmark = pytest.mark.browser
SECURITY_KEY = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


def test_a_passkey_is_added_and_stands_in_for_the_code(site: Site, browser: Browser) -> None:
    context = browser.new_context(locale="en-GB", timezone_id="Europe/London")
    page = context.new_page()
    page.set_default_timeout(20_000)
    robin = Person("mlro", site, context, page)
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": SECURITY_KEY})
    robin.sign_in()
    robin.opens("/account/2fa/webauthn/add/")
    page.fill("[name=name]", "Work telephone")
    page.get_by_role("button", name="Add a passkey").click()
    page.wait_for_url(lambda url: not url.endswith("/add/"))
    robin.opens("/account/2fa/webauthn/")
    expect(page.locator("main strong")).to_have_text("Work telephone")
    context.clear_cookies()
    robin.opens("/")
    page.fill("[name=login]", robin.email)
    page.fill("[name=password]", site.password)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Use a passkey instead").click()
    page.wait_for_url(lambda url: "/account/" not in url)
    robin.opens("/account/sessions/")
    assert robin.sees("End all the others")
    context.close()
