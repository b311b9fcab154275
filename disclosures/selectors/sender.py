"""What the register says of a sender's address. A match is necessary and never sufficient."""

from accounts.models import Organisation, OrganisationDomain

CJSM = ".cjsm.net"


def about_the_sender(address: str, body: Organisation | None) -> str:
    """One sentence on the domain of an address, compared on whole labels (DOMAIN G.3)."""
    _, at, domain = address.strip().lower().rpartition("@")
    if not at or not domain:
        return "The form gives no e-mail address, so there is nothing to compare."
    if not domain.isascii():
        return "The address has letters that only look like ours. Treat it as somebody else's."
    domain = domain.removesuffix(CJSM)
    known = (
        OrganisationDomain.objects.filter(organisation=body) if body else OrganisationDomain.objects.none()
    )
    for row in known.order_by("domain"):
        if domain == row.domain or domain.endswith(f".{row.domain}"):
            return _match(row)
    return f"{domain} is not in the register for this body. Find out why before you go on."


def _match(row: OrganisationDomain) -> str:
    if row.legacy:
        return f"{row.domain} is in the register as an address that is no longer used. Do not accept it by itself."
    certainty = row.get_certainty_display()
    return f"{row.domain} is in the register for this body ({certainty[0].lower()}{certainty[1:]})."
