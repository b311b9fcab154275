"""Leave, cover, guests, and whether anybody is left to finish a request."""

from datetime import timedelta

import pytest
from django.utils.timezone import localdate

from accounts.models import Absence, Membership
from accounts.roles import Role
from accounts.selectors import absences_on, covered_people, roles_of
from accounts.services import Refused, invite_guest_approver, record_absence, take_back_absence
from audit.models import Entry
from disclosures.models import Request
from disclosures.notifications import notice_for, recipients
from disclosures.selectors.facts import facts_for
from disclosures.selectors.queues import covered_by
from disclosures.selectors.rota import outlooks, seats_nobody_can_take
from disclosures.services.access import assign_request, exclude_person
from disclosures.states import Action, State
from tests.world import World


def away(world: World, who: str, cover: str | None = None, *, by: str = "lead", days: int = 3) -> Absence:
    today = localdate(world.now)
    return record_absence(
        user=world[who], cover=world[cover] if cover else None, first_day=today,
        last_day=today + timedelta(days=days), actor=world[by], now=world.now,
    )  # fmt: skip


def covered(world: World) -> list[Request]:
    away = covered_people(world["verifier"], localdate(world.now))
    return list(covered_by(world["verifier"], world.now, away))


def lacking(world: World, road) -> list[str]:
    facts = facts_for(road.request, actor=None, now=world.now, action=Action.SUBMIT)
    return [seat.act for seat in seats_nobody_can_take(road.request, facts, world.now)]


# Leave -------------------------------------------------------------------------------------------


def test_leave_is_recorded_covered_and_taken_back(world: World) -> None:
    row = away(world, "handler", "verifier")
    today = localdate(world.now)
    assert absences_on(today)[world["handler"].pk].cover == world["verifier"]
    assert covered_people(world["verifier"], today) == [world["handler"]]
    assert absences_on(row.last_day + timedelta(days=1)) == {}
    assert Entry.objects.filter(event="user.absence_recorded", object_ref=world["handler"].ref).count() == 1
    take_back_absence(absence_id=row.pk, actor=world["handler"], now=world.now)
    assert absences_on(today) == {}
    assert Entry.objects.filter(event="user.absence_ended", object_ref=world["handler"].ref).count() == 1
    with pytest.raises(Refused, match="taken back already"):
        take_back_absence(absence_id=row.pk, actor=world["handler"], now=world.now)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"last": -1}, "The last day lies before the first"),
        ({"first": -9, "last": -8}, "These days are over"),
        ({"cover": "handler"}, "Nobody covers for themselves"),
        ({"cover": "outsider"}, "holds no role here"),
        ({"by": "verifier"}, "Only a team lead or the head of legal"),
    ],
)
def test_leave_that_cannot_be_is_told_why(world: World, change: dict, sentence: str) -> None:
    today = localdate(world.now)
    with pytest.raises(Refused, match=sentence):
        record_absence(
            user=world["handler"], cover=world[change["cover"]] if "cover" in change else None,
            first_day=today + timedelta(days=change.get("first", 0)),
            last_day=today + timedelta(days=change.get("last", 3)),
            actor=world[change.get("by", "handler")], now=world.now,
        )  # fmt: skip
    assert not Absence.objects.exists()


def test_nobody_is_away_twice_or_covers_while_away(world: World) -> None:
    away(world, "handler")
    with pytest.raises(Refused, match="down as away on some of these days already"):
        away(world, "handler")
    with pytest.raises(Refused, match="is away on some of these days, too"):
        away(world, "verifier", "handler")


def test_whoever_covers_sees_the_work_and_gets_the_notices(world: World) -> None:
    request = world.request_in(State.IN_REVIEW)
    assign_request(request_id=request.pk, assignee=world["handler"], actor=world["lead"], now=world.now)
    assert covered(world) == []
    away(world, "handler", "verifier")
    assert [row.pk for row in covered(world)] == [request.pk]
    notice = notice_for("search.answered", {"request": request.pk}, world.now)
    assert notice
    assert {user.pk for user in recipients(notice, world.now)} == {
        world["handler"].pk,
        world["verifier"].pk,
    }


def test_cover_shows_nothing_that_the_person_may_not_see(world: World) -> None:
    request = world.request_in(State.IN_REVIEW)
    assign_request(request_id=request.pk, assignee=world["handler"], actor=world["lead"], now=world.now)
    away(world, "handler", "verifier")
    exclude_person(
        request_id=request.pk,
        person=world["verifier"],
        reason="A cousin.",
        actor=world["lead"],
        now=world.now,
    )
    assert covered(world) == []
    notice = notice_for("search.answered", {"request": request.pk}, world.now)
    assert notice
    assert world["verifier"] not in recipients(notice, world.now)


# Guests ------------------------------------------------------------------------------------------


def test_a_guest_approves_to_the_end_of_a_day_and_not_longer(world: World) -> None:
    last = localdate(world.now) + timedelta(days=10)
    row = invite_guest_approver(user=world["mlro"], last_day=last, actor=world["head"], now=world.now)
    assert Role.APPROVER in roles_of(world["mlro"], world.now)
    assert row.valid_until is not None
    assert localdate(row.valid_until - timedelta(seconds=1)) == last
    assert Role.APPROVER not in roles_of(world["mlro"], row.valid_until)
    entry = Entry.objects.get(event="membership.granted", object_ref=row.ref)
    assert entry.role == Role.HEAD_OF_LEGAL


@pytest.mark.parametrize(
    ("who", "by", "days", "sentence"),
    [
        ("mlro", "lead", 5, "Only the head of legal"),
        ("head", "head", 5, "Nobody gives themselves a role"),
        ("admin", "head", 5, "an administrator does not approve"),
        ("mlro", "head", 93, "for three months at the most"),
        ("mlro", "head", -1, "from today on"),
        ("approver", "head", 5, "already holds this role"),
    ],
)
def test_a_guest_who_cannot_be_is_told_why(world: World, who: str, by: str, days: int, sentence: str) -> None:
    before = Membership.objects.count()
    last = localdate(world.now) + timedelta(days=days)
    with pytest.raises(Refused, match=sentence):
        invite_guest_approver(user=world[who], last_day=last, actor=world[by], now=world.now)
    assert Membership.objects.count() == before


# Who can decide what -----------------------------------------------------------------------------


def test_a_whole_desk_can_decide_everything(world: World) -> None:
    for outlook in outlooks(world.now):
        assert not outlook.lacks, outlook.terms.code
        assert not outlook.lacks_when_grave, outlook.terms.code


def test_one_approver_fewer_and_a_grave_case_cannot_be_finished(world: World) -> None:
    for who in ("second", "head"):
        away(world, who)
    for outlook in outlooks(world.now):
        if outlook.terms.approvals == 1:
            assert not outlook.lacks, outlook.terms.code
        assert [place.seat.act for place in outlook.lacks_when_grave] == ["APPROVE"], outlook.terms.code


def test_a_request_says_on_its_day_that_nobody_is_left_to_finish_it(world: World) -> None:
    road = world.road()
    road.record()
    assert lacking(world, road) == []
    for who in ("approver", "second", "head"):
        exclude_person(
            request_id=road.request.pk,
            person=world[who],
            reason="A cousin.",
            actor=world["lead"],
            now=world.now,
        )
    assert lacking(world, road) == ["APPROVE"]
    invite_guest_approver(
        user=world["dpo"],
        last_day=localdate(world.now) + timedelta(days=9),
        actor=world["head"],
        now=world.now,
    )
    assert lacking(world, road) == []


def test_who_acted_is_not_counted_for_another_part(world: World) -> None:
    road = world.road()
    road.propose()
    for who in ("second", "head"):
        away(world, who)
    assert lacking(world, road) == []
    away(world, "approver")
    assert lacking(world, road) == ["APPROVE"]


def test_of_a_restricted_request_only_members_are_counted(world: World) -> None:
    road = world.road()
    road.record(restricted=True)
    assert {"CONFIRM", "PROPOSE", "APPROVE"} <= set(lacking(world, road))


def test_what_is_finished_lacks_nobody(world: World) -> None:
    road = world.road()
    road.to(State.CLOSED)
    for who in ("approver", "second", "head", "handler", "verifier", "release", "holder"):
        away(world, who)
    assert lacking(world, road) == []
