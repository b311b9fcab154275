"""What the log says of the policy."""

from audit.registry import EventSpec

EVENTS = (EventSpec("policy_version.published", changes=True, words="Policy version published"),)
