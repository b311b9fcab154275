"""Each line of a request's history shows where the log keeps it."""

import pytest

from audit.models import Entry
from disclosures.demo_kinds import CompanyRoad
from disclosures.selectors.opening import open_request
from disclosures.selectors.timeline import Happening, timeline
from disclosures.services.on_file import write_comment
from disclosures.states import State
from tests.world import World, now

pytestmark = pytest.mark.django_db


def history(world: World, request) -> list[Happening]:
    return timeline(open_request(request, actor=world["lead"], now=now()), request)


EVENTS = {
    "Recorded": "request.recorded",
    "The answer’s letter drafted": "letter.prepared",
    "Search asked for: Billing": "search.asked",
    "Search answered: Billing": "search.recorded",
    "Comment": "comment.written",
}


@pytest.mark.parametrize(
    "state", [State.CLOSED, State.AWAITING_RATIFICATION, State.RETURNED, State.UNDER_APPEAL]
)
def test_everything_that_happened_has_its_place_in_the_log(world: World, state: State) -> None:
    request = world.request_in(state)
    write_comment(request_id=request.pk, words="A word.", actor=world["lead"], now=now())
    lines = history(world, request)
    assert [line.words for line in lines if line.place is None] == []
    for line in lines:
        assert line.place is not None
        entry = Entry.objects.get(pk=line.place.entry)
        assert entry.object_ref == request.reference
        if line.words in EVENTS:
            assert entry.event == EVENTS[line.words]


def test_a_companys_request_has_its_places_too(world: World) -> None:
    request = CompanyRoad(world.people, world.police, world.now, number=601).to(State.RELEASED)
    assert [line.words for line in history(world, request) if line.place is None] == []


def test_two_comments_of_the_same_second_are_two_entries(world: World) -> None:
    request, moment = world.request_in(State.SUBMITTED), now()
    for words in ("One.", "Two."):
        write_comment(request_id=request.pk, words=words, actor=world["lead"], now=moment)
    places = [line.place.entry for line in history(world, request) if line.words == "Comment" and line.place]
    assert len(set(places)) == 2
