"""What is put on the file: a scan or a mail, a call, a comment, a link to another request."""

import base64
import hashlib
import re
import secrets
from datetime import datetime

from accounts.models import User

from ..models import Comment, Correspondence, Document, DocumentContent, Request, RequestLink
from ..permissions import may
from ..references import tidy
from ..states import Perm
from .changes import demand, locked, record_change, refuse, use_case
from .delivery import first_stage
from .scanning import scan_file

LARGEST = 25 * 1024 * 1024
MAIL_HEADER = re.compile(
    rb"\A(?:[!-9;-~]+:[^\r\n]*\r?\n)(?:[!-9;-~]+:[^\r\n]*\r?\n|[ \t][^\r\n]*\r?\n)*\r?\n"
)
Media = Document.MediaType
# By the ending of the name: what it must be, and how such a file begins.
KINDS: dict[str, tuple[Media, tuple[bytes, ...]]] = {
    "pdf": (Media.PDF, (b"%PDF-",)),
    "png": (Media.PNG, (b"\x89PNG\r\n\x1a\n",)),
    "jpg": (Media.JPEG, (b"\xff\xd8\xff",)),
    "jpeg": (Media.JPEG, (b"\xff\xd8\xff",)),
    "tif": (Media.TIFF, (b"II*\x00", b"MM\x00*")),
    "tiff": (Media.TIFF, (b"II*\x00", b"MM\x00*")),
    "eml": (Media.EML, ()),
}


def attach_document(
    *, request_id: int, purpose: str, name: str, content: bytes, actor: User, now: datetime
) -> Document:
    """Seals a file under the request's key, once the scanner has seen it.

    Raises ActionRefused for a wrong type, an empty or too large file, and one that is not known to be clean.
    """
    if not _faults_of_file(name, content):
        scan_file(
            request_id=request_id, content=content, what="ATTACH", perm=Perm.RECORD, actor=actor, now=now
        )
    return _put_on_file(
        request_id=request_id, purpose=purpose, name=name, content=content, actor=actor, now=now
    )


@use_case
def _put_on_file(
    *, request_id: int, purpose: str, name: str, content: bytes, actor: User, now: datetime
) -> Document:
    request = locked(request_id)
    role = demand(request, actor, Perm.RECORD, now)
    if faults := _faults_of_file(name, content):
        raise refuse(request, actor, "ATTACH", *faults)
    digest = hashlib.sha256(content).hexdigest()
    document = Document(
        request=request,
        reference=f"d_{secrets.token_urlsafe(9)}",
        purpose=purpose,
        media_type=KINDS[_ending(name)][0],
        size=len(content),
        attached_at=now,
        attached_by=actor,
    )
    document.seal(name=name, sha256=digest)
    document.save(force_insert=True)
    held = DocumentContent(request=request, document=document)
    held.seal(content=base64.b64encode(content).decode())
    held.save(force_insert=True)
    record_change(
        request,
        event="document.attached",
        actor=actor,
        role=role,
        now=now,
        detail={"document": document.reference, "size": len(content), "type": document.media_type},
        commits={"name": name, "sha256": digest},
    )
    return document


def _ending(name: str) -> str:
    return name.rpartition(".")[2].lower()


def _faults_of_file(name: str, content: bytes) -> list[tuple[str, str]]:
    if not content:
        return [("file_has_content", "The file is empty. Choose another one.")]
    if len(content) > LARGEST:
        return [("file_fits", "The file is larger than 25 MB. Scan it in parts, or at a lower resolution.")]
    if _ending(name) not in KINDS:
        return [
            ("file_is_of_a_kind_we_keep", "Only PDF, PNG, JPEG, TIFF and .eml files are kept. Scan the paper as a PDF.")
        ]  # fmt: skip
    media, beginnings = KINDS[_ending(name)]
    begins = content.startswith(beginnings) if beginnings else MAIL_HEADER.match(content) is not None
    if not begins:
        sentence = (
            f"The file's name says {media.label}, but its content does not. Save it again in its own format."
        )
        return [("file_is_what_it_says", sentence)]
    return []


@use_case
def record_correspondence(
    *,
    request_id: int,
    direction: str,
    channel: str,
    at: datetime,
    with_whom: str,
    words: str,
    actor: User,
    now: datetime,
) -> Correspondence:
    """A call, a letter, a mail: the log of who said what to whom. Raises ActionRefused for a time to come."""
    request = locked(request_id)
    role = demand(request, actor, Perm.RECORD, now)
    faults = []
    if at > now:
        faults.append(
            ("it_has_happened", "The time lies in the future. Record a call after it has been made.")
        )
    if not with_whom.strip():
        faults.append(("somebody_was_there", "Say with whom it was."))
    if not words.strip():
        faults.append(("something_was_said", "Write down what was said or written."))
    if faults:
        raise refuse(request, actor, "CORRESPONDENCE", *faults)
    row = Correspondence(
        request=request, direction=direction, channel=channel, at=at, recorded_at=now, recorded_by=actor
    )
    row.seal(with_whom=with_whom, words=words)
    row.save(force_insert=True)
    if direction == Correspondence.Direction.OUT:
        first_stage(sent=row, reason="Recorded as sent.", actor=actor, now=now)
    record_change(
        request,
        event="correspondence.recorded",
        actor=actor,
        role=role,
        now=now,
        detail={"direction": direction, "channel": channel},
        commits={"with_whom": with_whom, "words": words},
    )
    return row


@use_case
def write_comment(*, request_id: int, words: str, actor: User, now: datetime) -> Comment:
    """A word to colleagues; it stays inside and is never part of an answer."""
    request = locked(request_id)
    role = demand(request, actor, Perm.RECORD, now)
    if not words.strip():
        raise refuse(request, actor, "COMMENT", ("comment_has_words", "Write the comment first."))
    row = Comment(request=request, written_at=now, written_by=actor)
    row.seal(words=words)
    row.save(force_insert=True)
    record_change(request, event="comment.written", actor=actor, role=role, now=now, commits={"words": words})
    return row


@use_case
def link_request(
    *, request_id: int, other_reference: str, relation: str, reason: str, actor: User, now: datetime
) -> RequestLink:
    """Ties two requests that the person sees; one that is not there for them is refused like one that never was."""
    request = locked(request_id)
    role = demand(request, actor, Perm.RECORD, now)
    reference = tidy(other_reference)
    other = Request.objects.filter(reference=reference).first() if _sees(actor, reference, now) else None
    faults = []
    if other is None:
        faults.append(("other_is_there", f"There is nothing for you under {reference}. Check the reference."))
    elif other.pk == request.pk:
        faults.append(("other_is_another", "A request cannot be linked to itself."))
    elif RequestLink.objects.filter(request=request, other=other).exists():
        faults.append(("linked_once", f"It is already linked to {reference}."))
    if not reason.strip():
        faults.append(("link_has_a_reason", "Say why they belong together."))
    if faults or other is None:
        raise refuse(request, actor, "LINK", *faults)
    row = RequestLink(request=request, other=other, relation=relation, linked_at=now, linked_by=actor)
    row.seal(reason=reason)
    row.save(force_insert=True)
    record_change(
        request,
        event="request.linked",
        actor=actor,
        role=role,
        now=now,
        detail={"relation": relation},
        commits={"other": reference, "reason": reason},
    )
    return row


def _sees(actor: User, reference: str, now: datetime) -> bool:
    return may(actor, reference, Perm.VIEW, now)
