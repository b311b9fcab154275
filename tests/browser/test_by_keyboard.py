"""The main job, from the post to the recorded answer, without a mouse."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Desk
from tests.browser.keyboard import only_keys
from tests.browser.test_road import advise, record, search, take, verify, weigh

pytestmark = pytest.mark.browser


def test_the_main_job_needs_no_mouse(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    only_keys(monkeypatch)
    handler, release = desk["handler"], desk["release"]
    reference = record(desk["clerk"])
    take(handler, reference, "accept")
    verify(desk["verifier"], reference)
    search(handler, desk["holder"], reference)
    weigh(handler, reference)
    advise(desk["dpo"], reference)
    take(handler, reference, "propose")
    take(desk["approver"], reference, "approve-release")
    take(release, reference, "start-release")
    release.opens(f"/requests/{reference}/letter/answer/sent/")
    release.page.select_option("[name=channel]", "SECURE_MAIL")
    release.page.locator("main form button[type=submit]").first.click()
    expect(release.page.locator("h1")).to_contain_text(reference)
    take(release, reference, "close")
    expect(release.page.locator("main")).to_contain_text("Closed")


def test_the_keys_of_one_letter_move_and_can_be_switched_off(desk: Desk) -> None:
    handler = desk["handler"]
    handler.opens("/queue/team/")
    page = handler.page
    page.keyboard.press("j")
    first = page.locator(".queue .row-link").first
    expect(first).to_be_focused()
    page.keyboard.press("j")
    expect(page.locator(".queue .row-link").nth(1)).to_be_focused()
    page.keyboard.press("k")
    expect(first).to_be_focused()
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()

    page.get_by_role("button", name="Demo Handler").click()
    page.get_by_role("button", name="Off", exact=True).click()
    expect(page.locator("html")).to_have_attribute("data-shortcuts", "off")
    page.wait_for_load_state()
    page.keyboard.press("j")
    expect(first).not_to_be_focused()
    page.keyboard.press("/")
    expect(page.locator("#search")).not_to_be_focused()
    page.get_by_role("button", name="Demo Handler").click()
    page.get_by_role("button", name="On", exact=True).click()
    expect(page.locator("html")).not_to_have_attribute("data-shortcuts", "off")
    page.wait_for_load_state()
    page.keyboard.press("j")
    expect(first).to_be_focused()
