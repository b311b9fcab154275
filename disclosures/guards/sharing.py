"""Objections to sharing in the regulated sector: POCA 2002 s.339ZB to 339ZG, TACT 2000 s.21CA to 21CF."""

from ..facts import Facts


def agency_was_notified(facts: Facts) -> str | None:
    """Before anything is shared, or the protection of the section is lost (s.339ZB(4))."""
    if not _shares(facts) or facts.agency.notified_on:
        return None
    return (
        "Sharing is protected only where the National Crime Agency was notified before anything is shared, and no "
        "notification is recorded. The nominated officer or the head of legal records it under “Notices to the agency”."
    )


def joint_report_was_made(facts: Facts) -> str | None:
    """The report follows in the time the agency set, otherwise within 84 days (s.339ZD)."""
    if not _shares(facts) or facts.agency.reported_on or not facts.agency.notified_on:
        return None
    return (
        f"The joint disclosure report is due on {facts.agency.report_due_on}, and nothing says that it was made. Record it "
        "under “Notices to the agency”, or that the agency was told there will be none."
    )


def _shares(facts: Facts) -> bool:
    return facts.instrument is not None and facts.instrument.notifies_agency and facts.disclosed > 0
