"""Publishing a version of the privacy policy."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts.models import User
from accounts.roles import Role
from accounts.selectors import roles_of
from audit.entries import SYSTEM, Actor, Changed, append

from ..models import PolicyClause, PolicyVersion


class PolicyRefused(ValueError):
    """The version cannot be published as given; the message says why."""


@dataclass(frozen=True, slots=True)
class Clause:
    """What the version says of one code: where, and of a purpose whether above the disclosure clause."""

    register: str
    code: str
    clause: str
    stands_above: bool | None = None


@transaction.atomic
def publish_policy(
    *,
    number: int,
    text: str,
    posted_at: datetime,
    effective_from: datetime,
    url: str,
    clauses: Iterable[Clause],
    actor: User | None,
    now: datetime,
) -> PolicyVersion:
    """Adds a version. A published version never changes; a correction is the next number.

    `clauses` bind the registers to it: a company of the group can use the purposes that stand above the
    disclosure clause, so a version without clauses opens none. `actor` None is set-up. Raises PolicyRefused for a number in use, an empty text, dates in the wrong
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
    stated = list(clauses)
    _refuse_contradictions(stated)
    PolicyClause.objects.bulk_create(
        PolicyClause(
            policy=version,
            register=row.register,
            code=row.code,
            clause=row.clause,
            stands_above=row.stands_above,
        )
        for row in stated
    )
    append(
        event="policy_version.published",
        actor=Actor(actor.ref, Role.ADMIN) if actor else SYSTEM,
        obj=Changed("policy_version", version.ref, version.version),
        detail={
            "number": number,
            "sha256": version.text_hash,
            "above": sorted(row.code for row in stated if row.stands_above),
            "below": sorted(row.code for row in stated if row.stands_above is False),
        },
    )
    return version


def _refuse_contradictions(stated: list[Clause]) -> None:
    registers = PolicyClause.Register
    for row in stated:
        if row.register not in registers.values or not row.code or not row.clause.strip():
            raise PolicyRefused(
                "Each clause names its register, its code, and where in the policy it stands."
            )
        if (row.register == registers.PURPOSE) != (row.stands_above is not None):
            raise PolicyRefused(f"Say of the purpose {row.code}, and only of purposes, whether it stands above the disclosure clause.")  # fmt: skip
    keys = [(row.register, row.code) for row in stated]
    if len(set(keys)) != len(keys):
        raise PolicyRefused("One code is stated twice.")
