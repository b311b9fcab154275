"""What decides whether a request can be worked here at all: the company, the body, the house's own switches."""

from accounts.models import CompanyProfile, Organisation

from ..catalogue import Addressees
from ..catalogue import Instrument as Terms
from ..facts import RoutingFacts
from ..models import Assessment, Request
from .standing import why_switched_off

# The company's own answers at set-up, by whom an instrument binds.
ANSWERS = {
    Addressees.FINANCIAL_INSTITUTION: "is_financial_institution",
    Addressees.REGULATED_SECTOR: "is_regulated_sector",
    Addressees.TELECOMS_OPERATOR: "is_telecoms_operator",
}


def routing_facts(request: Request, terms: Terms | None, assessment: Assessment | None) -> RoutingFacts:
    return RoutingFacts(
        company_is=what_the_company_is(),
        switched_off=why_switched_off(terms.code) if terms else "",
        body_is_abroad=request.body is not None and request.body.nation == Organisation.Nation.ABROAD,
        privilege_excluded=assessment.privilege_excluded if assessment else None,
    )


def what_the_company_is() -> frozenset[Addressees]:
    """Whom among the addressees of the law the company counts among; nothing but anybody before set-up."""
    profile = CompanyProfile.objects.filter(organisation__kind=Organisation.Kind.CONTROLLER).first()
    held = {whom for whom, answer in ANSWERS.items() if profile is not None and getattr(profile, answer)}
    return frozenset({Addressees.ANYBODY, *held})
