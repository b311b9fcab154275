"""Stored words of the workflow. They are never renamed: rows and the log keep them."""

from enum import StrEnum


class State(StrEnum):
    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    RETURNED = "RETURNED"
    VERIFYING = "VERIFYING"
    IN_REVIEW = "IN_REVIEW"
    PENDING_APPROVAL = "PENDING_APPROVAL"
    APPROVED = "APPROVED"
    REFUSED = "REFUSED"
    NO_DATA = "NO_DATA"
    TRANSFERRED = "TRANSFERRED"
    WITHDRAWN = "WITHDRAWN"
    EXPIRED = "EXPIRED"
    RELEASING = "RELEASING"
    RELEASED = "RELEASED"
    EMERGENCY_PENDING = "EMERGENCY_PENDING"
    EMERGENCY_RELEASED = "EMERGENCY_RELEASED"
    AWAITING_RATIFICATION = "AWAITING_RATIFICATION"
    BREACH_ASSESSMENT = "BREACH_ASSESSMENT"
    UNDER_APPEAL = "UNDER_APPEAL"
    CLOSED = "CLOSED"


STATE_WORDS: dict[State, str] = {
    State.DRAFT: "Draft",
    State.SUBMITTED: "Submitted",
    State.RETURNED: "Returned for information",
    State.VERIFYING: "Being verified",
    State.IN_REVIEW: "In review",
    State.PENDING_APPROVAL: "Waiting for approval",
    State.APPROVED: "Approved",
    State.REFUSED: "Refused",
    State.NO_DATA: "No data held",
    State.TRANSFERRED: "Transferred",
    State.WITHDRAWN: "Withdrawn",
    State.EXPIRED: "Expired",
    State.RELEASING: "Being sent",
    State.RELEASED: "Answered",
    State.EMERGENCY_PENDING: "Emergency, waiting for the second person",
    State.EMERGENCY_RELEASED: "Emergency release made",
    State.AWAITING_RATIFICATION: "Waiting for ratification",
    State.BREACH_ASSESSMENT: "Breach assessment",
    State.UNDER_APPEAL: "Under internal review",
    State.CLOSED: "Closed",
}


class Action(StrEnum):
    SUBMIT = "SUBMIT"
    ACCEPT = "ACCEPT"
    RETURN = "RETURN"
    RESUBMIT = "RESUBMIT"
    TRANSFER = "TRANSFER"
    WITHDRAW = "WITHDRAW"
    EXPIRE = "EXPIRE"
    EXPIRE_BY_HAND = "EXPIRE_BY_HAND"
    CONFIRM = "CONFIRM"
    PROPOSE = "PROPOSE"
    PROPOSE_REFUSAL = "PROPOSE_REFUSAL"
    SEND_BACK = "SEND_BACK"
    SEND_BACK_TO_TRIAGE = "SEND_BACK_TO_TRIAGE"
    CONCUR = "CONCUR"
    APPROVE_RELEASE = "APPROVE_RELEASE"
    APPROVE_REFUSAL = "APPROVE_REFUSAL"
    APPROVE_NIL = "APPROVE_NIL"
    VOID_APPROVAL = "VOID_APPROVAL"
    OBJECTED = "OBJECTED"
    START_RELEASE = "START_RELEASE"
    UNDO_RELEASE = "UNDO_RELEASE"
    UNDO_NIL = "UNDO_NIL"
    RECORD_SENT = "RECORD_SENT"
    CLOSE = "CLOSE"
    PROPOSE_EMERGENCY = "PROPOSE_EMERGENCY"
    STAND_DOWN = "STAND_DOWN"
    RELEASE_EMERGENCY = "RELEASE_EMERGENCY"
    RELEASE_ALONE = "RELEASE_ALONE"
    RECORD_PAPER = "RECORD_PAPER"
    RATIFY = "RATIFY"
    REFUSE_RATIFICATION = "REFUSE_RATIFICATION"
    PAPER_NEVER_CAME = "PAPER_NEVER_CAME"
    NOT_RATIFIED_IN_TIME = "NOT_RATIFIED_IN_TIME"
    REPORT_WRONG_RELEASE = "REPORT_WRONG_RELEASE"
    CONCLUDE_BREACH = "CONCLUDE_BREACH"
    APPEAL = "APPEAL"
    UPHOLD = "UPHOLD"
    OVERTURN = "OVERTURN"


class Perm(StrEnum):
    """Object permissions on a request. The codenames of the grant tables come from here alone."""

    VIEW = "see_request"
    EDIT = "edit_request"
    SUBMIT = "submit_request"
    TRIAGE = "triage_request"
    VERIFY = "verify_request"
    REVIEW = "review_request"
    PROPOSE = "propose_outcome"
    APPROVE = "approve_outcome"
    ADVISE = "advise_on_request"
    RELEASE = "release_answer"
    CLOSE = "close_request"
    WITHDRAW = "withdraw_request"
    EXPIRE = "expire_request"
    EMERGENCY = "act_in_emergency"
    RATIFY = "ratify_emergency"
    BREACH = "assess_breach"
    APPEAL = "record_appeal"
    DECIDE_APPEAL = "decide_appeal"
    ASSIGN = "assign_request"
    EXCLUDE = "exclude_person"
    RESTRICT = "restrict_request"
    SEARCH = "search_for_request"
    KEEP = "keep_for_request"
    CORRESPOND = "record_correspondence"
    RECORD = "put_on_file"
    TIME = "move_deadline"
    FOLLOW = "follow_request"  # the company's own view of its own request
    COMPOSE = "compose_request"
    SYSTEM = "system_only"  # granted to nobody, ever


class Kind(StrEnum):
    GROUP = "G"
    POLICE = "P"
    AML = "A"


class Outcome(StrEnum):
    """What came of it: derived from the item decisions, never picked by hand."""

    DISCLOSED_FULL = "DISCLOSED_FULL"
    DISCLOSED_PART = "DISCLOSED_PART"
    REFUSED = "REFUSED"
    NO_DATA_HELD = "NO_DATA_HELD"
    NCND = "NCND"
    TRANSFERRED = "TRANSFERRED"
    WITHDRAWN = "WITHDRAWN"
    EXPIRED = "EXPIRED"
    DUPLICATE = "DUPLICATE"
    NOT_PERSONAL_DATA = "NOT_PERSONAL_DATA"
    UPHELD = "UPHELD"
