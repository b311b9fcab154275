"""What the log says of itself."""

from .registry import EventSpec

EVENTS = (
    EventSpec("log.heartbeat", changes=False, words="Heartbeat of the log"),
    EventSpec("log.viewed", changes=False, words="Log read"),
    EventSpec("log.exported", changes=False, words="Page of the log taken along as a file"),
    EventSpec("log.refused", changes=False, words="Page of the log asked for in vain"),
    EventSpec("clearance.given", changes=True, words="Reader cleared for the sealed log"),
    EventSpec("clearance.ended", changes=True, words="Clearance for the sealed log ended early"),
    EventSpec("log.copy_left", changes=False, words="Checkpoint left the house"),
    EventSpec("log.verification_asked", changes=False, words="Verification of the log asked for"),
    EventSpec("log.verified", changes=False, words="Log verified"),
)
