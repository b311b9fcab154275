"""The register of bodies: delivered once, kept as edited, and every change of it told by the log."""

from dataclasses import replace
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.bodies.addresses import Listed
from accounts.bodies.register import Body, BodyError, read_bodies
from accounts.models import Organisation, OrganisationDomain
from accounts.selectors import history_of
from accounts.services import Refused, change_organisation, load_bodies
from audit.models import Entry

from .conftest import Desk, present
from .test_admin import admin

__all__ = ["admin"]

pytestmark = pytest.mark.django_db
NUMBER = {
    "switchboard": "01632 960111",
    "switchboard_source": "The force's own website",
    "switchboard_checked_on": "2026-11-02",
}


def test_forty_eight_forces_and_the_national_bodies_are_delivered() -> None:
    bodies = read_bodies()
    forces = [body for body in bodies if body.kind == "POLICE_FORCE"]
    assert (len(forces), len(bodies)) == (48, 81)
    assert all(body.domains and body.may_use for body in bodies)
    assert {body.nation for body in forces} == {"EW", "SC", "NI", "UK"}
    assert {row.domain for body in forces for row in body.domains if row.legacy} >= {"met.pnn.police.uk"}


def test_no_number_is_delivered_because_each_is_found_by_a_person() -> None:
    load_bodies(bodies=read_bodies(), now=present())
    assert not any(body.can_be_rung for body in Organisation.objects.all())
    assert not Organisation.objects.exclude(switchboard="").exists()


def test_a_second_load_changes_nothing_and_writes_nothing(desk: Desk) -> None:
    first = load_bodies(bodies=read_bodies(), now=desk.now)
    entries = Entry.objects.count()
    second = load_bodies(bodies=read_bodies(), now=desk.now)
    assert (first.added, first.corrected, first.kept) == (81, 0, ())
    assert (second.added, second.corrected, second.kept) == (0, 0, ())
    assert Entry.objects.count() == entries
    connection.check_constraints()


def test_a_body_nobody_edited_is_corrected_by_a_later_delivery(desk: Desk) -> None:
    load_bodies(bodies=_few(), now=desk.now)
    later = _renamed("kent", "Kent Constabulary")
    assert load_bodies(bodies=later, now=desk.now).corrected == 1
    assert Organisation.objects.get(code="kent").name == "Kent Constabulary"
    assert load_bodies(bodies=later, now=desk.now).corrected == 0


def test_what_an_administrator_edited_stays_and_is_named(desk: Desk) -> None:
    load_bodies(bodies=_few(), now=desk.now)
    kent = _entered("kent", desk)
    loaded = load_bodies(bodies=_renamed("kent", "Kent Constabulary"), now=desk.now)
    kent.refresh_from_db()
    assert (kent.name, kent.switchboard, loaded.kept) == ("Kent Police", "01632 960111", ("Kent Police",))


def test_the_history_tells_who_changed_what_from_what_to_what(desk: Desk, admin: Client) -> None:
    load_bodies(bodies=_few(), now=desk.now)
    kent = _entered("kent", desk)
    newest, oldest = history_of(kent)
    assert (newest.who, oldest.who) == (desk.admin.display_name, "Set-up")
    assert ("Switchboard", "nothing", "01632 960111") in newest.lines
    assert ("Switchboard checked on", "nothing", present().date().isoformat()) in newest.lines
    shown = admin.get(reverse("admin:accounts_organisation_history", args=[kent.pk])).content.decode()
    for words in (
        "01632 960111",
        desk.admin.display_name,
        "kent.pnn.police.uk H legacy",
        "Set-up",
    ):
        assert words in shown


def test_the_history_is_for_administrators_alone(desk: Desk, client: Client) -> None:
    load_bodies(bodies=_few(), now=desk.now)
    kent = Organisation.objects.get(code="kent")
    assert client.get(reverse("admin:accounts_organisation_history", args=[kent.pk])).status_code == 302


def test_an_administrator_enters_the_number_and_the_domains_on_the_page(desk: Desk, admin: Client) -> None:
    load_bodies(bodies=_few(), now=desk.now)
    kent = Organisation.objects.get(code="kent")
    page = reverse("admin:accounts_organisation_change", args=[kent.pk])
    assert "kent.police.uk H" in admin.get(page).content.decode()
    data = {
        "name": "Kent Police", "nation": "EW", "may_use": ["P"], "is_active": "on",
        "domains": "kent.police.uk H\nspecials.kent.police.uk L\nold.kent.police.uk M legacy", **NUMBER,
    }  # fmt: skip
    assert admin.post(page, data).status_code == 302
    kent.refresh_from_db()
    assert (kent.can_be_rung, kent.may_use) == (True, ["P"])
    rows = OrganisationDomain.objects.filter(organisation=kent).order_by("domain")
    assert list(rows.values_list("domain", "certainty", "legacy")) == [
        ("kent.police.uk", "H", False),
        ("old.kent.police.uk", "M", True),
        ("specials.kent.police.uk", "L", False),
    ]
    connection.check_constraints()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"switchboard_source": ""}, "never from a request"),
        ({"switchboard_checked_on": ""}, "never from a request"),
        ({"switchboard_checked_on": "2999-01-01"}, "lies in the future"),
        ({"switchboard": "by post"}, "has no digits"),
        ({"domains": "kent.police.uk X"}, "write the domain, then H, M or L"),
        ({"domains": "kent police H"}, "write the domain, then H, M or L"),
        ({"domains": "kent_police H"}, "is no plain domain"),
        ({"domains": "kent.police.uk H\nkent.police.uk M"}, "stands twice"),
        ({"domains": "met.police.uk H"}, "is in the register for Metropolitan Police Service"),
    ],
)
def test_what_does_not_hold_is_told_beside_what_was_typed(
    desk: Desk, admin: Client, changes: dict[str, str], sentence: str
) -> None:
    load_bodies(bodies=_few(), now=desk.now)
    kent = Organisation.objects.get(code="kent")
    data = {
        "name": "Kent Police",
        "nation": "EW",
        "is_active": "on",
        "domains": "kent.police.uk H",
        **NUMBER,
        **changes,
    }
    answer = admin.post(reverse("admin:accounts_organisation_change", args=[kent.pk]), data)
    assert answer.status_code == 200
    assert sentence in answer.content.decode()
    assert Organisation.objects.get(code="kent").version == 1


def test_only_an_administrator_edits_the_register(desk: Desk) -> None:
    bob = desk.person("Bob")
    with pytest.raises(Refused, match="Only an administrator"):
        change_organisation(
            organisation_id=desk.company.pk, name="X", nation="EW", switchboard="", switchboard_source="",
            is_active=True, needs_verification=False, actor=bob, now=present(),
        )  # fmt: skip


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('kind = "PRESS"', "kind may not be 'PRESS'"),
        ('nation = "FR"', "nation may not be 'FR'"),
        ('may_use = ["Z"]', "may_use may not hold 'Z'"),
        ("domains = []", "can never be compared"),
        ('domains = [{ domain = "Kent.uk", certainty = "H", legacy = false }]', "no plain domain"),
        ('domains = [{ domain = "kent.uk", certainty = "M", legacy = false }]', "needs_verification = true"),
        ('colour = "blue"', "unknown key 'colour'"),
    ],
)
def test_a_wrong_row_is_refused_by_file_code_and_fault(tmp_path: Path, line: str, fault: str) -> None:
    row = {
        "code": 'code = "x"', "name": 'name = "X"', "kind": 'kind = "AGENCY"', "nation": 'nation = "UK"',
        "may_use": 'may_use = ["P"]', "domains": 'domains = [{ domain = "x.gov.uk", certainty = "H", legacy = false }]',
        "needs_verification": "needs_verification = false",
    }  # fmt: skip
    row[line.partition(" ")[0]] = line
    (tmp_path / "forces.toml").write_text("[[body]]\n" + "\n".join(row.values()), "utf-8")
    (tmp_path / "agencies.toml").write_text("", "utf-8")
    with pytest.raises(BodyError) as refused:
        read_bodies(tmp_path)
    assert f"forces.toml: x: {fault}" in str(refused.value) or fault in str(refused.value)


def test_a_domain_belongs_to_one_body_alone(tmp_path: Path) -> None:
    row = '[[body]]\ncode = "{0}"\nname = "X"\nkind = "AGENCY"\nnation = "UK"\nmay_use = ["P"]\nneeds_verification = false\n'
    row += 'domains = [{{ domain = "x.gov.uk", certainty = "H", legacy = false }}]\n'
    (tmp_path / "forces.toml").write_text(row.format("a") + row.format("b"), "utf-8")
    (tmp_path / "agencies.toml").write_text("", "utf-8")
    with pytest.raises(BodyError, match="belongs to a already"):
        read_bodies(tmp_path)


def _renamed(code: str, name: str) -> list[Body]:
    return [
        replace(body, name=name, domains=tuple(Listed(r.domain, name, r.certainty, r.legacy) for r in body.domains))
        if body.code == code
        else body
        for body in _few()
    ]  # fmt: skip


def _entered(code: str, desk: Desk) -> Organisation:
    """The administrator has found the switchboard's number and entered it."""
    row = Organisation.objects.get(code=code)
    return change_organisation(
        organisation_id=row.pk, name=row.name, nation=row.nation, switchboard="01632 960111",
        switchboard_source="The force's own website", switchboard_checked_on=present().date(), is_active=True,
        needs_verification=False, actor=desk.admin, now=present(),
    )  # fmt: skip


def _few() -> list[Body]:
    return [body for body in read_bodies() if body.code in {"kent", "metropolitan"}]
