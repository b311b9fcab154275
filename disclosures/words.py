"""What people read about a step: its button, what it does, and what it is called once it was taken."""

from collections.abc import Mapping
from typing import NamedTuple

from .states import Action as A
from .states import Kind, Outcome

KIND_WORDS: Mapping[str, str] = {
    "": "Unsorted",
    Kind.GROUP: "Group company",
    Kind.POLICE: "Police",
    Kind.AML: "Money laundering",
}

OUTCOME_WORDS: Mapping[str, str] = {
    Outcome.DISCLOSED_FULL: "Disclosed in full",
    Outcome.DISCLOSED_PART: "Disclosed in part",
    Outcome.REFUSED: "Refused",
    Outcome.NO_DATA_HELD: "Nothing held",
    Outcome.NCND: "Neither confirmed nor denied",
    Outcome.TRANSFERRED: "Transferred",
    Outcome.WITHDRAWN: "Withdrawn",
    Outcome.EXPIRED: "Expired",
    Outcome.DUPLICATE: "Duplicate",
    Outcome.NOT_PERSONAL_DATA: "No personal data asked for",
    Outcome.UPHELD: "Upheld",
}


class StepWords(NamedTuple):
    """`button` may name the items ({items}); `happens` are the consequences, a sentence each.

    `reason` is the question asked where a step needs its reason, `done` the entry in the history.
    """

    button: str
    happens: tuple[str, ...]
    done: str
    reason: str = "The reason"


DECIDES = "It counts as a deciding act of yours: another act that decides must be somebody else's."
NOTHING_LEAVES = "Nothing goes to the requester by this."
ENDED = "Work on it stops, and so does the clock for the answer."

STEP_WORDS: Mapping[A, StepWords] = {
    A.SUBMIT: StepWords(
        "Submit to triage",
        ("The request goes to triage, where a handler reads it against the form.", NOTHING_LEAVES),
        "Submitted to triage",
    ),
    A.RESUBMIT: StepWords(
        "Send to triage again",
        ("The clock goes on from today, and triage reads it again.", NOTHING_LEAVES),
        "Sent to triage again",
    ),
    A.ACCEPT: StepWords(
        "Accept for verification",
        ("It is taken on under the instrument recorded.", "Next the officer is rung back.", NOTHING_LEAVES),
        "Accepted for verification",
    ),
    A.RETURN: StepWords(
        "Send back for information",
        (
            "Our own clock pauses until the information is here; a date set by law or by an order does not.",
            "The requester hears of it by your letter, which you write next.",
        ),
        "Sent back for information",
        "What is missing",
    ),
    A.TRANSFER: StepWords(
        "Transfer to another body",
        (ENDED, "Tell the requester where it went: nothing is sent by itself."),
        "Transferred to another body",
        "To whom it goes, and why",
    ),
    A.WITHDRAW: StepWords(
        "Record that it was withdrawn",
        (ENDED, "It cannot be taken up again; a new request would be needed."),
        "Withdrawn",
        "Who withdrew it, how and why",
    ),
    A.EXPIRE: StepWords("Expire", (ENDED,), "Expired: the instrument had ended"),
    A.EXPIRE_BY_HAND: StepWords(
        "Record that it has expired",
        (ENDED, "It cannot be taken up again; a new instrument would be needed."),
        "Recorded as expired",
    ),
    A.CONFIRM: StepWords(
        "Confirm the requester",
        (
            "You confirm that the requester is who they say they are.",
            "Review begins, and the data holders can be asked to search.",
            DECIDES,
        ),
        "Requester confirmed",
    ),
    A.PROPOSE: StepWords(
        "Propose this answer",
        (
            "The decisions, the recipient and the letter stand as one proposal; a later change voids it.",
            "Another person approves it or sends it back.",
            NOTHING_LEAVES,
            DECIDES,
        ),
        "Answer proposed",
    ),
    A.PROPOSE_REFUSAL: StepWords(
        "Propose to refuse it",
        (
            "The refusal and its letter stand as one proposal; a later change voids it.",
            "Another person approves it or sends it back.",
            NOTHING_LEAVES,
            DECIDES,
        ),
        "Refusal proposed",
    ),
    A.SEND_BACK: StepWords(
        "Send back to review",
        ("The proposal falls, and the second signature with it.", "The handler proposes again."),
        "Sent back to review",
        "What has to change",
    ),
    A.SEND_BACK_TO_TRIAGE: StepWords(
        "Send back to triage",
        (
            "What was proposed or approved falls: the requester is not verified.",
            "Triage decides how it goes on.",
        ),
        "Sent back to triage",
        "What has to change",
    ),
    A.CONCUR: StepWords(
        "Sign as second approver",
        (
            "Your signature stands under exactly this proposal.",
            "A colleague still has to approve it.",
            DECIDES,
        ),
        "Signed by a second approver",
    ),
    A.APPROVE_RELEASE: StepWords(
        "Approve release of {items}",
        (
            "Exactly what stands here may leave: these items, this recipient, this letter.",
            "A release officer sends it; the requester hears of it by the letter.",
            DECIDES,
        ),
        "Release approved",
    ),
    A.APPROVE_REFUSAL: StepWords(
        "Approve the refusal",
        (
            "The clock stops.",
            "A release officer sends the letter; the requester hears of it by that.",
            DECIDES,
        ),
        "Refusal approved",
    ),
    A.APPROVE_NIL: StepWords(
        "Approve the answer that nothing is held",
        ("A release officer sends the letter; the requester hears of it by that.", DECIDES),
        "Answer approved: nothing is held",
    ),
    A.VOID_APPROVAL: StepWords(
        "Take the approval back",
        ("It goes back to review and must be proposed and approved again.", NOTHING_LEAVES),
        "Approval taken back",
    ),
    A.OBJECTED: StepWords(
        "Take back for an objection",
        ("It goes back to review without the person who objected.", NOTHING_LEAVES),
        "Taken back: somebody to be disclosed has objected",
    ),
    A.START_RELEASE: StepWords(
        "Begin the release",
        (
            "The letter can be printed and sent. Record it as sent once it has left.",
            "Until then it can be undone.",
        ),
        "Release begun",
    ),
    A.UNDO_RELEASE: StepWords(
        "Undo the release",
        ("The letter is held back; the approval stays.", NOTHING_LEAVES),
        "Release undone before anything left",
    ),
    A.UNDO_NIL: StepWords(
        "Undo the sending",
        ("The letter is held back; the approval stays.", NOTHING_LEAVES),
        "Sending undone before anything left",
    ),
    A.RECORD_SENT: StepWords(
        "Record the letter as sent", ("The request is answered and its clock stops.",), "Letter sent"
    ),
    A.CLOSE: StepWords(
        "Close the request",
        ("Nothing more is done with it.", "Only an internal review or a wrong release opens it again."),
        "Closed",
    ),
    A.PROPOSE_EMERGENCY: StepWords(
        "Propose an emergency release",
        (
            "Another person must make the release; one of you two must be an approver.",
            NOTHING_LEAVES,
            DECIDES,
        ),
        "Emergency release proposed",
    ),
    A.STAND_DOWN: StepWords(
        "Stand the emergency down",
        ("It goes back to triage and is worked in the ordinary way.",),
        "Emergency stood down",
    ),
    A.RELEASE_EMERGENCY: StepWords(
        "Make the emergency release",
        (
            "The minimum may now be read out on the call-back line.",
            "The written form must follow, and a third person ratifies the release.",
            DECIDES,
        ),
        "Emergency release made",
    ),
    A.RELEASE_ALONE: StepWords(
        "Make the emergency release alone",
        (
            "The minimum may now be read out on the call-back line, on your decision alone.",
            "The written form must follow, and another person ratifies the release.",
            DECIDES,
        ),
        "Emergency release made by one person",
    ),
    A.RECORD_PAPER: StepWords(
        "Record that the written form has come",
        ("A third person is asked to ratify the release.",),
        "Written form received",
    ),
    A.RATIFY: StepWords(
        "Ratify the emergency release",
        ("The release is confirmed in writing, and the request is closed.", DECIDES),
        "Emergency release ratified",
    ),
    A.REFUSE_RATIFICATION: StepWords(
        "Refuse to ratify",
        ("It is assessed as a breach, and the clock of 72 hours starts now.", DECIDES),
        "Ratification refused",
    ),
    A.PAPER_NEVER_CAME: StepWords(
        "Record that no written form came",
        ("It is assessed as a breach, and the clock of 72 hours starts now.",),
        "No written form came",
    ),
    A.NOT_RATIFIED_IN_TIME: StepWords(
        "Record that it was not ratified in time",
        ("It is assessed as a breach, and the clock of 72 hours starts now.",),
        "Not ratified in time",
    ),
    A.REPORT_WRONG_RELEASE: StepWords(
        "Report a wrong release",
        (
            "It is assessed as a breach, and the clock of 72 hours starts now.",
            "Ask the recipient at once to delete what they got.",
        ),
        "Wrong release reported",
        "What went wrong",
    ),
    A.CONCLUDE_BREACH: StepWords(
        "Conclude the breach assessment",
        ("The request is closed.",),
        "Breach assessment concluded",
        "What was found, and whether it was reported",
    ),
    A.APPEAL: StepWords(
        "Record a request for internal review",
        ("A new clock starts.", "Somebody who decided nothing so far reviews it."),
        "Internal review asked for",
        "What the requester objects to",
    ),
    A.UPHOLD: StepWords(
        "Uphold the decision",
        ("The request is closed with the decision as it was.", DECIDES),
        "Decision upheld",
    ),
    A.OVERTURN: StepWords(
        "Overturn the decision",
        ("It goes back to review and must be proposed and approved again.", DECIDES),
        "Decision overturned",
    ),
}
