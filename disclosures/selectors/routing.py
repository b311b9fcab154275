"""What decides whether a request can be worked here at all: the company, the body, the house's own switches."""

from collections.abc import Sequence

from django.utils.timezone import localdate

from accounts.models import CompanyProfile, Organisation

from ..catalogue import Addressees, Tests
from ..catalogue import Instrument as Terms
from ..facts import RoutingFacts
from ..models import Assessment, Opinion, Request
from .standing import why_switched_off

# The company's own answers at set-up, by whom an instrument binds.
ANSWERS = {
    Addressees.FINANCIAL_INSTITUTION: "is_financial_institution",
    Addressees.REGULATED_SECTOR: "is_regulated_sector",
    Addressees.TELECOMS_OPERATOR: "is_telecoms_operator",
}


def routing_facts(
    request: Request, terms: Terms | None, assessment: Assessment | None, opinions: Sequence[Opinion]
) -> RoutingFacts:
    """From rows that are read anyway; `opinions` come oldest first."""
    compulsory = assessment is not None and assessment.tests == Tests.COMPULSORY
    answer = assessment.excluded_material if assessment else None
    return RoutingFacts(
        company_is=what_the_company_is(),
        switched_off=why_switched_off(terms.code) if terms else "",
        body_is_abroad=request.body is not None and request.body.nation == Organisation.Nation.ABROAD,
        privilege_excluded=assessment.privilege_excluded if assessment else None,
        excluded_asked=not compulsory or answer is not None,
        excluded_material=answer,
        counsel_since=assessment is not None and _counsel_since(assessment, opinions),
    )


def _counsel_since(assessment: Assessment, opinions: Sequence[Opinion]) -> bool:
    """Counsel's latest advice counts. What was advised before the answer was known is not about it."""
    advice = [row for row in opinions if row.by_role == Opinion.By.COUNSEL][-1:]
    return any(
        row.in_favour
        and row.given_at > assessment.recorded_at
        and row.advised_on is not None
        and row.advised_on >= localdate(assessment.recorded_at)
        for row in advice
    )


def what_the_company_is() -> frozenset[Addressees]:
    """Whom among the addressees of the law the company counts among; nothing but anybody before set-up."""
    profile = CompanyProfile.objects.filter(organisation__kind=Organisation.Kind.CONTROLLER).first()
    held = {whom for whom, answer in ANSWERS.items() if profile is not None and getattr(profile, answer)}
    return frozenset({Addressees.ANYBODY, *held})
