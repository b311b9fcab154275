"""Marketing by a company of the group: whoever may not be approached is left out, also of what is queued already."""

from dataclasses import replace
from datetime import timedelta

import pytest

from accounts.models import Organisation
from audit.models import Entry
from disclosures.demo import Road
from disclosures.demo_kinds import CompanyRoad, company_intake
from disclosures.models import Item, ItemDecision, Request, Subject, SubjectMark
from disclosures.services import ActionRefused, weighing
from disclosures.services.companies import amend_company_request
from disclosures.services.intake import InstrumentInput, SubjectInput
from disclosures.services.objecting import void_for_objections, withhold_the_barred
from disclosures.services.sweeping import sweep
from disclosures.states import Action, State
from privacy.models import Preference, PreferenceMark
from privacy.services import PreferenceInput, record_preference
from tests.world import World

pytestmark = pytest.mark.django_db
ANN = SubjectInput(
    name="Ann Example",
    born_on="1980-01-02",
    email="ann@example.org",
    phone="01632 960001",
    account_number="A-1",
)
BEN = SubjectInput(
    name="Ben Example",
    born_on="1981-03-04",
    email="ben@example.org",
    phone="01632 960002",
    account_number="B-2",
)
RETAIL = "demo-retail"


class MarketingRoad(CompanyRoad):
    """Demo Retail wants to mail two people."""

    channels: tuple[str, ...] = ("EMAIL",)
    people_asked: tuple[SubjectInput, ...] = (ANN, BEN)

    def record(self, *, restricted: bool = False, **changes: object) -> Request:
        return super().record(**{
            "policy_purpose": "PU-MKT-OWN", "instrument": InstrumentInput(code="G-MKT"), "marketing_channels": self.channels,
            "subjects": self.people_asked, **changes,
        })  # fmt: skip


def says(
    world: World, kind: str, person: SubjectInput, days_ago: float = 10, **changes: object
) -> Preference:
    world.made += 1
    given = PreferenceInput(
        record_id=f"r-{world.made}", kind=kind, said_at=world.now - timedelta(days=days_ago), source="PREFERENCE_PAGE",
        name=person.name, born_on=person.born_on, email=person.email, phone=person.phone, account_number=person.account_number,
    )  # fmt: skip
    return record_preference(given=replace(given, **changes), actor=None, now=world.now).preference  # type: ignore[type-var]


def consent(world: World, *people: SubjectInput, channel: str = "EMAIL", company: str = RETAIL) -> None:
    for person in people:
        says(world, "CONSENT", person, channel=channel, company=company)


def road(world: World, *channels: str) -> MarketingRoad:
    world.made += 1
    walked = MarketingRoad(world.people, world.police, world.now, number=world.made)
    walked.channels = channels or walked.channels
    return walked


def refusal(walked: Road, step: str, *args: object) -> str:
    with pytest.raises(ActionRefused) as refused:
        getattr(walked, step)(*args)
    return " ".join(refused.value.sentences)


def again(walked: Road) -> None:
    """From a review that follows a proposal: the letter is written and the answer proposed again."""
    weighing.record_tests(
        request_id=walked._fresh().pk, tests=walked.tests, actor=walked.people["handler"], now=walked.now
    )
    walked.write()
    walked.step("handler", Action.PROPOSE)


def decisions(request: Request) -> dict[int, tuple[str, str]]:
    rows = ItemDecision.objects.filter(request=request).values_list(
        "subject__position", "decision", "refusal_code"
    )
    return {position: (decision, code) for position, decision, code in rows}


def disclose_the_rest(walked: Road) -> None:
    """Whoever is not decided on yet is disclosed, the advice is heard and the letter written."""
    request = walked._fresh()
    decided = set(ItemDecision.objects.filter(request=request).values_list("item_id", "subject_id"))
    pairs = {
        (item.pk, subject.pk): weighing.PairDecision(decision="DISCLOSE", text="3 September 2026: £41.20")
        for item in Item.objects.filter(request=request)
        for subject in Subject.objects.filter(request=request)
        if (item.pk, subject.pk) not in decided
    }
    weighing.decide_items(
        request_id=request.pk, decisions=pairs, actor=walked.people["handler"], now=walked.now
    )
    walked.advise()
    walked.write()


# At the proposal -----------------------------------------------------------------------------


def test_with_a_consent_of_each_the_answer_goes_out(world: World) -> None:
    consent(world, ANN, BEN)
    assert road(world).to(State.RELEASED).state == State.RELEASED


def test_whoever_has_no_consent_on_record_is_named_by_position_and_nothing_else(world: World) -> None:
    consent(world, ANN)
    said = refusal(road(world), "propose")
    assert (
        "Person 2 has given no consent to e-mail that names Demo Retail (fictitious), as far as the records show."
        in said
    )
    assert "Withhold this person with R-OPT" in said
    assert "Person 1" not in said
    assert "Ben" not in said


def test_a_consent_that_names_another_company_is_none(world: World) -> None:
    consent(world, ANN)
    consent(world, BEN, company="demo-energy")
    assert "Person 2 has given no consent" in refusal(road(world), "propose")


def test_without_channels_marketing_is_not_accepted(world: World) -> None:
    walked = road(world)
    walked.channels = ()
    walked.submit()
    assert "by which channels" in refusal(walked, "step", "handler", Action.ACCEPT)


def test_calls_need_a_screening_of_the_last_28_days(world: World) -> None:
    says(world, "TPS_CLEAR", ANN, 27)
    says(world, "TPS_CLEAR", BEN, 29)
    said = refusal(road(world, "CALL"), "propose")
    assert "Person 2 was last screened" in said
    assert "Person 1" not in said


def test_a_screening_is_of_a_number_and_not_of_an_account(world: World) -> None:
    row = says(world, "TPS_CLEAR", ANN, 1, phone="01632 960777")
    assert list(PreferenceMark.objects.filter(preference=row).values_list("mark", flat=True)) == ["PHONE"]
    assert "Person 1 has a telephone number that was not screened" in refusal(road(world, "CALL"), "propose")


def test_the_barred_are_withheld_in_one_step_and_the_others_go_out(world: World) -> None:
    consent(world, ANN)
    walked = road(world)
    refusal(walked, "propose")
    assert decisions(walked._fresh()) == {}, "nothing was decided of anybody"
    count = withhold_the_barred(request_id=walked._fresh().pk, actor=world["handler"], now=world.now)
    assert count == 1
    disclose_the_rest(walked)
    assert decisions(walked._fresh()) == {1: ("DISCLOSE", ""), 2: ("WITHHOLD", "R-OPT")}
    walked.step("handler", Action.PROPOSE)
    assert walked.step("approver", Action.APPROVE_RELEASE).outcome == "DISCLOSED_PART"


def test_where_nobody_is_barred_nobody_is_withheld(world: World) -> None:
    consent(world, ANN, BEN)
    walked = road(world)
    walked.confirm()
    with pytest.raises(ActionRefused, match="somebody_is_barred"):
        withhold_the_barred(request_id=walked._fresh().pk, actor=world["handler"], now=world.now)


def test_an_objection_to_sharing_stops_what_is_not_marketing_too(world: World) -> None:
    walked = CompanyRoad(world.people, world.police, world.now, number=801)
    walked.record(subjects=(ANN,))
    says(world, "OBJECTION", ANN)
    assert "has not been overruled" in refusal(walked, "propose")
    says(world, "OVERRULED", ANN, 1, source="DESK")
    disclose_the_rest(walked)
    walked.step("handler", Action.PROPOSE)


def test_an_objection_to_marketing_stops_no_fraud_check(world: World) -> None:
    walked = CompanyRoad(world.people, world.police, world.now, number=802)
    walked.record(subjects=(ANN,))
    says(world, "OBJECTION_MARKETING", ANN)
    walked.propose()


# After the proposal --------------------------------------------------------------------------


@pytest.mark.parametrize("state", [State.PENDING_APPROVAL, State.APPROVED])
@pytest.mark.parametrize("kind", ["OBJECTION_MARKETING", "OPT_OUT", "OBJECTION"])
def test_an_objection_takes_a_queued_approval_back(world: World, state: State, kind: str) -> None:
    consent(world, ANN, BEN)
    walked = road(world)
    walked.to(state)
    says(world, kind, BEN, 0.01, source="UNSUBSCRIBE_LINK")
    assert void_for_objections(now=world.now) == 1
    request = walked._fresh()
    assert (request.state, request.round, request.proposal_digest, request.outcome) == (
        State.IN_REVIEW,
        2,
        "",
        "",
    )
    entry = Entry.objects.filter(object_ref=request.reference, event="request.step_taken").latest("at")
    assert entry.actor == "system"
    assert void_for_objections(now=world.now) == 0
    withhold_the_barred(request_id=request.pk, actor=world["handler"], now=world.now)
    again(walked)
    assert walked.step("approver", Action.APPROVE_RELEASE).outcome == "DISCLOSED_PART"


@pytest.mark.parametrize(
    ("stretch", "who", "action"),
    [
        ("propose", "approver", Action.APPROVE_RELEASE),
        ("approve", "release", Action.START_RELEASE),
    ],
)
def test_before_the_sweep_has_come_by_each_step_asks_again(
    world: World, stretch: str, who: str, action: Action
) -> None:
    consent(world, ANN, BEN)
    walked = road(world)
    getattr(walked, stretch)()
    says(world, "OBJECTION_MARKETING", ANN, 0.01)
    assert "Person 1 objected to marketing" in refusal(walked, "step", who, action)


def test_what_is_being_sent_is_stopped_at_its_last_step(world: World) -> None:
    consent(world, ANN, BEN)
    walked = road(world)
    walked.begin_release()
    says(world, "OPT_OUT", ANN, 0.01)
    assert "opted out of e-mail" in refusal(walked, "send")
    walked.step("release", Action.UNDO_RELEASE)
    assert sweep(now=world.now).voided == 1
    assert walked._fresh().state == State.IN_REVIEW


def test_a_screening_that_grows_old_in_the_queue_stops_the_release(world: World) -> None:
    says(world, "TPS_CLEAR", ANN, 27)
    says(world, "TPS_CLEAR", BEN, 27)
    walked = road(world, "CALL")
    walked.approve()
    walked.now = world.now + timedelta(days=2)
    assert "more than 28 days ago" in refusal(walked, "step", "release", Action.START_RELEASE)


def test_whoever_is_withheld_already_disturbs_nothing_and_leaves_no_line_in_the_log(world: World) -> None:
    consent(world, ANN)
    says(world, "OPT_OUT", BEN)
    walked = road(world)
    refusal(walked, "propose")
    withhold_the_barred(request_id=walked._fresh().pk, actor=world["handler"], now=world.now)
    disclose_the_rest(walked)
    walked.step("handler", Action.PROPOSE)
    before = Entry.objects.count()
    assert void_for_objections(now=world.now) == 0
    assert Entry.objects.count() == before


def test_a_police_request_is_no_business_of_the_preferences(world: World) -> None:
    walked = world.road()
    walked.record(subjects=(replace(ANN, status="SUSPECT"),))
    says(world, "OBJECTION_MARKETING", ANN)
    says(world, "OBJECTION", ANN)
    walked.approve()
    assert not SubjectMark.objects.filter(request=walked._fresh()).exists()
    assert void_for_objections(now=world.now) == 0


def test_marks_follow_the_people_of_the_request(world: World) -> None:
    walked = road(world)
    request = walked.record()
    assert SubjectMark.objects.filter(request=request).count() == 8
    company = Organisation.objects.get(code=RETAIL)
    intake = replace(
        company_intake(company.pk, walked), subjects=(ANN,), instrument=InstrumentInput(code="G-MKT")
    )
    amend_company_request(request_id=request.pk, intake=intake, actor=world["outsider"], now=world.now)
    assert set(SubjectMark.objects.filter(request=request).values_list("subject__position", flat=True)) == {1}
    assert Subject.objects.filter(request=request).count() == 1
