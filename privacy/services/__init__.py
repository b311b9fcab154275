"""Every change of what the company promised and of what people asked of it: one transaction, one entry."""

from .credit import end_terms, look_agency_up_again, record_agency, record_terms
from .looking import look_up_preferences
from .policy import Clause, PolicyRefused, publish_policy
from .preferences import PreferenceInput, PreferenceRefused, record_preference

__all__ = [
    "Clause",
    "PolicyRefused",
    "PreferenceInput",
    "PreferenceRefused",
    "end_terms",
    "look_agency_up_again",
    "look_up_preferences",
    "publish_policy",
    "record_agency",
    "record_preference",
    "record_terms",
]
