"""Recording what the National Crime Agency was told of sharing in the regulated sector; the report's clock runs from it."""

from datetime import date, datetime

from accounts.models import User

from ..deadlines.calendars import london_day, start_of
from ..deadlines.rules import Purpose, Rule, RuleCode
from ..models import AgencyNotice, Instrument, Request
from ..selectors import NotThere
from ..selectors.agency import may_notify
from ..states import Perm, State
from .changes import demand, locked, record_change, refuse, use_case
from .clocks import open_clock, stop_clocks

What = AgencyNotice.What
# POCA 2002 s.339ZD, TACT 2000 s.21CC: 84 days of which the notification's own day is the first, the reading that is sooner.
REPORT_DAYS = 84


@use_case
def record_agency_notice(
    *,
    request_id: int,
    what: str,
    on: date,
    reference: str,
    by_whom: str,
    report_by: date | None = None,
    actor: User,
    now: datetime,
) -> AgencyNotice:
    """A notification starts the report's clock anew; a report, or that there will be none, stops it. Only added to.

    Raises NotThere for anybody but the nominated officer and the head of legal, ActionRefused with every fault at once.
    """
    request = locked(request_id)
    role = demand(request, actor, Perm.VIEW, now)
    if not may_notify(actor, request, now):
        raise NotThere
    if faults := _faults(request, what, on, reference, by_whom, report_by, london_day(now)):
        raise refuse(request, actor, "AGENCY", *faults)
    row = AgencyNotice(
        request=request, what=what, on=on, report_by=report_by, recorded_at=now, recorded_by=actor
    )
    row.seal(reference=reference, by_whom=by_whom)
    row.save(force_insert=True)
    _move_the_clock(request, row, actor, now)
    record_change(
        request,
        event="agency.notified" if what == What.NOTIFICATION else "agency.reported",
        actor=actor,
        role=role,
        now=now,
        detail={"what": what, "on": on.isoformat(), "report_by": report_by.isoformat() if report_by else ""},
        commits={"reference": reference, "by_whom": by_whom},
    )
    return row


def _faults(
    request: Request,
    what: str,
    on: date,
    reference: str,
    by_whom: str,
    report_by: date | None,
    today: date,
) -> list[tuple[str, str]]:
    instrument = Instrument.objects.filter(request=request, governs=True).first()
    notified = AgencyNotice.objects.filter(request=request, what=What.NOTIFICATION).order_by("-id").first()
    faults = []
    if instrument is None or not instrument.terms.notifies_agency:
        faults.append(
            ("agency_is_notified", "The instrument of this request asks for no notice to the agency.")
        )
    if not request.restricted:
        faults.append(
            ("case_is_known_to_its_members_alone", "A notice to the agency tells that there is a suspicion. Restrict this request first.")
        )  # fmt: skip
    if request.state == State.CLOSED:
        faults.append(("case_is_open", "The request is closed, so no clock can run on it."))
    if what not in What.values:
        faults.append(("notice_says_what", "Say what the agency was told."))
    if on > today:
        faults.append(
            ("notice_was_given", "The day lies in the future. Record the notice once it has been given.")
        )
    if not reference.strip() or not by_whom.strip():
        faults.append(("notice_has_its_reference", "Give the agency’s reference and who told it."))
    if what != What.NOTIFICATION and notified is None:
        faults.append(("notification_came_first", "Record first when the agency was notified."))
    if what != What.NOTIFICATION and notified is not None and on < notified.on:
        faults.append(("notification_came_first", "The report cannot be older than the notification."))
    if report_by is not None and (what != What.NOTIFICATION or report_by < on):
        faults.append(
            ("period_follows_the_notification", "A period that the agency set goes with the notification and ends after it.")
        )  # fmt: skip
    return faults


def _move_the_clock(request: Request, row: AgencyNotice, actor: User, now: datetime) -> None:
    stop_clocks(
        request=request, reason=f"AGENCY_{row.what}", actor=actor, now=now, purposes=[Purpose.JOINT_REPORT]
    )
    if row.what != What.NOTIFICATION:
        return
    rule = (
        Rule(code=RuleCode.ON_INSTR, scheme=request.nation, stated_on=row.report_by)
        if row.report_by
        else Rule(code=RuleCode.CI, scheme=request.nation, n=REPORT_DAYS)
    )
    starts_at = start_of(row.on)
    open_clock(
        request=request, purpose=Purpose.JOINT_REPORT, rule=rule, starts_at=starts_at, actor=actor, now=now
    )
