"""Rules of time as open data: a code, a number, a scheme. The law adds codes, not columns."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class RuleCode(StrEnum):
    WN = "WN"  # the n-th working day strictly after the start
    SLA = "SLA"  # the same count behind the house's receipt rule; the only one that pauses
    ON_INSTR = "ON_INSTR"  # the date that the instrument states
    NO_DATE = "NO_DATE"  # compulsory, no date stated: today, until a person sets a working date
    IMM = "IMM"  # at once, on execution
    CI = "CI"  # n calendar days, the start day counting as day 1
    CX = "CX"  # n calendar days after the start day
    MIN_WN = "MIN_WN"  # the issuer's date, which may not be sooner than n working days
    MAX_CI = "MAX_CI"  # the issuer's date, which may not lie beyond n calendar days, the start day counting as day 1
    MB = "MB"  # n months beginning with the start day
    MONTH = "MONTH"  # n months from the start day, on to the next working day: UK GDPR Article 12
    HOURS = "HOURS"  # elapsed hours; no calendar, no cut-off


PAUSABLE = (RuleCode.SLA,)
BOUNDS = (RuleCode.MIN_WN, RuleCode.MAX_CI)
STATED = (RuleCode.ON_INSTR, *BOUNDS)


class Purpose(StrEnum):
    ANSWER = "ANSWER"
    EMERGENCY_DECISION = "EMERGENCY_DECISION"
    EMERGENCY_RELEASE = "EMERGENCY_RELEASE"
    RATIFICATION = "RATIFICATION"
    BREACH_72H = "BREACH_72H"
    NOTICE_PERIOD = "NOTICE_PERIOD"
    MORATORIUM = "MORATORIUM"
    JOINT_REPORT = "JOINT_REPORT"
    LATER_MATERIAL = "LATER_MATERIAL"
    LATER_HAND_OVER = "LATER_HAND_OVER"
    REVIEW_REQUEST = "REVIEW_REQUEST"


PURPOSE_WORDS: dict[Purpose, str] = {
    Purpose.ANSWER: "Answer",
    Purpose.EMERGENCY_DECISION: "Emergency decision",
    Purpose.EMERGENCY_RELEASE: "Emergency release",
    Purpose.RATIFICATION: "Ratification",
    Purpose.BREACH_72H: "Breach report (72 hours)",
    Purpose.NOTICE_PERIOD: "Notice period",
    Purpose.MORATORIUM: "Moratorium",
    Purpose.JOINT_REPORT: "Joint disclosure report",
    Purpose.LATER_MATERIAL: "Material not yet held",
    Purpose.LATER_HAND_OVER: "Handing over what came in later",
    Purpose.REVIEW_REQUEST: "Asking for a review",
}


# Other people's time: while it runs we wait, and nothing of ours is due.
WAITING_PURPOSES = (Purpose.NOTICE_PERIOD, Purpose.MORATORIUM)
# A window: something may come in while it is open, or we may ask for something. Nothing is late when it has ended.
WINDOW_PURPOSES = (Purpose.LATER_MATERIAL, Purpose.REVIEW_REQUEST)
# None of these sets the request's own day, is overdue, or was missed; what they end with is news and no breach.
NEVER_OVERDUE = (*WAITING_PURPOSES, *WINDOW_PURPOSES)
EMERGENCY_PURPOSES = (Purpose.EMERGENCY_DECISION, Purpose.EMERGENCY_RELEASE)


class EventKind(StrEnum):
    RECEIVED = "RECEIVED"
    PAUSED = "PAUSED"
    RESUMED = "RESUMED"
    WORKING_DATE = "WORKING_DATE"
    EXTENDED = "EXTENDED"
    UNDONE = "UNDONE"
    STOPPED = "STOPPED"


# What stopped a clock, where that says more than that it stopped.
STOP_WORDS: dict[str, str] = {
    "CONSENT_GIVEN": "consent was given; nobody waits any longer",
    "CONSENT_REFUSED": "consent was refused",
    "WAIT_ENDED": "it had ended before consent was asked for anew",
    "COVERS_HELD": "the order covers only what we hold",
    "HANDED_OVER": "it was handed over",
    "CAME_IN": "the constable had been notified of something before: that is due first",
    "REVIEW_ASKED": "a review was asked for; from its outcome the time begins anew",
    "CONSENT_REFUSED_TACT": "consent was refused under the Terrorism Act 2000; there is no moratorium, and no day makes it allowed",
}
EVENT_WORDS: dict[EventKind, str] = {
    EventKind.RECEIVED: "Received",
    EventKind.PAUSED: "Paused",
    EventKind.RESUMED: "Resumed",
    EventKind.WORKING_DATE: "Working date set",
    EventKind.EXTENDED: "Extended",
    EventKind.UNDONE: "Extension undone",
    EventKind.STOPPED: "Stopped",
}


class Threshold(StrEnum):
    HALF = "HALF"
    THREE_QUARTERS = "THREE_QUARTERS"
    LAST_DAY = "LAST_DAY"
    OVERDUE = "OVERDUE"
    EMERGENCY = "EMERGENCY"
    PAPER = "PAPER"  # after an emergency release: the written form has not come


# What a reminder says; whom it reaches is a rung of the ladder, which is data (catalogue/ladders.toml).
REMINDER_WORDS: dict[Threshold, str] = {
    Threshold.HALF: "half of its time has passed",
    Threshold.THREE_QUARTERS: "three quarters of its time have passed",
    Threshold.LAST_DAY: "this is its last working day",
    Threshold.OVERDUE: "is overdue",
    Threshold.EMERGENCY: "an emergency is still waiting",
}
WAITING_WORDS: dict[Threshold, str] = {
    Threshold.HALF: "half of it has passed",
    Threshold.THREE_QUARTERS: "three quarters of it have passed",
    Threshold.LAST_DAY: "this is its last working day",
    Threshold.OVERDUE: "has ended",
}


def reminder_words(threshold: Threshold, purpose: Purpose) -> str:
    return (WAITING_WORDS if purpose in NEVER_OVERDUE else REMINDER_WORDS)[threshold]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """`scheme` names the calendar: EW, SC, NI, or UK for a day that works in every part of it."""

    code: str
    scheme: str
    n: int | None = None
    stated_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class Event:
    """`at` is aware; `on` is the London day that a WORKING_DATE or EXTENDED event sets.

    `extension` names the extension that an EXTENDED event gives and an UNDONE event takes back; `reason` why it STOPPED.
    """

    kind: str
    at: datetime
    on: date | None = None
    extension: int | None = None
    reason: str = ""
