"""Standing compartments: who is named to a cell joins each new secret of its class, and nothing else."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction

from accounts.models import Membership, RoleGroup
from accounts.services import end_membership
from audit.models import Entry
from disclosures import demo
from disclosures.catalogue import INSTRUMENTS
from disclosures.models import CellMember, CompartmentMember, Request, RequestGroupGrant
from disclosures.permissions import may
from disclosures.selectors import NotThere
from disclosures.services.cells import CellRefused, end_in_cell, extend_in_cell, keep_cells, name_to_cell
from disclosures.services.founding import cells_of
from disclosures.services.intake import InstrumentInput
from disclosures.services.recording import amend_request
from disclosures.states import Perm
from tests.services.clock_desk import delivered
from tests.services.log_lines import entries, last
from tests.world import World

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
COMMS, AML = CellMember.Cell.COMMUNICATIONS, CellMember.Cell.MONEY_LAUNDERING
PRODUCTION, NOTICE = InstrumentInput(code="A-PO"), InstrumentInput(code="P-IPA60A")


def name(
    world: World, key: str, role: str, cell: str = AML, by: str = "head", **time: datetime | None
) -> CellMember:
    return name_to_cell(
        cell=cell, person=world[key], member_role=role, reason="Works every such case.", actor=world[by],
        now=world.now, **{"until": world.now + 30 * DAY, **time},
    )  # fmt: skip


def born(world: World, instrument: InstrumentInput | None = PRODUCTION) -> Request:
    return world.road().record(restricted=True, instrument=instrument)


def members(request: Request) -> set[tuple[str, str]]:
    rows = CompartmentMember.objects.filter(request=request).select_related("user")
    return {(row.user.ref, row.role) for row in rows}


def test_who_is_named_joins_each_new_case_of_the_class_and_gets_no_role(world: World) -> None:
    before = born(world)
    groups = RoleGroup.objects.count()
    row = name(world, "handler", "HANDLER")
    request = born(world)
    assert (world["handler"].ref, "HANDLER") in members(request)
    assert may(world["handler"], request.reference, Perm.VIEW, world.now)
    assert not may(world["handler"], request.reference, Perm.VIEW, world.now + 31 * DAY)
    assert not may(world["handler"], before.reference, Perm.VIEW, world.now), "what was there stays shut"
    assert not RequestGroupGrant.objects.filter(content_object=request).exists()
    assert RoleGroup.objects.count() == groups
    assert last("request.recorded")["detail"]["joined"] == [row.ref]
    assert Entry.objects.filter(event="request.recorded").latest("at").log == "sealed"


def test_a_cell_joins_its_own_class_alone(world: World) -> None:
    name(world, "handler", "HANDLER", cell=COMMS)
    name(world, "verifier", "HANDLER", cell=AML)
    assert (world["handler"].ref, "HANDLER") not in members(born(world))
    assert (world["verifier"].ref, "HANDLER") in members(born(world))
    notice = members(born(world, NOTICE))
    assert (world["handler"].ref, "HANDLER") in notice
    assert (world["verifier"].ref, "HANDLER") not in notice
    plain = members(world.road().record(restricted=True))
    assert {ref for ref, _ in plain}.isdisjoint({world["handler"].ref, world["verifier"].ref})


def test_the_class_is_the_law_of_the_secrecy_and_every_secret_instrument_that_we_work_has_one() -> None:
    found = {code: cells_of(terms=terms) for code, terms in INSTRUMENTS.items()}
    assert {code for code, cells in found.items() if cells == {COMMS}} == {
        "P-IPA2", "P-IPA60A", "P-IPA61", "P-IPA61A", "P-RIPA49", "A-EUEPOC",
    }  # fmt: skip
    assert found["A-T38B"] == found["A-MLR66"] == found["A-MLA"] == {AML}
    assert cells_of(terms=None) == found["P-DPA2"] == found["G-AML"] == frozenset()
    worked = {code for code, row in INSTRUMENTS.items() if row.is_secret and row.row_type == "REQUEST"}
    assert worked
    assert all(found[code] for code in worked)


def test_who_said_only_later_what_came_lets_the_cell_in_then(world: World) -> None:
    name(world, "handler", "HANDLER")
    road = world.road()
    request = road.record(restricted=True, instrument=None)
    assert not may(world["handler"], request.reference, Perm.VIEW, world.now)
    intake = replace(demo.sample_intake(road.body, road.now, road.number), instrument=PRODUCTION)
    amend_request(request_id=request.pk, intake=intake, actor=world["clerk"], now=world.now)
    assert may(world["handler"], request.reference, Perm.VIEW, world.now)
    assert last("request.amended")["detail"]["joined"]
    amend_request(request_id=request.pk, intake=intake, actor=world["clerk"], now=world.now)
    assert "joined" not in last("request.amended")["detail"]


def test_an_open_request_is_joined_by_nobody(world: World) -> None:
    name(world, "handler", "HANDLER")
    request = world.road().record()
    assert members(request) == set()


def test_whoever_has_lost_the_role_or_waits_for_the_day_does_not_join(world: World) -> None:
    name(world, "handler", "HANDLER", begins=world.now + DAY)
    name(world, "verifier", "HANDLER")
    held = Membership.objects.get(user=world["verifier"], role="HANDLER")
    end_membership(membership_id=held.pk, at=world.now, actor=None, now=world.now)
    refs = {ref for ref, _ in members(born(world))}
    assert refs.isdisjoint({world["handler"].ref, world["verifier"].ref})


def test_the_head_of_legal_keeps_both_and_the_reporting_officer_one(world: World) -> None:
    name(world, "handler", "HANDLER", by="mlro")
    with pytest.raises(NotThere):
        name(world, "handler", "HANDLER", cell=COMMS, by="mlro")
    row = name(world, "handler", "HANDLER", cell=COMMS)
    for who in ("admin", "lead", "handler", "mlro"):
        with pytest.raises(NotThere):
            end_in_cell(ref=row.ref, actor=world[who], now=world.now)
    with pytest.raises(NotThere):
        end_in_cell(ref="cm_none", actor=world["head"], now=world.now)


def test_all_that_is_wrong_is_said_at_once(world: World) -> None:
    with pytest.raises(CellRefused) as refused:
        name_to_cell(
            cell=AML, person=world["admin"], member_role="ADMIN", reason=" ", until=None, actor=world["head"],
            now=world.now,
        )  # fmt: skip
    assert len(refused.value.sentences) == 3
    name(world, "handler", "HANDLER")
    with pytest.raises(CellRefused, match="stands in it already"):
        name(world, "handler", "HANDLER")
    with pytest.raises(CellRefused, match="must lie in the future"):
        name(world, "lead", "TEAM_LEAD", until=world.now)
    with pytest.raises(CellRefused, match="not lie before the first"):
        name(world, "lead", "TEAM_LEAD", begins=world.now + 2 * DAY, until=world.now + DAY)


def test_a_change_is_in_the_log_that_any_auditor_reads_and_its_reason_is_not(world: World) -> None:
    row = name(world, "handler", "HANDLER")
    extend_in_cell(
        ref=row.ref, until=world.now + 60 * DAY, reason="Stays on.", actor=world["mlro"], now=world.now
    )
    end_in_cell(ref=row.ref, actor=world["head"], now=world.now)
    events = ["cell_member.added", "cell_member.extended", "cell_member.ended"]
    found = Entry.objects.filter(event__startswith="cell_member.")
    assert set(found.values_list("event", "log")) == {(event, "main") for event in events}
    assert [last(event)["actor"]["role"] for event in events] == ["HEAD_OF_LEGAL", "MLRO", "HEAD_OF_LEGAL"]
    assert "Works every such case" not in str([entries(event) for event in events])


def test_two_who_can_read_it_stay_once_there_are_two(world: World) -> None:
    first, holder = name(world, "handler", "HANDLER"), name(world, "holder", "DATA_HOLDER")
    end_in_cell(ref=holder.ref, actor=world["head"], now=world.now)
    second = name(world, "approver", "APPROVER")
    with pytest.raises(CellRefused, match="Two members must always remain"):
        end_in_cell(ref=second.ref, actor=world["head"], now=world.now)
    name(world, "lead", "TEAM_LEAD")
    end_in_cell(ref=first.ref, actor=world["head"], now=world.now)
    with pytest.raises(CellRefused, match="does not stand in it any more"):
        end_in_cell(ref=first.ref, actor=world["head"], now=world.now)


def test_one_whose_time_is_over_leaves_and_the_head_of_legal_is_called_in_and_told(
    world: World, mailoutbox: list[EmailMessage]
) -> None:
    name(world, "handler", "HANDLER", until=world.now + DAY)
    name(world, "approver", "APPROVER")
    later = world.now + DAY
    assert keep_cells(now=world.now) == 0
    assert keep_cells(now=later) == 1
    assert keep_cells(now=later) == 0
    standing = CellMember.objects.valid_at(later).values_list("user", "role", "added_by")
    assert set(standing) == {
        (world["approver"].pk, "APPROVER", world["head"].pk), (world["head"].pk, "HEAD_OF_LEGAL", None),
    }  # fmt: skip
    assert last("cell_member.lapsed")["detail"]["person"] == world["handler"].ref
    assert "actor" in last("cell_member.added")
    delivered(later)
    assert {mail.to[0] for mail in mailoutbox} == {world["head"].email, world["mlro"].email}
    assert all("Demo" not in mail.body for mail in mailoutbox), "a mail names nobody"


def test_with_two_left_nobody_is_called_in_and_who_left_the_role_has_lapsed(world: World) -> None:
    for key, role in (("handler", "HANDLER"), ("approver", "APPROVER"), ("lead", "TEAM_LEAD")):
        name(world, key, role)
    held = Membership.objects.get(user=world["lead"], role="TEAM_LEAD")
    end_membership(membership_id=held.pk, at=world.now, actor=None, now=world.now)
    assert keep_cells(now=world.now) == 1
    assert not CellMember.objects.filter(added_by=None).exists()


def test_the_database_lets_nobody_in_for_ever(world: World) -> None:
    row = name(world, "handler", "HANDLER")
    with pytest.raises(IntegrityError, match="cell_member_named_for_a_time"), transaction.atomic():
        CellMember.objects.filter(pk=row.pk).update(valid_until=None, version=2)
