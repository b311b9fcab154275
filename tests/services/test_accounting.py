"""A person asks to whom we disclosed what we hold of them: recorded, proved, decided, answered by two people."""

from collections.abc import Mapping
from datetime import UTC, date, datetime

import pytest
from django.db import transaction

from disclosures.deadlines.access import AccessClock, access_due
from disclosures.deadlines.calendars import calendar_of
from disclosures.demo_kinds import CompanyRoad, OrderRoad
from disclosures.documents.access_pdf import access_pdf
from disclosures.models import AccessRequest, ItemDecision, Request
from disclosures.selectors import NotThere
from disclosures.selectors.accounting import disclosures_to_tell
from disclosures.selectors.opening import open_access, open_request
from disclosures.services import accounting as use
from disclosures.services.access import restrict_request
from disclosures.services.accounting import AccessInput, AccessRefused
from disclosures.services.changes import record_change
from disclosures.services.intake import SubjectInput
from disclosures.services.weighing import PairDecision, decide_items
from disclosures.states import Action, State
from disclosures.wording.accounting import NONE_BELOW, SENTENCE, Told, access_letter
from tests.services.log_lines import entries, last
from tests.world import World, now

pytestmark = pytest.mark.django_db
EW = calendar_of("EW", [])


def asked(world: World, person: Mapping[str, str], who: str = "handler") -> AccessRequest:
    given = AccessInput(
        name=person.get("name", "Alex Example"), reply_to="1 Nowhere Lane", channel="POST", received_at=world.now,
        **{name: value for name, value in person.items() if name != "name"},
    )  # fmt: skip
    return use.record_access(given=given, actor=world[who], now=now())


def prepared(world: World, access: AccessRequest, *, decide: bool = True) -> AccessRequest:
    use.record_identity(
        access_id=access.pk,
        how="CALLED_BACK",
        note="The number on the account.",
        actor=world["handler"],
        now=now(),
    )
    if decide:
        use.record_considered(access_id=access.pk, why="Weighed.", actor=world["dpo"], now=now())
    use.propose_access_answer(access_id=access.pk, actor=world["handler"], now=now())
    access.refresh_from_db()
    return access


def answer_of(world: World, access: AccessRequest) -> str:
    text: str = open_access(access, actor=world["handler"], now=now()).answer
    return text


def disclosed_to_a_company(world: World) -> tuple[Request, dict[str, str]]:
    """An answered request of a related company, and what its first person is known by."""
    request = CompanyRoad(world.people, world.police, world.now, number=71).to(State.RELEASED)
    return request, known_by(request, world)


def known_by(request: Request, world: World) -> dict[str, str]:
    someone = open_request(request, actor=world["head"], now=now()).subjects[0]
    names = ("name", "born_on", "phone", "email", "account_number")
    return {name: getattr(someone, name) for name in names if getattr(someone, name)}


# The answer ---------------------------------------------------------------------------------------


def test_what_went_to_a_company_is_told_by_name_day_kind_and_purpose(world: World) -> None:
    request, person = disclosed_to_a_company(world)
    access = prepared(world, asked(world, person))
    text = answer_of(world, access)
    assert SENTENCE in text
    assert f": to {request.body.name}\nWhat: " in text
    assert "\nWhy: " in text
    assert request.reference not in text, "our references are not the person's business"
    use.approve_access_answer(access_id=access.pk, seen=access.digest, actor=world["approver"], now=now())
    access.refresh_from_db()
    assert access.approved_by == world["approver"]
    assert last("access.worked")["detail"] == {"what": "APPROVED"}


def test_somebody_elses_data_is_never_in_it(world: World) -> None:
    _, person = disclosed_to_a_company(world)
    stranger = {**person, "account_number": "ZX-99999999"}
    assert NONE_BELOW in answer_of(world, prepared(world, asked(world, stranger)))


def test_the_police_are_told_of_only_where_a_cleared_person_decided_so(world: World) -> None:
    police = world.request_in(State.RELEASED)
    person = known_by(police, world)
    assert NONE_BELOW in answer_of(world, prepared(world, asked(world, person)))
    second = asked(world, person)
    use.tell_of(access_id=second.pk, reference=police.reference, position=1, actor=world["dpo"], now=now())
    assert f"to {police.body.name}" in answer_of(world, prepared(world, second))
    with pytest.raises(NotThere):
        use.tell_of(
            access_id=second.pk, reference=police.reference, position=1, actor=world["handler"], now=now()
        )


def test_a_restricted_request_changes_no_word_and_no_number(world: World) -> None:
    """The same letter, the same objection, as many queries, as many entries: with the secret case and without."""
    _, person = disclosed_to_a_company(world)

    def told() -> tuple[str, str, int]:
        access = asked(world, person)
        before = len(entries("access.worked"))
        with pytest.raises(AccessRefused) as refused:
            use.tell_of(access_id=access.pk, reference=reference, position=1, actor=world["dpo"], now=now())
        text = answer_of(world, prepared(world, access)).replace(access.ref, "")
        return text, str(refused.value), len(entries("access.worked")) - before

    reference = "CP-2222-2222"
    without = told()
    secret = OrderRoad(world.people, world.police, world.now, number=72).to(State.RELEASED)
    reference = secret.reference
    assert known_by(secret, world)["name"]
    assert told() == without


def test_a_disclosure_that_became_a_secret_leaves_the_answer_before_it_is_signed(world: World) -> None:
    police = world.request_in(State.RELEASED)
    access = asked(world, known_by(police, world))
    use.tell_of(access_id=access.pk, reference=police.reference, position=1, actor=world["dpo"], now=now())
    prepared(world, access)
    restrict_request(
        request_id=police.pk, members={world["handler"]: "HANDLER", world["approver"]: "APPROVER"},
        reason="An order.", actor=world["head"], now=now(),
    )  # fmt: skip
    with pytest.raises(AccessRefused, match="has changed since"):
        use.approve_access_answer(access_id=access.pk, seen=access.digest, actor=world["approver"], now=now())


def told_of(world: World, person: Mapping[str, str]) -> list[str]:
    access = asked(world, person)
    opened = open_access(access, actor=world["handler"], now=now())
    return [row.reference for row in disclosures_to_tell(access, opened)]


def test_whoever_was_left_out_of_a_release_is_told_of_none(world: World) -> None:
    """They objected, and the others' data went without theirs."""
    road = CompanyRoad(world.people, world.police, world.now, number=73)
    people = tuple(
        SubjectInput(name=name, born_on="1980-01-02", account_number=f"ZX-{name[:3]}", phone=phone)
        for name, phone in (("Ann Example", "01632 960001"), ("Ben Example", "01632 960002"))
    )
    road.record(subjects=people)
    road.confirm()
    road.search()
    road.weigh()
    request = Request.objects.get(pk=road.request.pk)
    ben = ItemDecision.objects.get(request=request, subject__position=2)
    withheld = PairDecision(decision="WITHHOLD", refusal_code="R-NEC", reason="They objected.")
    decide_items(
        request_id=request.pk, decisions={(ben.item_id, ben.subject_id): withheld}, actor=world["handler"],
        now=world.now,
    )  # fmt: skip
    road.write()
    road.step("handler", Action.PROPOSE)
    known = [
        {name: getattr(one, name) for name in ("name", "born_on", "account_number", "phone")}
        for one in people
    ]
    assert told_of(world, known[0]) == []
    road.step("approver", Action.APPROVE_RELEASE)
    road.step("release", Action.START_RELEASE)
    road.send()
    assert told_of(world, known[0]) == [request.reference]
    assert told_of(world, known[1]) == []


def overturned(road: CompanyRoad) -> dict[str, str]:
    road.step("release", Action.CLOSE)
    road.step("handler", Action.APPEAL)
    road.step("second", Action.OVERTURN)
    return {"name": "Alex Example-074", "born_on": "1988-04-17", "account_number": "ZX-77000074"}


def test_what_is_decided_anew_is_told_once_it_has_left(world: World) -> None:
    road = CompanyRoad(world.people, world.police, world.now, number=74)
    road.refuse()
    road.send()
    person = overturned(road)
    road.search()
    road.decide("DISCLOSE")
    assert told_of(world, person) == [], "the letter that left gave nothing"


def test_what_was_given_is_told_even_if_a_review_takes_it_back(world: World) -> None:
    road = CompanyRoad(world.people, world.police, world.now, number=74)
    request = road.to(State.RELEASED)
    person = overturned(road)
    assert told_of(world, person) == [request.reference]
    road.decide("WITHHOLD")
    assert told_of(world, person) == [request.reference]


def test_an_answer_of_before_that_was_written_down_is_told_by_its_letter(world: World) -> None:
    request, person = disclosed_to_a_company(world)
    with transaction.atomic():
        ItemDecision.objects.filter(request=request).update(given_at=None)
        record_change(request, event="request.amended", actor=None, role="", now=world.now)
    assert told_of(world, person) == [request.reference]


@pytest.mark.parametrize(
    "told", [[], [Told(on=date(2026, 3, 2), to="Demo Retail", what=("Payments",), why="Fraud")]]
)
def test_the_sentence_is_the_same_on_every_answer(told: list[Told]) -> None:
    text = access_letter(name="Alex Example", received_on=date(2026, 3, 1), reference="SA-1", told=told)
    assert text.count(SENTENCE) == 1
    assert "withheld" not in text


# Who and when -------------------------------------------------------------------------------------


def test_two_people_answer_and_one_of_them_may(world: World) -> None:
    access = prepared(world, asked(world, {}, who="clerk"))
    for who, error in (
        ("handler", NotThere),
        ("clerk", NotThere),
        ("auditor", NotThere),
        ("outsider", NotThere),
    ):
        with pytest.raises(error):
            use.approve_access_answer(access_id=access.pk, seen=access.digest, actor=world[who], now=now())
    own = asked(world, {})
    use.record_identity(
        access_id=own.pk, how="DOCUMENT", note="A passport.", actor=world["approver"], now=now()
    )
    use.record_considered(access_id=own.pk, why="Weighed.", actor=world["dpo"], now=now())
    use.propose_access_answer(access_id=own.pk, actor=world["approver"], now=now())
    own.refresh_from_db()
    with pytest.raises(AccessRefused, match="a colleague must approve"):
        use.approve_access_answer(access_id=own.pk, seen=own.digest, actor=world["approver"], now=now())


def test_nothing_is_answered_before_it_is_known_who_asks_and_what_is_decided(world: World) -> None:
    access = asked(world, {})
    with pytest.raises(AccessRefused) as refused:
        use.propose_access_answer(access_id=access.pk, actor=world["handler"], now=now())
    assert len(refused.value.sentences) == 2


def test_any_change_voids_what_is_prepared_and_nothing_changes_what_is_answered(world: World) -> None:
    access = prepared(world, asked(world, {}))
    use.record_considered(access_id=access.pk, why="Weighed again.", actor=world["dpo"], now=now())
    access.refresh_from_db()
    assert (access.digest, access.proposed_at) == ("", None)
    use.propose_access_answer(access_id=access.pk, actor=world["handler"], now=now())
    access.refresh_from_db()
    use.approve_access_answer(access_id=access.pk, seen=access.digest, actor=world["dpo"], now=now())
    with pytest.raises(AccessRefused, match="nothing of it changes"):
        use.extend_access(access_id=access.pk, reason="Much.", actor=world["handler"], now=now())


def test_the_log_tells_each_step_and_no_name(world: World) -> None:
    access = prepared(world, asked(world, {"name": "Zebra Example", "account_number": "ZX-5"}))
    told = [*entries("access.recorded"), *entries("access.worked"), *entries("access.viewed")]
    assert len(told) >= 5
    assert {entry["object"]["ref"] for entry in told} == {access.ref}
    assert "CP-" not in str(told)
    assert "Zebra" not in str(told)
    assert "ZX-5" not in str(told)


def test_the_answer_is_a_tagged_pdf_and_the_same_bytes_each_time(world: World) -> None:
    text = access_letter(name="Alex <b>Example", received_on=date(2026, 3, 1), reference="SA-1", told=[])
    made = [access_pdf(text, reference="SA-1", company="The Company", made_at=world.now) for _ in range(2)]
    assert made[0] == made[1]
    assert made[0].startswith(b"%PDF")


# The clock ----------------------------------------------------------------------------------------


def at(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T10:00").replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("clock", "due"),
    [
        (AccessClock(received_at=at("2026-03-03")), "2026-04-03"),
        (AccessClock(received_at=at("2026-01-31")), "2026-03-02"),
        (AccessClock(received_at=at("2026-03-03"), extended=True), "2026-06-03"),
        (AccessClock(received_at=at("2026-03-03"), proof_asked_at=at("2026-03-04"), identity_at=at("2026-03-10")), "2026-04-10"),
        (AccessClock(received_at=at("2026-03-03"), identity_at=at("2026-03-10")), "2026-04-03"),
        (AccessClock(received_at=at("2026-03-03"), proof_asked_at=at("2026-03-04")), None),
        (AccessClock(received_at=at("2026-03-03"), clarification_asked_at=at("2026-03-10")), None),
        (
            AccessClock(
                received_at=at("2026-03-03"), clarification_asked_at=at("2026-03-10"), clarification_came_at=at("2026-03-20")
            ),
            "2026-04-13",
        ),
    ],
)  # fmt: skip
def test_when_it_is_due_and_why(clock: AccessClock, due: str | None) -> None:
    found = access_due(clock, EW)
    assert found.due_on == (date.fromisoformat(due) if due else None)
    assert found.lines


def test_an_extension_is_told_within_the_first_month_and_given_once(world: World) -> None:
    access = asked(world, {})
    use.extend_access(access_id=access.pk, reason="Many companies.", actor=world["handler"], now=now())
    with pytest.raises(AccessRefused, match="extended already"):
        use.extend_access(access_id=access.pk, reason="More.", actor=world["handler"], now=now())
    late = asked(world, {})
    with pytest.raises(AccessRefused, match="first month is over"):
        use.extend_access(
            access_id=late.pk, reason="Late.", actor=world["handler"], now=now().replace(year=now().year + 1)
        )


def test_what_is_found_says_which_request_it_stands_in_to_the_desk_alone(world: World) -> None:
    request, person = disclosed_to_a_company(world)
    access = asked(world, person)
    opened = open_access(access, actor=world["handler"], now=now())
    assert [row.reference for row in disclosures_to_tell(access, opened)] == [request.reference]
