"""The administration pages: open to administrators in office, to nobody else, and every save is a service."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection, transaction
from django.db.models import F
from django.test import Client
from django.urls import reverse
from django.utils.timezone import localtime

from accounts.admin import desk as site
from accounts.models import Membership, Organisation, User
from accounts.roles import Role
from accounts.services import end_membership
from audit.entries import SYSTEM, Changed, append
from audit.models import Entry

from .conftest import Desk, present

INDEX = "/administration/"


@pytest.fixture
def admin(desk: Desk, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(desk.admin)


def make_superuser(user: User) -> None:
    """As somebody with the database could, and with an entry, so that it even commits."""
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(is_superuser=True, version=F("version") + 1)
        append(event="user.changed", actor=SYSTEM, obj=Changed("user", user.ref, user.version + 1))
    user.refresh_from_db()


def when(moment: object, name: str) -> dict[str, str]:
    local = localtime(moment)  # type: ignore[arg-type]
    return {f"{name}_0": f"{local:%Y-%m-%d}", f"{name}_1": f"{local:%H:%M:%S}"}


def test_an_administrator_finds_people_organisations_and_roles(admin: Client) -> None:
    page = admin.get(INDEX).content.decode()
    for model in ("user", "organisation", "membership"):
        assert reverse(f"admin:accounts_{model}_changelist") in page
        assert admin.get(reverse(f"admin:accounts_{model}_changelist")).status_code == 200


def test_superuser_is_nobody_special(desk: Desk, signed_in: Callable[[User], Client]) -> None:
    bob = desk.person("Bob", Role.HEAD_OF_LEGAL)
    make_superuser(bob)
    browser = signed_in(bob)
    assert bob.is_superuser
    assert browser.get(INDEX, follow=True).status_code == 404
    for model in ("user", "organisation", "membership"):
        listed = browser.get(reverse(f"admin:accounts_{model}_changelist"), follow=True)
        assert listed.status_code == 404


@pytest.mark.parametrize("role", sorted({*Role} - {Role.ADMIN, Role.GROUP_SUBMITTER}))
def test_no_other_role_opens_the_pages(desk: Desk, signed_in: Callable[[User], Client], role: Role) -> None:
    browser = signed_in(desk.person("Bob", role))
    assert browser.get(INDEX, follow=True).status_code == 404


def test_an_administrator_whose_role_ended_is_out_at_once(desk: Desk, admin: Client) -> None:
    assert admin.get(INDEX).status_code == 200
    now = present()
    held = Membership.objects.get(user=desk.admin)
    end_membership(membership_id=held.pk, at=now, actor=None, now=now)
    assert admin.get(INDEX, follow=True).status_code == 404


def test_the_anonymous_are_sent_to_the_desks_own_sign_in(desk: Desk, client: Client) -> None:
    target = client.get(INDEX, follow=True).redirect_chain[-1][0]
    assert target == "/account/login/?next=%2Fadministration%2F"


def test_only_people_organisations_and_roles_are_there(desk: Desk) -> None:
    assert {model.__name__ for model in site._registry} == {"User", "Organisation", "Membership"}


def test_a_role_is_given_by_the_service(desk: Desk, admin: Client) -> None:
    bob = desk.person("Bob")
    given = {"user": bob.pk, "organisation": desk.company.pk, "role": Role.HANDLER}
    data = (
        given
        | when(desk.now - timedelta(minutes=5), "valid_from")
        | {"valid_until_0": "", "valid_until_1": ""}
    )
    done = admin.post(reverse("admin:accounts_membership_add"), data)
    assert done.status_code == 302
    membership = Membership.objects.get(user=bob)
    entry = Entry.objects.get(object_ref=membership.ref)
    assert (entry.event, entry.actor, entry.role) == ("membership.granted", desk.admin.ref, "ADMIN")
    connection.check_constraints()


def test_a_refusal_stands_in_the_form(desk: Desk, admin: Client) -> None:
    given = {"user": desk.admin.pk, "organisation": desk.company.pk, "role": Role.APPROVER}
    data = given | when(desk.now, "valid_from") | {"valid_until_0": "", "valid_until_1": ""}
    answer = admin.post(reverse("admin:accounts_membership_add"), data)
    assert answer.status_code == 200
    assert "Nobody gives themselves a role" in answer.content.decode()
    assert Membership.objects.filter(user=desk.admin).count() == 1


def test_a_role_once_given_is_only_ended(desk: Desk, admin: Client) -> None:
    bob = desk.person("Bob", Role.HANDLER)
    membership = Membership.objects.get(user=bob)
    page = reverse("admin:accounts_membership_change", args=[membership.pk])
    end = present() + timedelta(hours=1)
    assert admin.post(page, {"valid_until_0": "", "valid_until_1": ""}).status_code == 200
    data = when(end, "valid_until") | {"role": Role.APPROVER, "user": desk.admin.pk}
    assert admin.post(page, data).status_code == 302
    membership.refresh_from_db()
    assert (membership.role, membership.user, membership.version) == (Role.HANDLER, bob, 2)
    assert membership.valid_until == end.replace(microsecond=0)
    connection.check_constraints()


def test_an_organisation_is_registered_and_changed_by_the_service(desk: Desk, admin: Client) -> None:
    data = {
        "code": "northshire",
        "kind": Organisation.Kind.POLICE_FORCE,
        "name": "Northshire Constabulary",
        "nation": "EW",
        "switchboard": "01632 960000",
        "switchboard_source": "The force's own website",
        "switchboard_checked_on": "2026-11-02",
    }
    assert admin.post(reverse("admin:accounts_organisation_add"), data).status_code == 302
    force = Organisation.objects.get(code="northshire")
    page = reverse("admin:accounts_organisation_change", args=[force.pk])
    assert admin.post(page, data | {"name": "Northshire Police", "code": "x"}).status_code == 302
    force.refresh_from_db()
    assert (force.name, force.code, force.is_active, force.version) == (
        "Northshire Police",
        "northshire",
        False,
        2,
    )
    connection.check_constraints()


def test_a_second_organisation_of_the_same_code_is_refused_with_a_sentence(desk: Desk, admin: Client) -> None:
    data = {"code": "desk", "kind": "COURT", "name": "Desk", "nation": "EW"}
    answer = admin.post(reverse("admin:accounts_organisation_add"), data)
    assert answer.status_code == 200
    assert Organisation.objects.count() == 1


def test_a_person_is_corrected_and_closed_but_not_made_or_removed(desk: Desk, admin: Client) -> None:
    bob = desk.person("Bob")
    page = reverse("admin:accounts_user_change", args=[bob.pk])
    assert (
        admin.post(page, {"display_name": "Robert", "email": "x@x.example", "is_superuser": "on"}).status_code
        == 302
    )
    bob.refresh_from_db()
    assert (bob.display_name, bob.email, bob.is_active, bob.is_superuser) == (
        "Robert",
        "bob@desk.example",
        False,
        False,
    )
    for name in ("add", "delete"):
        arguments = [] if name == "add" else [bob.pk]
        assert admin.post(reverse(f"admin:accounts_user_{name}", args=arguments)).status_code == 403
    connection.check_constraints()


def test_admins_own_log_stays_empty_because_ours_has_it(desk: Desk, admin: Client) -> None:
    bob = desk.person("Bob")
    admin.post(reverse("admin:accounts_user_change", args=[bob.pk]), {"display_name": "Robert"})
    assert not LogEntry.objects.exists()


def test_admins_own_doors_lead_to_the_desks(desk: Desk, admin: Client) -> None:
    assert admin.post(reverse("admin:logout")).headers["Location"] == "/account/logout/"
    assert admin.get(reverse("admin:password_change")).headers["Location"] == "/account/password/change/"
