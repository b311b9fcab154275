"""What the browser run's logs are searched for finds the demonstration's people, and our own log lines name none."""

import logging
from pathlib import Path

import pytest

from disclosures.demo_kinds import CompanyRoad
from disclosures.models import Request
from disclosures.selectors.opening import open_request
from disclosures.states import State
from tests.browser.scrubbed import NAMED, lines_that_name
from tests.world import World, now

pytestmark = pytest.mark.django_db


def test_the_search_knows_everybody_of_the_demonstration(world: World) -> None:
    made = [
        world.request_in(State.SUBMITTED),
        CompanyRoad(world.people, world.police, world.now, number=88).to(State.SUBMITTED),
    ]
    for request in made:
        opened = open_request(Request.objects.get(pk=request.pk), actor=world["head"], now=now())
        for person in opened.subjects:
            known = [person.name, person.born_on, person.phone, person.account_number]
            assert [text for text in known if text and not NAMED.search(f"x {text} y")] == []


def test_a_line_that_names_somebody_is_found(tmp_path: Path) -> None:
    (tmp_path / "web.log").write_text("INFO fine\nWARNING Not Found: /people/?q=Alex Example-007\n")
    assert len(list(lines_that_name(tmp_path))) == 1


def test_a_whole_road_logs_no_name(world: World, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        world.request_in(State.RELEASED)
        CompanyRoad(world.people, world.police, world.now, number=89).to(State.RELEASED)
    plain = [record.getMessage() for record in caplog.records if not record.name.startswith("django.db")]
    assert [line for line in plain if NAMED.search(line)] == []
