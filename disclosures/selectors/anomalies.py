"""What makes a request unlike the others: a second look is asked for, nothing is refused.

Only earlier requests that this reader may see are counted, so that a restricted one changes nothing for anybody else;
and the restricted key is used for a member of some compartment alone.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime

from django.db.models import Exists

from accounts.bodies.addresses import Standing
from accounts.models import User
from sealing.blind import blind_index

from ..catalogue.checks import LIMITS, ODD_SIGNS, OddSign
from ..deadlines.calendars import LONDON
from ..models import BankHoliday, Officer, Request, Subject
from ..models.request import Urgency
from ..permissions import named
from ..states import Kind
from .doors import visible_to
from .opening import OpenedRequest

SATURDAY = 5
OFF_THE_REGISTER = frozenset(Standing) - {Standing.LISTED, Standing.NONE}


def odd_signs(
    request: Request,
    opened: OpenedRequest,
    *,
    user: User,
    now: datetime,
    people: int | None = None,
    groups: Collection[int] | None = None,
) -> list[OddSign]:
    """In the register's order. `opened` was opened for this user. `people`: how many the request names, and
    `groups`: the person's own, if known."""
    if request.kind == Kind.GROUP or request.own_submission:
        return []
    if people is None:
        people = Subject.objects.filter(request=request).count()
    found = set(_codes(request, opened, user, now, people, groups))
    return [sign for code, sign in ODD_SIGNS.items() if code in found]


def _codes(
    request: Request,
    opened: OpenedRequest,
    user: User,
    now: datetime,
    people: int,
    groups: Collection[int] | None,
) -> Iterator[str]:
    officer = opened.officers.get(Officer.Part.REQUESTER)
    if officer is not None:
        keys = (False, True) if request.restricted or named(user, now).exists() else (False,)
        given = {"email_index": officer.email, "number_index": officer.number}
        asked = {
            column: {index_of(column, text, restricted=restricted) for restricted in keys} - {""}
            for column, text in given.items()
            if text
        }
        seen = _seen_before(asked, request, user, now, groups)
        if officer.email and not seen["email_index"]:
            yield "NEW_MAILBOX"
        if officer.number and not seen["number_index"]:
            yield "FIRST_OF_OFFICER"
        if officer.standing in OFF_THE_REGISTER:
            yield "ADDRESS_OFF_THE_REGISTER"
    if is_out_of_hours(request.received_at, request.nation):
        yield "OUT_OF_HOURS"
    if people >= LIMITS.many_people:
        yield "MANY_PEOPLE"
    texts = opened.request
    referenced = texts.crime_reference or texts.urn or texts.operation_name
    if request.urgency == Urgency.IMMEDIATE and not referenced:
        yield "EMERGENCY_WITHOUT_REFERENCE"


def _seen_before(
    wanted: Mapping[str, Iterable[str]],
    request: Request,
    user: User,
    now: datetime,
    groups: Collection[int] | None,
) -> dict[str, bool]:
    """Whether an earlier request of the same body that this reader may see came from the same mailbox or officer: by
    column, in one query. `wanted`: the indexes to look for.
    """
    if not wanted:
        return {}
    earlier = visible_to(user, now, groups=groups).filter(body=request.body, id__lt=request.pk)
    rows = Officer.objects.filter(part=Officer.Part.REQUESTER, request__in=earlier.values("id"))
    asked = [Exists(rows.filter(**{f"{column}__in": indexes})) for column, indexes in wanted.items()]
    found = Request.objects.filter(pk=request.pk).values_list(*asked).get()
    return dict(zip(wanted, found, strict=True))


def index_of(column: str, text: str, *, restricted: bool) -> str:
    """Numbers are compared without their punctuation, addresses as they are."""
    bare = "".join(c for c in text if c.isalnum()) if column == "number_index" else text
    return blind_index(bare, of=column.removesuffix("_index"), restricted=restricted)


def is_out_of_hours(at: datetime, nation: str) -> bool:
    """Before the office opens, after it closes, on a weekend or on a bank holiday of that part of the country."""
    local = at.astimezone(LONDON)
    if local.weekday() >= SATURDAY or not LIMITS.office_opens <= local.hour < LIMITS.office_closes:
        return True
    return BankHoliday.objects.filter(division=nation, date=local.date(), withdrawn_at=None).exists()
