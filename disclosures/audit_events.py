"""What this app writes into the log. Names are never reused with another meaning."""

from audit.registry import EventSpec

EVENTS = (
    EventSpec("request.recorded", changes=True, words="Request recorded"),
    EventSpec("request.amended", changes=True, words="Request corrected"),
    EventSpec("request.step_taken", changes=True, words="Step taken"),
    EventSpec("request.step_denied", changes=False, words="Step refused"),
    EventSpec("request.viewed", changes=False, words="Request opened"),
    EventSpec("request.assigned", changes=True, words="Request assigned"),
    EventSpec("member.added", changes=True, words="Named to the restricted request"),
    EventSpec("member.ended", changes=True, words="Taken out of the restricted request"),
    EventSpec("request.restricted", changes=True, words="Request restricted"),
    EventSpec("request.opened", changes=True, words="Restricted request opened at triage"),
    EventSpec("person.excluded", changes=True, words="Person excluded"),
    EventSpec("evidence.recorded", changes=True, words="Check of the requester recorded"),
    EventSpec("search.asked", changes=True, words="Search asked for"),
    EventSpec("search.viewed", changes=False, words="Search task opened"),
    EventSpec("search.recorded", changes=True, words="Search answered"),
    EventSpec("tests.recorded", changes=True, words="Tests answered"),
    EventSpec("opinion.recorded", changes=True, words="Opinion recorded"),
    EventSpec("items.decided", changes=True, words="Items decided"),
    EventSpec("letter.prepared", changes=True, words="Letter prepared"),
    EventSpec("letter.sent", changes=True, words="Letter recorded as sent"),
    EventSpec("letter_wording.changed", changes=True, words="Text of a letter changed"),
    EventSpec("on_call.rung", changes=True, words="Somebody on call rung"),
    EventSpec("document.attached", changes=True, words="Document attached"),
    EventSpec("document.downloaded", changes=False, words="Document downloaded"),
    EventSpec("record.exported", changes=False, words="Decision record taken along"),
    EventSpec("correspondence.recorded", changes=True, words="Call, letter or mail recorded"),
    EventSpec("comment.written", changes=True, words="Comment written"),
    EventSpec("request.linked", changes=True, words="Linked to another request"),
    EventSpec("access.missed", changes=False, words="Asked for something that is not there"),
    EventSpec("holiday.changed", changes=True, words="Bank holiday changed"),
    EventSpec("holidays.fetched", changes=True, words="List of bank holidays fetched"),
    EventSpec("calendar.run_moved_on", changes=True, words="Recalculation of the open deadlines"),
    EventSpec(
        "deadline.recalculated", changes=True, words="Deadline counted again: the bank holidays changed"
    ),
)
