"""Passwords known from breaches, looked up in a file of the house's own: nobody outside hears of one."""

import mmap
from hashlib import sha1
from pathlib import Path

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ValidationError

from .models import User

SUM = 40


class BreachedPasswordsValidator:
    """Refuses what stands in BREACHED_PASSWORDS (ASVS 5.0, 6.2.12), and everything while the file can't be read.

    The file: lines `SHA-1:COUNT` in capitals, sorted by the sum, as the downloader of Have I Been Pwned writes it.
    """

    def validate(self, password: str, _: User | None = None) -> None:
        if not settings.BREACHED_PASSWORDS:
            return
        try:
            known = is_listed(Path(settings.BREACHED_PASSWORDS), sum_of(password))
        except (OSError, ValueError) as fault:
            raise ValidationError(
                "The password can’t be compared with those known from breaches just now. Ask your administrator."
            ) from fault
        if known:
            raise ValidationError(
                "The password is known from a breach somewhere, so others try it. Choose another."
            )

    def get_help_text(self) -> str:
        return "Your password can’t be one that is known from a breach."


def sum_of(password: str) -> bytes:
    """The list's own sum of it, which protects nothing here."""
    return sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()


def is_listed(path: Path, wanted: bytes) -> bool:
    """By halving: some forty looks into a file of as many gigabytes."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as lines:
        low, high = 0, len(lines)
        while low < high:
            start = lines.rfind(b"\n", low, (low + high) // 2) + 1 or low
            end = lines.find(b"\n", start)
            found = lines[start : start + SUM]
            if found == wanted:
                return True
            if found < wanted:
                low = len(lines) if end < 0 else end + 1
            else:
                high = start
    return False


@register(deploy=True)
def the_list_can_be_read(**_: object) -> list[CheckMessage]:
    """Its first line tells whether it is such a list; who runs the site hears it before somebody's password does."""
    if not settings.BREACHED_PASSWORDS:
        return []
    try:
        with Path(settings.BREACHED_PASSWORDS).open("rb") as file:
            first = file.readline(100)
    except OSError:
        first = b""
    head = first[:SUM]
    if len(head) == SUM and not head.strip(b"0123456789ABCDEF") and first[SUM : SUM + 1] in b":\r\n":
        return []
    return [
        Error(
            "BREACHED_PASSWORDS names no list of SHA-1 sums that can be read.",
            hint="One SUM:COUNT a line, in capitals, sorted by the sum. Without it no password can be set.",
            id="accounts.E001",
        )
    ]
