"""Somebody who has read nothing finds four things, each one click from where one would look.

The pictures in docs/screens/ are taken here: SCREENS=docs/screens script/test tests/browser/test_newcomer.py
"""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ROOT, Desk

pytestmark = pytest.mark.browser
KEPT = ROOT / "docs" / "screens"


@pytest.fixture
def screens(tmp_path: Path) -> Path:
    """Where the pictures go: into the documentation only when asked."""
    wanted = os.environ.get("SCREENS")
    return ROOT / wanted if wanted else tmp_path


def picture(page: Page, folder: Path, name: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 860})
    folder.mkdir(exist_ok=True)
    page.screenshot(path=folder / name)
    assert (KEPT / name).exists(), f"docs/screens/{name} is missing; see the head of this file"


def test_what_is_due_today_is_a_link_beside_the_first_page(desk: Desk, screens: Path) -> None:
    head = desk["head"]
    head.opens("/")
    head.page.get_by_role("navigation", name="Main").get_by_role("link", name="Due today").click()
    expect(head.page.get_by_role("heading", level=1)).to_have_text("Due today")
    expect(head.page.locator("main table.queue, main .empty").first).to_be_visible()
    picture(head.page, screens, "due-today.png")


def test_why_it_may_not_be_approved_yet_stands_on_its_page(desk: Desk, screens: Path) -> None:
    handler = desk["handler"]
    handler.opens("/requests/?state=IN_REVIEW")
    handler.page.locator(".queue .row-link").first.click()
    handler.page.locator(".page-jump").get_by_role("link", name="Next steps").click()
    steps = handler.page.get_by_role("region", name="Next steps")
    expect(steps.get_by_role("heading", name="Next steps")).to_be_in_viewport()
    expect(steps.locator(".step.shut").first).to_be_visible()
    assert steps.locator(".step.shut .why").first.inner_text().endswith(".")
    picture(handler.page, screens, "why-not-yet.png")


def test_a_telephone_call_is_recorded_from_the_page_of_its_request(desk: Desk, screens: Path) -> None:
    handler = desk["handler"]
    handler.opens("/requests/?state=IN_REVIEW")
    handler.page.locator(".queue .row-link").first.click()
    handler.page.get_by_role("link", name="Record a call, letter or mail").click()
    page = handler.page
    expect(page.locator("[name=channel]")).to_have_value("TELEPHONE")
    picture(page, screens, "telephone-call.png")


def test_a_call_about_a_new_matter_begins_beside_every_page(desk: Desk) -> None:
    clerk = desk["clerk"]
    clerk.opens("/")
    clerk.page.get_by_role("navigation", name="Main").get_by_role("link", name="Emergency").click()
    assert clerk.sees("telephone")


def test_the_log_is_where_an_auditor_begins(desk: Desk, screens: Path) -> None:
    auditor = desk["auditor"]
    auditor.opens("/")
    expect(auditor.page.get_by_role("heading", level=1)).to_have_text("Log")
    expect(
        auditor.page.get_by_role("navigation", name="Main").get_by_role("link", name="Log")
    ).to_be_visible()
    assert auditor.page.locator("main table tbody tr").count() > 0
    picture(auditor.page, screens, "the-log.png")
