"""Every change of people, organisations and roles: one transaction, one new version, one entry in the log.

`actor` is the administrator who does it, or None for set-up from the command line. Whoever is no
administrator now is refused (`Refused`), and so is what would let one person make the rules alone.
"""

from .absences import record_absence, take_back_absence
from .bodies import Loaded, load_bodies
from .common import Refused, register_keeper, seen
from .credentials import (
    add_second_factor,
    change_password,
    one_time_password,
    remove_second_factor,
    set_new_password,
)
from .guests import invite_guest_approver
from .memberships import end_membership, grant_membership
from .on_call import allow_lone_release, put_on_call, take_off_call
from .organisations import MailDomain, Profile, change_organisation, register_organisation
from .people import change_user, register_user
from .relationships import end_relationship, record_relationship
from .set_up import Newcomer, set_up_company

__all__ = [
    "Loaded",
    "MailDomain",
    "Newcomer",
    "Profile",
    "Refused",
    "add_second_factor",
    "allow_lone_release",
    "change_organisation",
    "change_password",
    "change_user",
    "end_membership",
    "end_relationship",
    "grant_membership",
    "invite_guest_approver",
    "load_bodies",
    "one_time_password",
    "put_on_call",
    "record_absence",
    "record_relationship",
    "register_keeper",
    "register_organisation",
    "register_user",
    "remove_second_factor",
    "seen",
    "set_new_password",
    "set_up_company",
    "take_back_absence",
    "take_off_call",
]
