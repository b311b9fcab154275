"""Looking somebody's preferences up: what was typed goes nowhere, and the entry says only that somebody looked."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from accounts.roles import Role
from accounts.selectors import roles_of
from audit.entries import Actor, append

from ..digests import digest
from ..identity import identity, normal_forms
from ..models import Preference
from ..selectors import history_by_marks
from .preferences import HANDS, PreferenceRefused


@transaction.atomic
def look_up_preferences(
    *,
    account_number: str = "",
    email: str = "",
    phone: str = "",
    name: str = "",
    born_on: str = "",
    actor: User,
    now: datetime,
) -> list[Preference]:
    """The records that share a mark with this person, the latest first. Raises PreferenceRefused."""
    role = next((role for role in (*HANDS, Role.MLRO) if role in roles_of(actor, now)), None)
    if role is None:
        raise PreferenceRefused(["Only the desk looks up what people asked for."])
    forms = normal_forms(account_number=account_number, email=email, phone=phone, name=name, born_on=born_on)
    if not forms:
        raise PreferenceRefused(["Give an account number, an e-mail address, a telephone, or a name with the date of birth."])  # fmt: skip
    found = history_by_marks(identity(digest, forms))
    append(event="preference.looked_up", actor=Actor(actor.ref, role), detail={"found": len(found)})
    return found
