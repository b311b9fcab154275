"""What comes from outside is shown to the virus scanner; nothing that is not known to be clean is kept or handed out."""

from collections.abc import Mapping
from datetime import datetime

from django.conf import settings

from accounts.models import User

from ..documents.malware import Finding, scan
from ..models import Request
from ..permissions import may
from ..selectors import NotThere
from ..states import Perm
from .changes import refuse, turn_away

OBJECTIONS: Mapping[Finding, tuple[str, str]] = {
    Finding.HARMFUL: (
        "file_is_harmless",
        "The virus scanner found something harmful in the file, {so}. Tell whoever looks after security in your house, "
        "and ask the sender for a clean copy by another way.",
    ),
    Finding.TOO_MUCH: (
        "file_can_be_scanned",
        "The file is too large or too deeply packed for the virus scanner to look at all of it, {so}. Ask for it in "
        "parts, or scan the paper at a lower resolution.",
    ),
    Finding.UNKNOWN: (
        "scanner_answers",
        "The file could not be scanned for viruses just now, {so}. Try again in a few minutes; if it stays so, tell "
        "your administrator.",
    ),
}
COMING_IN, GOING_OUT = "so nothing of it was kept", "so it is not handed out"
DOWNLOAD = "DOWNLOAD"


def scan_file(*, request_id: int, content: bytes, what: str, perm: Perm, actor: User, now: datetime) -> None:
    """To be called before the use case, outside any transaction: the scanner may take its time.

    `perm` is what the actor needs for `what`; without it nothing is scanned. Raises ActionRefused, or NotThere.
    """
    if not settings.CLAMD or not content:
        return
    request = Request.objects.get(pk=request_id)
    if not may(actor, request.reference, perm, now):
        raise NotThere
    verdict = scan(content)
    if verdict.finding != Finding.CLEAN:
        rule, sentence = OBJECTIONS[verdict.finding]
        words = sentence.format(so=GOING_OUT if what == DOWNLOAD else COMING_IN)
        detail = {"signature": verdict.signature} if verdict.signature else {}
        turn_away(refuse(request, actor, what, (rule, words), detail=detail))
