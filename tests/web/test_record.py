"""The decision record over HTTP: a file for whoever sees the request, and nothing for anybody else."""

import json

import pytest

from audit.models import Entry
from disclosures.demo_kinds import OrderRoad
from disclosures.states import State
from tests.world import World

from .work_pages import Browsers

pytestmark = pytest.mark.django_db


def test_the_record_is_taken_as_a_file_of_its_type(world: World, browser_of: Browsers) -> None:
    request = world.request_in(State.RELEASED)
    for form, media, begins in (("pdf", "application/pdf", b"%PDF"), ("json", "application/json", b"{")):
        answer = browser_of("dpo").get(f"/requests/{request.reference}/record/{form}/")
        assert answer.status_code == 200
        assert answer["Content-Type"] == media
        assert (
            answer["Content-Disposition"]
            == f'attachment; filename="decision-record-{request.reference}.{form}"'
        )
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "no-store" in answer["Cache-Control"]
        assert answer.content.startswith(begins)
    assert Entry.objects.filter(event="record.exported").count() == 2
    page = browser_of("dpo").get(f"/requests/{request.reference}/").content.decode()
    assert f"/requests/{request.reference}/record/pdf/" in page


def test_a_secret_requests_record_is_its_members_alone(world: World, browser_of: Browsers) -> None:
    road = OrderRoad(world.people, world.police, world.now, number=78)
    request = road.to(State.IN_REVIEW)
    assert browser_of("handler").get(f"/requests/{request.reference}/record/json/").status_code == 200
    entry = Entry.objects.filter(event="record.exported").get()
    assert entry.log == "sealed"
    for stranger in ("lead", "auditor", "admin", "outsider"):
        for form in ("json", "pdf"):
            assert (
                browser_of(stranger).get(f"/requests/{request.reference}/record/{form}/").status_code == 404
            )
    assert Entry.objects.filter(event="record.exported").count() == 1


def test_there_are_two_forms_and_no_other(world: World, browser_of: Browsers) -> None:
    request = world.request_in(State.DRAFT)
    assert browser_of("clerk").get(f"/requests/{request.reference}/record/xml/").status_code == 404
    answer = browser_of("clerk").get(f"/requests/{request.reference}/record/json/")
    assert json.loads(answer.content)["asked"]["reference"] == request.reference
