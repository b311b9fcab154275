"""The blind indexes of a request: moved to the other key with its restriction; destroying it deletes them.

Called inside a change of the request; nobody sees what is opened for it.
"""

from sealing.blind import unveil, veil

from ..models import Officer, Request, SubjectMark
from ..selectors.anomalies import index_of
from ..selectors.facts_of_requester import domains_index
from ..selectors.opening import open_for_indexes
from ..selectors.sender import judged

MANY = 500


def move_indexes(request: Request) -> tuple[str, ...]:
    """Writes every index anew under the key of what the request has just become; names the request's own columns."""
    opened = open_for_indexes(request)
    for officer in opened.officers.values():
        found = {
            "email_index": index_of("email_index", officer.email, restricted=request.restricted),
            "number_index": index_of("number_index", officer.number, restricted=request.restricted),
        }
        Officer.objects.filter(pk=officer.pk).update(**found)
    domain = judged(opened.return_address, request.body).domain if opened.return_address else ""
    request.return_domains = domains_index(domain, restricted=request.restricted) if domain else []
    _move_marks(request)
    return ("return_domains",)


def _move_marks(request: Request) -> None:
    marks = list(SubjectMark.objects.filter(request=request).order_by("id"))
    for mark in marks:
        mark.digest = veil(unveil(mark.digest)) if request.restricted else unveil(mark.digest)
    SubjectMark.objects.bulk_update(marks, ["digest"], batch_size=MANY)
