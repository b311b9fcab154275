"""Correcting one person of a request that names too many for a form."""

from dataclasses import asdict
from datetime import datetime

from accounts.models import User

from ..models import Request, Subject
from ..selectors import NotThere
from ..states import Perm
from .changes import demand, locked, record_change, refuse, use_case
from .intake import SubjectInput
from .marks import has_marks, renew_marks

PLAIN = ("type", "status")


@use_case
def correct_person(
    *, request_id: int, position: int, person: SubjectInput, seen_version: int, actor: User, now: datetime
) -> Request:
    """Writes the person at `position` again; everybody else stays. The entry names the position and commits to no value.

    `seen_version` is the request's as the reader had it. Raises ActionRefused if somebody changed it since or nothing
    would be left that tells who it is, NotThere without the permission or where nobody stands there.
    """
    request = locked(request_id)
    role = demand(request, actor, Perm.EDIT, now)
    row = Subject.objects.filter(request=request, position=position).select_related("data_key").first()
    if row is None:
        raise NotThere
    given = asdict(person)
    faults = []
    if request.version != seen_version:
        faults.append(
            ("request_is_unchanged", "Somebody changed this request while you were writing. Compare it, then save it again.")
        )  # fmt: skip
    if not any(value.strip() for name, value in given.items() if name not in PLAIN):
        faults.append(("person_is_told_apart", "Give at least one thing that tells who it is."))
    if faults:
        raise refuse(request, actor, "CORRECT_PERSON", *faults)
    row.type, row.status = person.type, person.status
    row.data_key.parent = request.data_key
    row.seal(**{name: value for name, value in given.items() if name not in PLAIN})
    row.save()
    if has_marks(request):
        renew_marks(request=request, subject=row, given=person)
    record_change(
        request, event="person.corrected", actor=actor, role=role, now=now, detail={"person": position}
    )
    return request
