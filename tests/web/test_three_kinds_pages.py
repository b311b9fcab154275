"""The request page and its work pages under the law of each kind; and the members of a secret."""

import re
from datetime import date, timedelta
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils.timezone import localdate

from disclosures.demo_kinds import CompanyRoad, OrderRoad
from disclosures.models import CompartmentMember, Request
from disclosures.states import State
from disclosures.templatetags.desk import long_date
from tests.world import World

from .work_pages import Browsers

pytestmark = pytest.mark.django_db


def shown(client: Client, reference: str, page: str = "") -> str:
    response = client.get(f"/requests/{reference}/{page}")
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode())


def walked(world: World, kind: type[CompanyRoad] | type[OrderRoad], state: State) -> Request:
    world.made += 1
    return kind(world.people, world.police, world.now, number=world.made).to(state)


def test_a_companys_page_names_the_purpose_its_clause_and_the_evidence(
    world: World, browser_of: Browsers
) -> None:
    request = walked(world, CompanyRoad, State.IN_REVIEW)
    page = shown(browser_of("handler"), request.reference)
    for words in (
        "To help detect fraud or loss",
        "Use of personal information, fourth point",
        "It stands above the disclosure clause",
        "Yes, today.",
        "Majority of the votes",
        "100 per cent",
        "Fraud Team, two named analysts",
    ):
        assert words in page


def test_a_companys_tests_weigh_an_interest(world: World, browser_of: Browsers) -> None:
    request = walked(world, CompanyRoad, State.IN_REVIEW)
    page = shown(browser_of("handler"), request.reference, "tests/")
    assert "What the interest is" in page
    assert "Whose interest is it?" in page
    assert "prejudice" not in page.lower().split("<main", 1)[1]


def test_an_orders_page_shows_court_and_seven_days(world: World, browser_of: Browsers) -> None:
    request = walked(world, OrderRoad, State.IN_REVIEW)
    page = shown(browser_of("handler"), request.reference)
    for words in ("Crown Court at Exampleton", "Her Honour Judge Sample", "the start, day 1", "day 7"):
        assert words in page


def test_an_orders_tests_ask_whether_it_binds_and_weigh_nothing(world: World, browser_of: Browsers) -> None:
    request = walked(world, OrderRoad, State.IN_REVIEW)
    client = browser_of("handler")
    page = shown(client, request.reference, "tests/")
    assert "Is it addressed to us?" in page
    assert "Is it proportionate?" not in page
    answers = dict.fromkeys(
        ("valid", "addressed_to_us", "in_its_period", "within_its_terms", "privilege_excluded"), "yes"
    ) | {"excluded_material": "no"}
    where = f"/requests/{request.reference}/tests/"
    missing = client.post(where, {**answers, "basis": "C", "exemption": "SCH2_5"})
    assert missing.status_code == 422
    given = {**answers, "terms_note": "The seal was checked.", "basis": "C", "exemption": "SCH2_5"}
    given["extent_note"] = "Telling the person, while the order forbids it."
    assert client.post(where, given).status_code == 302
    assert "The seal was checked." in shown(client, request.reference)


def test_the_checks_of_an_order_include_its_document_and_those_of_a_company_only_its_submitter(
    world: World, browser_of: Browsers
) -> None:
    order = walked(world, OrderRoad, State.VERIFYING)
    assert "signature on it?" in shown(browser_of("verifier"), order.reference, "evidence/")
    company = walked(world, CompanyRoad, State.VERIFYING)
    page = shown(browser_of("verifier"), company.reference, "evidence/")
    assert "own submitter confirm" in page
    assert "The number you rang" not in page


def test_members_are_named_and_taken_out_with_pages(world: World, browser_of: Browsers) -> None:
    request = walked(world, OrderRoad, State.IN_REVIEW)
    where = f"/requests/{request.reference}/members/"
    mlro, lead = browser_of("mlro"), browser_of("lead")
    assert lead.get(f"/requests/{request.reference}/").status_code == 404
    person = world["lead"]
    given = {"member": f"{person.ref}:TEAM_LEAD", "reason": "Leads the work."}
    assert mlro.post(where, urlencode(given), "application/x-www-form-urlencoded").status_code == 302
    assert lead.get(f"/requests/{request.reference}/").status_code == 200
    assert "Leads the work." in shown(mlro, request.reference, "members/")
    row = CompartmentMember.objects.get(request=request, user=person)
    assert mlro.post(where, {"end": row.pk}).status_code == 302
    assert lead.get(f"/requests/{request.reference}/").status_code == 404


def test_two_members_who_can_read_always_stay(world: World, browser_of: Browsers) -> None:
    request = walked(world, OrderRoad, State.DRAFT)
    where = f"/requests/{request.reference}/members/"
    mlro = browser_of("mlro")
    rows = list(CompartmentMember.objects.filter(request=request).exclude(user=world["mlro"]))
    answers = [mlro.post(where, {"end": row.pk}) for row in rows]
    assert answers[-1].status_code == 422
    assert "Two members must always remain" in answers[-1].content.decode()


def test_a_member_is_named_with_a_reason_a_role_and_a_day_to_come(world: World, browser_of: Browsers) -> None:
    request = walked(world, OrderRoad, State.DRAFT)
    response = browser_of("mlro").post(
        f"/requests/{request.reference}/members/",
        {
            "member": f"{world['lead'].ref}:TEAM_LEAD", "reason": " ",
            "last_day_day": "1", "last_day_month": "1", "last_day_year": "2020",
        },
    )  # fmt: skip
    assert response.status_code == 422
    assert "needs an answer" in response.content.decode()


def test_a_member_comes_on_a_day_and_has_another_end_set(world: World, browser_of: Browsers) -> None:
    request = walked(world, OrderRoad, State.IN_REVIEW)
    where = f"/requests/{request.reference}/members/"
    mlro = browser_of("mlro")
    tomorrow, later = localdate(world.now) + timedelta(days=1), localdate(world.now) + timedelta(days=9)
    given = {
        "member": f"{world['lead'].ref}:TEAM_LEAD",
        "reason": "Leads the work.",
        **day("first_day", tomorrow),
    }
    assert mlro.post(where, given).status_code == 302
    assert browser_of("lead").get(f"/requests/{request.reference}/").status_code == 404
    assert "Not yet" in shown(mlro, request.reference, "members/")
    handler = CompartmentMember.objects.get(request=request, user=world["handler"])
    refused = mlro.post(where, {"time-member": handler.pk, "time-reason": " ", **day("time-last_day", later)})
    assert refused.status_code == 422
    assert "“Why the time is changed” needs an answer." in refused.content.decode()
    changed = {"time-member": handler.pk, "time-reason": "Leaves soon.", **day("time-last_day", later)}
    assert mlro.post(where, changed).status_code == 302
    assert long_date(later + timedelta(days=1)) in shown(mlro, request.reference, "members/")


def day(name: str, when: date) -> dict[str, int]:
    return {f"{name}_day": when.day, f"{name}_month": when.month, f"{name}_year": when.year}
