"""What the log says of the policy, and of what people asked."""

from audit.registry import EventSpec

EVENTS = (
    EventSpec("policy_version.published", changes=True, words="Policy version published"),
    EventSpec("preference.recorded", changes=True, words="Preference or objection recorded"),
    EventSpec("preference.looked_up", changes=False, words="Preferences looked up"),
    EventSpec("credit_agency.recorded", changes=True, words="Credit reference agency entered"),
    EventSpec("credit_agency.looked_up", changes=True, words="Credit reference agency looked up again"),
    EventSpec("credit_agency.ended", changes=True, words="Credit reference agency's permission ended"),
    EventSpec("terms.recorded", changes=True, words="Version of the terms entered"),
    EventSpec("terms.ended", changes=True, words="Version of the terms ended"),
)
