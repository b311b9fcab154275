"""Each release and refusal has a receipt, which the verifier believes without us."""

import pytest
from django.urls import reverse

from audit import verifier
from audit.logs import verifiers
from audit.models import Entry
from audit.sequencer import Sequencer
from disclosures.demo_kinds import CompanyRoad, OrderRoad
from disclosures.models import Delivery, Letter, Request, Step
from disclosures.states import State
from tests.audit.conftest import default_connection
from tests.world import World, make_world

from .browsers import browser_for

pytestmark = pytest.mark.committed


@pytest.fixture
def world(committed_db: object) -> World:
    return make_world()


def signed(committed_db: object) -> None:
    with default_connection(committed_db, "sequencer"):
        for log in ("main", "sealed"):
            Sequencer(log).drain()


def answers(case: Request) -> list[int]:
    return list(Step.objects.filter(request=case, target=case.state).values_list("version", flat=True))


def checked(text: bytes, log: str = "main") -> dict[str, object]:
    """The entry in the receipt, once the auditor's verifier has found it in the signed tree."""
    key = verifier.read_key(verifiers(log)[0].vkey)
    _, _, body = verifier.check_proof(text, None, [key], [])
    return verifier.read_entry(body)


@pytest.mark.parametrize("state", [State.RELEASED, State.REFUSED, State.EMERGENCY_RELEASED])
def test_an_answer_has_a_receipt_that_the_verifier_believes(
    world: World, committed_db: object, state: State
) -> None:
    case = world.request_in(state)
    signed(committed_db)
    client = browser_for(world["handler"], world.now)
    page = client.get(reverse("disclosures:request", args=[case.reference])).content.decode()
    [version] = answers(case)
    address = reverse("disclosures:receipt", args=[case.reference, version])
    assert f'href="{address}"' in page
    answer = client.get(address)
    assert answer["Content-Disposition"] == f'attachment; filename="{case.reference}-{version}.tlog-proof"'
    told = checked(answer.content)
    assert told["object"] == {"type": "request", "ref": case.reference, "version": version}
    assert told["detail"]["to"] == state  # type: ignore[index]
    assert Entry.objects.filter(event="receipt.downloaded", object_ref=case.reference).count() == 1


def test_what_is_not_signed_yet_says_so_and_leads_back(world: World) -> None:
    case = world.request_in(State.REFUSED)
    client = browser_for(world["handler"], world.now)
    [version] = answers(case)
    answer = client.get(reverse("disclosures:receipt", args=[case.reference, version]), follow=True)
    assert answer.redirect_chain == [(reverse("disclosures:request", args=[case.reference]), 302)]
    assert "has not signed this step yet" in answer.content.decode()


def test_other_steps_other_people_and_other_requests_have_none(world: World, committed_db: object) -> None:
    case = world.request_in(State.RELEASED)
    signed(committed_db)
    [version] = answers(case)
    handler = browser_for(world["handler"], world.now)
    for wrong in (0, 1, version - 1, version + 1, 2**40):
        assert handler.get(reverse("disclosures:receipt", args=[case.reference, wrong])).status_code == 404
    for person in ("outsider", "admin"):
        answer = browser_for(world[person], world.now).get(
            reverse("disclosures:receipt", args=[case.reference, version])
        )
        assert answer.status_code == 404
    page = handler.get(
        reverse("disclosures:request", args=[world.request_in(State.IN_REVIEW).reference])
    ).content.decode()
    assert "Receipts" not in page


def test_a_restricted_request_has_its_receipt_out_of_the_sealed_log(
    world: World, committed_db: object
) -> None:
    case = OrderRoad(world.people, world.police, world.now, number=7).to(State.RELEASED)
    signed(committed_db)
    [version] = answers(case)
    client = browser_for(world["mlro"], world.now)
    told = client.get(reverse("disclosures:receipt", args=[case.reference, version]))
    assert checked(told.content, "sealed")["object"]["ref"] == case.reference  # type: ignore[index]
    outside = browser_for(world["outsider"], world.now).get(
        reverse("disclosures:receipt", args=[case.reference, version])
    )
    assert outside.status_code == 404


def test_a_company_has_its_own_once_the_answer_has_gone(world: World, committed_db: object) -> None:
    world.made += 1
    case = CompanyRoad(world.people, world.police, world.now, number=world.made).to(State.RELEASED)
    signed(committed_db)
    [version] = answers(case)
    address = reverse("disclosures:company-receipt", args=[case.reference, version])
    client = browser_for(world["outsider"], world.now)
    page = client.get(reverse("disclosures:company-request", args=[case.reference])).content.decode()
    assert f'href="{address}"' in page
    assert checked(client.get(address).content)["detail"]["to"] == State.RELEASED  # type: ignore[index]
    assert browser_for(world["handler"], world.now).get(address).status_code == 404
    with committed_db.connect("owner") as owner:  # type: ignore[attr-defined]
        for table in (Delivery._meta.db_table, Letter._meta.db_table):
            owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        owner.execute(f"DELETE FROM {Delivery._meta.db_table}")
        owner.execute(f"DELETE FROM {Letter._meta.db_table} WHERE purpose = %s", [Letter.Purpose.OUTCOME])
    assert client.get(address).status_code == 404
