"""Companies abroad, partners, credit checks and the policy: what stands between a company of the group and an answer."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import Error, IntegrityError, transaction
from django.utils.timezone import localdate

from accounts.models import Organisation
from accounts.services import Refused, change_organisation, register_organisation
from disclosures.catalogue import INSTRUMENTS, PURPOSES
from disclosures.catalogue.policy_registers import CATEGORIES, SOURCES
from disclosures.demo import Road
from disclosures.demo_kinds import CompanyRoad, company_intake
from disclosures.facts import GroupFacts
from disclosures.guards.kinds import purpose_is_open_to_the_group
from disclosures.models import Request
from disclosures.services import ActionRefused
from disclosures.services.credit import record_application
from disclosures.services.recording import record_request
from disclosures.states import Action, State
from privacy.clauses import NotClauses, read_clauses
from privacy.models import CreditAgency, PolicyClause, TermsVersion
from privacy.services import (
    Clause,
    PolicyRefused,
    end_terms,
    look_agency_up_again,
    publish_policy,
    record_agency,
    record_terms,
)
from tests.rules.test_guards import PLAIN
from tests.services.test_objections import ANN, RETAIL, refusal
from tests.world import World

pytestmark = pytest.mark.django_db


def partner(world: World) -> Organisation:
    return register_organisation(
        code="partner",
        name="Sample Partner (fictitious)",
        kind="PARTNER",
        nation="EW",
        actor=None,
        now=world.now,
    )


def test_a_partner_can_never_ask_as_a_company_of_the_group(world: World) -> None:
    walked = world.road()
    walked.request = record_request(
        intake=replace(company_intake(partner(world).pk, walked), channel="MAIL", return_channel="POST"),
        restricted=False, actor=world["clerk"], now=world.now, recording_key="partner",
    )  # fmt: skip
    walked.submit()
    assert "is a partner and no company of the group, so it can never ask as one" in refusal(
        walked, "step", "handler", Action.ACCEPT
    )


def test_the_database_knows_that_too(world: World) -> None:
    request = CompanyRoad(world.people, world.police, world.now, number=803).to(State.SUBMITTED)
    with pytest.raises(IntegrityError, match="a partner is no requester"), transaction.atomic():
        Request.objects.filter(pk=request.pk).update(
            kind="G", body=partner(world), version=request.version + 1
        )


def test_a_company_abroad_needs_the_mechanism_of_the_transfer(world: World) -> None:
    walked = CompanyRoad(world.people, world.police, world.now, number=804)
    walked.record()
    retail = Organisation.objects.get(code=RETAIL)
    change_organisation(
        organisation_id=retail.pk, name=retail.name, nation="XX", switchboard="", switchboard_source="", is_active=True,
        needs_verification=False, actor=None, now=world.now,
    )  # fmt: skip
    walked.step("outsider", Action.SUBMIT)
    said = refusal(walked, "step", "handler", Action.ACCEPT)
    assert "Demo Retail (fictitious) is outside the United Kingdom" in said
    assert "R-XFER" in said


def test_a_transfer_abroad_without_mechanism_is_not_accepted(world: World) -> None:
    walked = CompanyRoad(world.people, world.police, world.now, number=805)
    walked.record(transfer_abroad=True)
    assert "on what the transfer" in refusal(walked, "submit")


# Credit checks (policy S23) ------------------------------------------------------------------


class CreditRoad(CompanyRoad):
    def record(self, *, restricted: bool = False, **changes: object) -> Request:
        return super().record(**{"policy_purpose": "PU-CRC", "subjects": (ANN,), **changes})


def credit_road(world: World) -> CreditRoad:
    world.made += 1
    return CreditRoad(world.people, world.police, world.now, number=world.made)


def agency(world: World, *, looked_up_days_ago: int = 10, number: str = "600001") -> CreditAgency:
    return record_agency(
        name="Sample Credit Bureau (fictitious)", firm_number=number, permission="Providing credit references",
        looked_up_on=localdate(world.now) - timedelta(days=looked_up_days_ago), actor=world["head"], now=world.now,
    )  # fmt: skip


def terms(world: World, *, name: str = "T-7", clause: str = "Clause 12", days: int = 900) -> TermsVersion:
    return record_terms(
        name=name, effective_from=localdate(world.now) - timedelta(days=days), clause=clause, actor=world["admin"], now=world.now
    )  # fmt: skip


def apply(
    world: World,
    walked: Road,
    bureau: CreditAgency,
    version: TermsVersion,
    *,
    days_ago: int = 30,
    **changes: object,
) -> None:
    given = {
        "request_id": walked._fresh().pk, "position": 1, "agency_ref": bureau.ref, "terms_ref": version.ref,
        "applied_on": localdate(world.now) - timedelta(days=days_ago), "reference": "APP-0001", "actor": world["handler"],
        "now": world.now,
    }  # fmt: skip
    record_application(**(given | changes))


def test_a_credit_check_without_an_application_is_refused_in_words(world: World) -> None:
    said = refusal(credit_road(world), "propose")
    assert "A credit check is allowed only where somebody has applied" in said
    assert "No application of person 1 is on record." in said
    assert "withhold with R-CRC" in said


def test_with_application_clause_and_licence_the_answer_goes_out(world: World) -> None:
    walked = credit_road(world)
    walked.confirm()
    walked.search()
    apply(world, walked, agency(world), terms(world))
    walked.weigh()
    walked.write()
    walked.step("handler", Action.PROPOSE)
    walked.step("approver", Action.APPROVE_RELEASE)
    walked.step("release", Action.START_RELEASE)
    walked.send()
    assert walked._fresh().state == State.RELEASED


@pytest.mark.parametrize(
    ("bureau", "version", "days_ago", "sentence"),
    [
        ({"looked_up_days_ago": 366}, {}, 30, "more than a year ago"),
        ({}, {"clause": ""}, 30, "hold no clause on credit checks"),
        ({}, {"days": 20}, 30, "were not in force when person 1 applied"),
    ],
)
def test_each_gate_has_its_sentence(
    world: World, bureau: dict, version: dict, days_ago: int, sentence: str
) -> None:
    walked = credit_road(world)
    refusal(walked, "propose")
    apply(world, walked, agency(world, **bureau), terms(world, **version), days_ago=days_ago)
    assert sentence in refusal(walked, "decide")


def proposed(world: World) -> tuple[CreditRoad, CreditAgency, TermsVersion]:
    walked, bureau, version = credit_road(world), agency(world), terms(world)
    refusal(walked, "propose")
    apply(world, walked, bureau, version)
    walked.weigh()
    walked.write()
    walked.step("handler", Action.PROPOSE)
    return walked, bureau, version


def test_an_agency_that_loses_its_permission_stops_the_approval(world: World) -> None:
    walked, bureau, _ = proposed(world)
    look_agency_up_again(agency_id=bureau.pk, licensed=False, actor=world["head"], now=world.now)
    assert "has had no permission since" in refusal(walked, "step", "approver", Action.APPROVE_RELEASE)


def test_an_agency_looked_up_again_counts_again(world: World) -> None:
    walked = credit_road(world)
    bureau = agency(world, looked_up_days_ago=500)
    refusal(walked, "propose")
    apply(world, walked, bureau, terms(world))
    refusal(walked, "decide")
    look_agency_up_again(agency_id=bureau.pk, licensed=True, actor=world["admin"], now=world.now)
    walked.weigh()
    walked.write()
    assert walked.step("handler", Action.PROPOSE).state == State.PENDING_APPROVAL


def test_terms_that_ended_before_the_application_do_not_carry_it(world: World) -> None:
    walked, _, version = proposed(world)
    last = localdate(world.now) - timedelta(days=40)
    end_terms(terms_id=version.pk, last_day=last, actor=world["head"], now=world.now)
    assert "were not in force" in refusal(walked, "step", "approver", Action.APPROVE_RELEASE)


def test_a_refusal_for_the_gate_needs_no_application(world: World) -> None:
    walked = credit_road(world)
    walked.refusal_code = "R-CRC"
    walked.propose("WITHHOLD")
    assert walked.step("approver", Action.APPROVE_REFUSAL).outcome == "REFUSED"


def test_an_application_of_nobody_or_of_tomorrow_is_not_recorded(world: World) -> None:
    walked, bureau, version = credit_road(world), agency(world), terms(world)
    walked.confirm()
    for changes, sentence in (
        ({"position": 9}, "Choose one of the people"),
        ({"agency_ref": "none"}, "from the register"),
        ({"reference": " "}, "reference down"),
        ({"applied_on": localdate(world.now) + timedelta(days=1)}, "in the future"),
    ):
        with pytest.raises(ActionRefused) as refused:
            apply(world, walked, bureau, version, **changes)
        assert sentence in " ".join(refused.value.sentences)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"firm_number": "12"}, "six or seven digits"),
        ({"permission": " "}, "as the Financial Services Register words it"),
        ({"looked_up_on": date(2999, 1, 1)}, "in the future"),
    ],
)
def test_an_agency_that_nobody_looked_up_is_not_entered(world: World, changes: dict, sentence: str) -> None:
    given = {
        "name": "Sample", "firm_number": "600009", "permission": "Providing credit references",
        "looked_up_on": localdate(world.now), "actor": world["head"], "now": world.now,
    }  # fmt: skip
    with pytest.raises(Refused, match=sentence):
        record_agency(**(given | changes))


@pytest.mark.parametrize("who", ["handler", "approver", "dpo", "outsider"])
def test_only_the_keepers_keep_agencies_and_terms(world: World, who: str) -> None:
    with pytest.raises(Refused, match="Only an administrator or the head of legal"):
        record_terms(name="T-9", effective_from=date(2020, 1, 1), clause="", actor=world[who], now=world.now)


# The policy in force -------------------------------------------------------------------------


def publish(world: World, number: int, *clauses: Clause) -> None:
    publish_policy(
        number=number, text=f"Version {number}.", posted_at=world.now, effective_from=world.now, url="https://desk.example/privacy",
        clauses=clauses, actor=None, now=world.now,
    )  # fmt: skip


FRAUD_ABOVE = Clause("PURPOSE", "PU-FRD", "Uses, first point", True)
FRAUD_BELOW = Clause("PURPOSE", "PU-FRD", "After disclosure", False)


def test_the_version_in_force_decides_which_purposes_are_open(world: World) -> None:
    walked = CompanyRoad(world.people, world.police, world.now, number=810)
    walked.submit()
    publish(world, 2, FRAUD_BELOW)
    said = refusal(walked, "step", "handler", Action.ACCEPT)
    assert (
        "In version 2 of our policy “To help detect fraud or loss” stands below the disclosure clause (After disclosure)"
        in said
    )
    publish(world, 3)
    assert "Version 3 of our policy does not name “To help detect fraud or loss”" in refusal(
        walked, "step", "handler", Action.ACCEPT
    )
    publish(world, 4, FRAUD_ABOVE)
    assert walked.step("handler", Action.ACCEPT).state == State.VERIFYING


def test_a_version_that_closes_the_purpose_stops_a_queued_approval_and_leaves_the_refusal_open(
    world: World,
) -> None:
    walked = CompanyRoad(world.people, world.police, world.now, number=811)
    walked.propose()
    publish(world, 2, FRAUD_BELOW)
    assert "below the disclosure clause" in refusal(walked, "step", "approver", Action.APPROVE_RELEASE)
    walked.step("approver", Action.SEND_BACK)
    walked.refusal_code = "R-PURP"
    walked.weigh("WITHHOLD")
    walked.write()
    walked.step("handler", Action.PROPOSE)
    assert walked.step("approver", Action.APPROVE_REFUSAL).outcome == "REFUSED"


def test_without_a_policy_no_purpose_is_open() -> None:
    facts = replace(
        PLAIN,
        kind="G",
        instrument=INSTRUMENTS["G-POL"],
        policy_purpose=PURPOSES["PU-FRD"],
        group=GroupFacts(),
    )
    assert "No version of our policy is in force" in str(purpose_is_open_to_the_group(facts))


@pytest.mark.parametrize(
    ("clauses", "sentence"),
    [
        ([Clause("PURPOSE", "PU-FRD", "Uses", None)], "whether it stands above"),
        ([Clause("SOURCE", "SRC-WEB", "Collection", True)], "only of purposes"),
        ([Clause("COLOUR", "X", "Uses", None)], "names its register"),
        ([Clause("PURPOSE", "PU-FRD", " ", True)], "where in the policy it stands"),
        ([FRAUD_ABOVE, FRAUD_BELOW], "stated twice"),
    ],
)
def test_clauses_that_contradict_themselves_are_not_published(
    world: World, clauses: list[Clause], sentence: str
) -> None:
    with pytest.raises(PolicyRefused, match=sentence):
        publish(world, 2, *clauses)


def test_what_a_version_says_stays_said(world: World) -> None:
    with pytest.raises(Error), transaction.atomic():
        PolicyClause.objects.update(stands_above=True)


def test_the_clauses_that_come_with_the_product_name_every_row_of_the_registers() -> None:
    said = {(row.register, row.code): row.stands_above for row in read_clauses()}
    assert {code for register, code in said if register == "PURPOSE"} == set(PURPOSES)
    assert {code for register, code in said if register == "CATEGORY"} == set(CATEGORIES)
    assert {code for register, code in said if register == "SOURCE"} == set(SOURCES)
    assert all(said["PURPOSE", row.code] for row in PURPOSES.values() if row.open_to_group)
    below = {code for (_, code), above in said.items() if above is False}
    assert below == {code for code, row in PURPOSES.items() if "below" in row.why_not}


def test_a_file_of_clauses_that_is_wrong_names_row_and_key(tmp_path: Path) -> None:
    path = tmp_path / "clauses.toml"
    path.write_text('[[clause]]\nregister = "PURPOSE"\ncolour = 1\nabove = "yes"\n')
    with pytest.raises(NotClauses) as refused:
        read_clauses(path)
    for fault in ("clause 1: unknown key 'colour'", "code is missing", "above is true or false"):
        assert fault in str(refused.value)
    with pytest.raises(NotClauses, match="cannot be read"):
        read_clauses(tmp_path / "none.toml")
