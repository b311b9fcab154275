"""Which version of the policy binds at an instant."""

from datetime import datetime

from .models import PolicyVersion


class NoPolicyInForce(LookupError):
    """No posted version had taken effect at that instant."""


def version_in_force(at: datetime) -> PolicyVersion:
    """The newest version posted and in effect at `at`. Raises NoPolicyInForce."""
    rows = PolicyVersion.objects.filter(posted_at__lte=at, effective_from__lte=at)
    found = rows.order_by("-effective_from", "-number").first()
    if found is None:
        raise NoPolicyInForce(f"No version of the privacy policy was in force at {at:%d %B %Y}.")
    return found


def version_or_none(at: datetime) -> PolicyVersion | None:
    try:
        return version_in_force(at)
    except NoPolicyInForce:
        return None
