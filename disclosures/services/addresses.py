"""What is kept of an address in clear: its standing against the register, and blind indexes to compare it by."""

from ..models import Officer, Request
from ..selectors.anomalies import index_of
from ..selectors.facts_of_requester import domains_index
from ..selectors.sender import judged
from .intake import OfficerInput


def judge_officer(*, row: Officer, given: OfficerInput) -> None:
    """Called before the row is saved; a company's own people are known by their account, not by their mailbox."""
    request = row.request
    if not request.own_submission:
        row.standing = judged(given.email, request.body).standing
    row.email_index = index_of("email_index", given.email, restricted=request.restricted)
    row.number_index = index_of("number_index", given.number, restricted=request.restricted)


def judge_return_address(request: Request, address: str) -> list[str]:
    """Sets the columns and returns their names."""
    verdict = judged(address, request.body)
    request.return_standing = verdict.standing
    request.return_domains = (
        domains_index(verdict.domain, restricted=request.restricted) if verdict.domain else []
    )
    return ["return_standing", "return_domains"]
