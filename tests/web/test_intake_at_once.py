"""The same form from two windows at the same moment, and a secret that nobody is there to share."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import Membership
from accounts.roles import Role
from accounts.services import end_membership
from disclosures.models import Request
from tests.conftest import Database
from tests.services.log_lines import entries
from tests.web.browsers import browser_for
from tests.web.filling import filled, with_changes
from tests.web.html import Page
from tests.world import World, make_world

NEW = reverse("disclosures:new-form", args=["schedule-2"])
CAREFUL = reverse("disclosures:new-form", args=["restricted"])
LEAST = {"channel": "POST", "nation": "EW", "save": "draft"}


@pytest.mark.committed
def test_a_form_sent_from_two_windows_at_once_is_one_request(committed_db: Database) -> None:
    world = make_world()
    clerk = browser_for(world["clerk"], world.now)
    form = with_changes(filled(clerk.get(NEW).content.decode(), NEW), LEAST)
    windows, start = [Client(), Client()], Barrier(2)

    def send(window: Client) -> tuple[int, str]:
        start.wait()
        try:
            answer = window.post(NEW, form)
            return answer.status_code, answer["Location"]
        finally:
            connection.close()

    for window in windows:
        window.cookies = clerk.cookies
    with ThreadPoolExecutor(2) as both:
        answers = set(both.map(send, windows))
    assert answers == {(302, f"/requests/{Request.objects.get().reference}/")}
    assert len(entries("request.recorded")) == 1


@pytest.mark.django_db
def test_a_secret_is_not_kept_by_one_alone(world: World, browser_of: Callable[[str], Client]) -> None:
    for membership in Membership.objects.filter(role__in=[Role.MLRO, Role.HEAD_OF_LEGAL]):
        end_membership(membership_id=membership.pk, at=world.now, actor=None, now=world.now)
    clerk = browser_of("clerk")
    answer = clerk.post(CAREFUL, with_changes(filled(clerk.get(CAREFUL).content.decode(), CAREFUL), LEAST))
    assert answer.status_code == 422
    shown = Page(answer.content.decode()).text
    assert "Not saved yet" in shown
    assert "a restricted request cannot be kept by you alone." in shown
    assert not Request.objects.exists()
    assert entries("request.step_denied")[-1]["detail"]["objections"] == ["two_members_keep_a_secret"]
