"""What the log says of people, organisations and sign-ins."""

from audit.registry import EventSpec

EVENTS = (
    EventSpec("user.registered", changes=True, words="Person registered"),
    EventSpec("user.changed", changes=True, words="Person changed"),
    EventSpec("user.absence_recorded", changes=True, words="Absence recorded"),
    EventSpec("user.absence_ended", changes=True, words="Absence taken back"),
    EventSpec("user.password_changed", changes=True, words="Password changed"),
    EventSpec("organisation.registered", changes=True, words="Organisation registered"),
    EventSpec("organisation.changed", changes=True, words="Organisation changed"),
    EventSpec(
        "organisation.relationship_recorded", changes=True, words="Evidence of a relationship recorded"
    ),
    EventSpec("organisation.relationship_ended", changes=True, words="Relationship ended"),
    EventSpec("organisation.on_call_changed", changes=True, words="On-call list changed"),
    EventSpec("organisation.lone_release_switched", changes=True, words="Release by one person switched"),
    EventSpec("membership.granted", changes=True, words="Role given"),
    EventSpec("membership.ended", changes=True, words="Role ended"),
    EventSpec("session.started", changes=False, words="Signed in"),
    EventSpec("session.refused", changes=False, words="Sign-in refused"),
    EventSpec("session.ended", changes=False, words="Signed out"),
    EventSpec("session.revoked", changes=False, words="Session ended from another browser"),
    EventSpec("use.limited", changes=False, words="Held up: too many in a short time"),
    EventSpec("second_factor.added", changes=False, words="Second factor set up"),
    EventSpec("second_factor.removed", changes=False, words="Second factor removed"),
    EventSpec("second_factor.renewed", changes=False, words="Recovery codes renewed"),
    EventSpec("second_factor.asked", changes=False, words="Asked to confirm identity"),
    EventSpec("second_factor.confirmed", changes=False, words="Identity confirmed again"),
    EventSpec("keys.rotation_begun", changes=False, words="Rotation of the keys begun"),
    EventSpec("keys.rewrapped", changes=False, words="Keys wrapped under the newest master key"),
    EventSpec(
        "second_factor.sealed_again", changes=False, words="Second factors sealed under the newest master key"
    ),
)
