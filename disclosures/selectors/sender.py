"""What the register says of a sender's address. A match is necessary and never sufficient."""

from accounts.bodies.addresses import Verdict, judge, words
from accounts.models import Organisation
from accounts.selectors import listed_domains


def judged(address: str, body: Organisation | None) -> Verdict:
    """The standing of the address for this body, against the register as it is now."""
    own, others = listed_domains(body)
    return judge(address, own=own, others=others)


def about_the_sender(address: str, body: Organisation | None) -> str:
    """One sentence on the domain of an address."""
    return words(judged(address, body), body.name if body else "")
