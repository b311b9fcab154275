"""People, organisations and roles change by services: with an entry, by an administrator, and sensibly."""

import hashlib
import json
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import (
    Membership,
    Organisation,
    OrganisationAlias,
    OrganisationDomain,
    RoleGroup,
    User,
)
from accounts.roles import CONTROLLER_ROLES, Role
from accounts.selectors import (
    controller,
    group_ids_of,
    holders,
    is_controller_staff,
    role_group,
    roles_in,
    roles_of,
)
from accounts.services import (
    MailDomain,
    Profile,
    Refused,
    change_organisation,
    change_password,
    change_user,
    end_membership,
    grant_membership,
    register_organisation,
    register_user,
    set_new_password,
)
from audit.models import Entry

from .conftest import PASSWORD, Desk, present


def last_entry(ref: str) -> dict[str, object]:
    return json.loads(bytes(Entry.objects.filter(object_ref=ref).latest("at").body))


def change_organisation_to(organisation: Organisation, desk: Desk, **changes: object) -> Organisation:
    now = {
        name: getattr(organisation, name)
        for name in ("name", "nation", "switchboard", "switchboard_source", "is_active", "needs_verification")
    }
    return change_organisation(
        organisation_id=organisation.pk, actor=desk.admin, now=present(), **(now | changes)
    )


def test_a_person_is_registered_with_an_entry_that_commits_to_the_name_and_holds_none(desk: Desk) -> None:
    bob = desk.person("Bob")
    connection.check_constraints()
    entry = last_entry(bob.ref)
    assert entry["event"] == "user.registered"
    assert entry["actor"] == {"ref": desk.admin.ref, "role": "ADMIN"}
    assert entry["object"] == {"type": "user", "ref": bob.ref, "version": 1}
    assert sorted(entry["commits"]) == ["display_name", "email"]
    assert "bob" not in json.dumps(entry).lower()


def test_two_persons_never_share_an_address(desk: Desk) -> None:
    desk.person("Bob")
    with pytest.raises(Refused, match="already a person"):
        desk.person("BOB")


def test_each_change_is_the_next_version(desk: Desk) -> None:
    bob = desk.person("Bob")
    change_user(user_id=bob.pk, display_name="Robert", is_active=True, actor=desk.admin, now=present())
    change_password(user_id=bob.pk, password="a new long sentence")
    set_new_password(user_id=bob.pk, actor=desk.admin, now=present())
    connection.check_constraints()
    bob.refresh_from_db()
    versions = Entry.objects.filter(object_ref=bob.ref).order_by("object_version")
    assert bob.version == 4
    assert list(versions.values_list("object_version", "event")) == [
        (1, "user.registered"),
        (2, "user.changed"),
        (3, "user.password_changed"),
        (4, "user.password_changed"),
    ]


def test_only_an_administrator_changes_people_and_roles(desk: Desk) -> None:
    bob, eve = desk.person("Bob", Role.HEAD_OF_LEGAL), desk.person("Eve")
    now = present()
    attempts = [
        lambda: register_user(
            email="x@desk.example", display_name="X", password=PASSWORD, actor=bob, now=now
        ),
        lambda: change_user(user_id=eve.pk, display_name="X", is_active=False, actor=bob, now=now),
        lambda: set_new_password(user_id=eve.pk, actor=bob, now=now),
        lambda: grant_membership(
            user=eve,
            organisation=desk.company,
            role=Role.APPROVER,
            valid_from=now,
            valid_until=None,
            actor=bob,
            now=now,
        ),
        lambda: end_membership(membership_id=eve.pk, at=now, actor=bob, now=now),
        lambda: register_organisation(
            code="x", name="X", kind=Organisation.Kind.COURT, nation="NI", actor=bob, now=now
        ),
    ]
    for attempt in attempts:
        with pytest.raises(Refused, match="Only an administrator"):
            attempt()


def test_nobody_gives_themselves_a_role(desk: Desk) -> None:
    with pytest.raises(Refused, match="Nobody gives themselves"):
        desk.give(desk.admin, Role.APPROVER)


def test_nobody_closes_their_own_account(desk: Desk) -> None:
    with pytest.raises(Refused, match="your own account"):
        change_user(
            user_id=desk.admin.pk, display_name="Ada", is_active=False, actor=desk.admin, now=present()
        )


def test_a_role_is_held_from_its_first_instant_until_before_its_last(desk: Desk) -> None:
    bob, start = desk.person("Bob"), desk.now
    end = start + timedelta(days=1)
    grant_membership(
        user=bob,
        organisation=desk.company,
        role=Role.HANDLER,
        valid_from=start,
        valid_until=end,
        actor=desk.admin,
        now=start,
    )
    instant = timedelta(microseconds=1)
    held = [roles_of(bob, at) for at in (start - instant, start, end - instant, end)]
    assert held == [frozenset(), {Role.HANDLER}, {Role.HANDLER}, frozenset()]


def test_a_role_ends_when_it_is_ended_and_is_given_again_later(desk: Desk) -> None:
    bob = desk.person("Bob", Role.HANDLER)
    now = present()
    membership = Membership.objects.get(user=bob)
    end_membership(membership_id=membership.pk, at=now, actor=desk.admin, now=now)
    assert roles_of(bob, now) == frozenset()
    grant_membership(
        user=bob,
        organisation=desk.company,
        role=Role.HANDLER,
        valid_from=now,
        valid_until=None,
        actor=desk.admin,
        now=now,
    )
    assert roles_of(bob, now) == {Role.HANDLER}
    connection.check_constraints()


def test_a_role_does_not_end_in_the_past_or_twice(desk: Desk) -> None:
    bob = desk.person("Bob", Role.HANDLER)
    membership = Membership.objects.get(user=bob)
    now = present()
    with pytest.raises(Refused, match="not in the past"):
        end_membership(membership_id=membership.pk, at=now - timedelta(hours=1), actor=desk.admin, now=now)
    end_membership(membership_id=membership.pk, at=now, actor=desk.admin, now=now)
    with pytest.raises(Refused, match="already ended"):
        end_membership(membership_id=membership.pk, at=now + timedelta(days=1), actor=desk.admin, now=now)


def test_a_role_is_not_held_twice_at_one_time(desk: Desk) -> None:
    bob = desk.person("Bob", Role.HANDLER)
    with pytest.raises(Refused, match="already holds"):
        desk.give(bob, Role.HANDLER)
    with pytest.raises(IntegrityError, match="one_membership_at_a_time"), transaction.atomic():
        Membership.objects.create(user=bob, organisation=desk.company, role=Role.HANDLER, valid_from=desk.now)


def test_a_group_companys_people_only_submit(desk: Desk) -> None:
    eve = desk.person("Eve")
    sister = desk.other_company()
    with pytest.raises(Refused, match="no role in Sister Ltd"):
        desk.give(eve, Role.APPROVER, sister)
    desk.give(eve, Role.GROUP_SUBMITTER, sister)
    assert roles_of(eve, desk.now) == frozenset()
    assert roles_in(eve, sister, desk.now) == {Role.GROUP_SUBMITTER}
    assert not is_controller_staff(eve, desk.now)


def test_the_desks_own_people_never_submit_for_a_company(desk: Desk) -> None:
    with pytest.raises(Refused, match="no role in Desk Ltd"):
        desk.give(desk.person("Eve"), Role.GROUP_SUBMITTER)


def test_groups_of_grants_follow_the_memberships_and_nothing_else(desk: Desk) -> None:
    bob = desk.person("Bob", Role.HANDLER, Role.TEAM_LEAD)
    eve, sister = desk.person("Eve"), desk.other_company()
    desk.give(eve, Role.GROUP_SUBMITTER, sister)
    groups = {role_group(desk.company, role).pk for role in (Role.HANDLER, Role.TEAM_LEAD)}
    assert set(group_ids_of(bob, desk.now)) == groups
    assert group_ids_of(eve, desk.now) == [role_group(sister, Role.GROUP_SUBMITTER).pk]
    eve.groups.add(*groups)
    assert group_ids_of(eve, desk.now) == [role_group(sister, Role.GROUP_SUBMITTER).pk]


def test_a_closed_account_and_a_closed_company_hold_nothing(desk: Desk) -> None:
    bob, eve = desk.person("Bob", Role.HANDLER), desk.person("Eve")
    sister = desk.other_company()
    desk.give(eve, Role.GROUP_SUBMITTER, sister)
    change_user(user_id=bob.pk, display_name="Bob", is_active=False, actor=desk.admin, now=desk.now)
    change_organisation_to(sister, desk, is_active=False)
    for user in (bob, eve):
        assert group_ids_of(user, desk.now) == []
    assert roles_of(bob, desk.now) == roles_in(eve, sister, desk.now) == frozenset()
    assert list(holders(desk.company, Role.HANDLER, desk.now)) == []


def test_holders_are_those_in_office(desk: Desk) -> None:
    bob = desk.person("Bob", Role.APPROVER)
    desk.person("Eve", Role.HANDLER)
    assert list(holders(desk.company, Role.APPROVER, desk.now)) == [bob]


def test_the_controller_has_a_group_for_each_role_of_the_desk(desk: Desk) -> None:
    assert controller() == desk.company
    roles = RoleGroup.objects.filter(organisation=desk.company).values_list("role", flat=True)
    assert set(roles) == CONTROLLER_ROLES


def test_there_is_one_controller_and_it_stays_open(desk: Desk) -> None:
    with pytest.raises(IntegrityError, match="one_controller"), transaction.atomic():
        register_organisation(
            code="second",
            name="Second Ltd",
            kind=Organisation.Kind.CONTROLLER,
            nation="EW",
            profile=Profile(
                is_telecoms_operator=False,
                is_regulated_sector=False,
                is_financial_institution=False,
                mlro_is_stand_in=True,
            ),
            actor=None,
            now=desk.now,
        )
    with pytest.raises(Refused, match="cannot be switched off"):
        change_organisation_to(desk.company, desk, is_active=False)


def test_only_the_controller_has_a_profile(desk: Desk) -> None:
    with pytest.raises(Refused, match="company profile"):
        register_organisation(
            code="bare",
            name="Bare Ltd",
            kind=Organisation.Kind.CONTROLLER,
            nation="EW",
            actor=None,
            now=desk.now,
        )


def test_an_organisation_keeps_its_names_and_domains(desk: Desk) -> None:
    force = register_organisation(
        code="force",
        name="Northshire Constabulary",
        kind=Organisation.Kind.POLICE_FORCE,
        nation="EW",
        aliases=["Northshire Police"],
        domains=[MailDomain("northshire.example", OrganisationDomain.Certainty.HIGH, legacy=True)],
        actor=desk.admin,
        now=desk.now,
    )
    assert OrganisationAlias.objects.get(organisation=force).name == "Northshire Police"
    assert OrganisationDomain.objects.get(organisation=force).legacy
    assert not RoleGroup.objects.filter(organisation=force).exists()
    connection.check_constraints()


def test_checking_a_password_never_rewrites_it(desk: Desk) -> None:
    """Django re-hashes when its parameters change; here that would be a change without an entry."""
    old = f"md5$salt${hashlib.md5(b'salt' + PASSWORD.encode()).hexdigest()}"
    user = User(email="x@desk.example", password=old)
    assert user.check_password(PASSWORD)
    assert user.password == old
    assert not user.check_password("another")


def test_roles_and_groups_take_one_query_each(
    desk: Desk, django_assert_num_queries: "pytest.FixtureRequest"
) -> None:
    bob = desk.person("Bob", Role.HANDLER, Role.TEAM_LEAD)
    for read in (roles_of, group_ids_of, is_controller_staff):
        with django_assert_num_queries(1):  # type: ignore[operator]
            read(bob, desk.now)
