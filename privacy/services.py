"""Publishing a version of the privacy policy."""

import hashlib
from datetime import datetime

from django.db import transaction

from accounts.models import User
from accounts.roles import Role
from accounts.selectors import roles_of
from audit.entries import SYSTEM, Actor, Changed, append

from .models import PolicyVersion


class PolicyRefused(ValueError):
    """The version cannot be published as given; the message says why."""


@transaction.atomic
def publish_policy(
    *,
    number: int,
    text: str,
    posted_at: datetime,
    effective_from: datetime,
    url: str,
    actor: User | None,
    now: datetime,
) -> PolicyVersion:
    """Adds a version. A published version never changes; a correction is the next number.

    `actor` None is set-up. Raises PolicyRefused for a number in use, an empty text, dates in the wrong
    order, or somebody who is no administrator.
    """
    if actor is not None and Role.ADMIN not in roles_of(actor, now):
        raise PolicyRefused("Only an administrator publishes the policy.")
    if not text.strip():
        raise PolicyRefused("The policy has no text.")
    if effective_from < posted_at:
        raise PolicyRefused("A version cannot take effect before the day it is posted.")
    if PolicyVersion.objects.filter(number=number).exists():
        raise PolicyRefused(
            f"Version {number} is already published; publish the change under the next number."
        )
    version = PolicyVersion.objects.create(
        number=number,
        text=text,
        text_hash=hashlib.sha256(text.encode()).hexdigest(),
        url=url,
        posted_at=posted_at,
        effective_from=effective_from,
    )
    append(
        event="policy_version.published",
        actor=Actor(actor.ref, Role.ADMIN) if actor else SYSTEM,
        obj=Changed("policy_version", version.ref, version.version),
        detail={"number": number, "sha256": version.text_hash},
    )
    return version
