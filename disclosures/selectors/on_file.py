"""What lies on the file of a request: a document's content, and the requests it is linked to."""

import base64
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from accounts.models import User

from ..models import DocumentContent, Request, RequestLink
from .doors import NotThere, visible_to
from .opening import open_content


@dataclass(frozen=True, slots=True)
class Linked:
    """Another request as this one's reader may know of it."""

    reference: str
    words: str
    state: str


# Seen from the request that the link leads to.
FROM_THERE = {
    RequestLink.Relation.SAME_MATTER: "Same matter",
    RequestLink.Relation.REPEATS: "Repeated by it",
    RequestLink.Relation.REPLACES: "Replaced by it",
    RequestLink.Relation.FOLLOWS: "Leads to it",
}


NO_REQUEST = 0


def links_of(request: Request, user: User, now: datetime) -> list[Linked]:
    """From both sides; a request that this person does not see is neither shown nor counted.

    Whether they see it is asked where there is no link too: one from a restricted request costs no more than none.
    """
    rows = list(
        RequestLink.objects.filter(Q(request=request) | Q(other=request))
        .select_related("request", "other")
        .order_by("id")
    )
    others = {row.other_id if row.request_id == request.pk else row.request_id for row in rows}
    seen = set(visible_to(user, now).filter(pk__in=others | {NO_REQUEST}).values_list("pk", flat=True))
    found = []
    for row in rows:
        ours = row.request_id == request.pk
        other = row.other if ours else row.request
        if other.pk in seen:
            relation = RequestLink.Relation(row.relation)
            found.append(
                Linked(other.reference, relation.label if ours else FROM_THERE[relation], other.state)
            )
    return found


def open_document(request: Request, reference: str, *, actor: User, now: datetime) -> tuple[str, bytes]:
    """Name and bytes of a document of this request, for somebody who came through `request_for`.

    The log says who looked before anything is opened. Raises NotThere.
    """
    held = (
        DocumentContent.objects.select_related("request__data_key", "document")
        .filter(request=request, document__reference=reference)
        .first()
    )
    if held is None:
        raise NotThere
    name, content = open_content(request, held.document, held, actor=actor, now=now)
    return name, base64.b64decode(content)
