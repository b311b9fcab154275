"""What the company promised, and what people asked of it: policy versions, preferences and objections."""

from django.db import models
from django.db.models import F, Q

from accounts.models import Organisation, User, opaque

from .approach import Channel as ChannelCode
from .approach import Kind as KindCode
from .identity import Mark


def policy_ref() -> str:
    return opaque("p")


def preference_ref() -> str:
    return opaque("f")


def agency_ref() -> str:
    return opaque("a")


def terms_ref() -> str:
    return opaque("t")


class PolicyVersion(models.Model):
    """One version. Without the day it was posted nobody may rely on it (register S06)."""

    ref = models.CharField(max_length=20, unique=True, default=policy_ref, editable=False)
    number = models.PositiveSmallIntegerField(unique=True)
    text = models.TextField()
    text_hash = models.CharField(max_length=64, help_text="SHA-256 of the text in UTF-8, in hex.")
    url = models.URLField(blank=True)
    posted_at = models.DateTimeField(null=True)
    effective_from = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)
    changed_xid = models.BigIntegerField(default=0, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="policy_takes_effect_once_posted",
                condition=Q(effective_from=None)
                | Q(posted_at__isnull=False, effective_from__gte=F("posted_at")),
            )
        ]

    def __str__(self) -> str:
        return f"Policy version {self.number}"


class Preference(models.Model):
    """One thing somebody said about being approached, or one screening of a number; added to, never changed.

    The register knows nobody by name: whom it is about stands in keyed digests alone (`PreferenceMark`).
    No channel means every one, no company everybody. An agreement to our terms is no consent (register S24).
    """

    class Kind(models.TextChoices):
        CONSENT = KindCode.CONSENT.value, "Consent"
        OPT_OUT = KindCode.OPT_OUT.value, "Opt-out"
        OBJECTION_MARKETING = (
            KindCode.OBJECTION_MARKETING.value,
            "Objection to marketing (UK GDPR Article 21(2))",
        )
        OBJECTION = KindCode.OBJECTION.value, "Objection to sharing (UK GDPR Article 21(1))"
        OVERRULED = KindCode.OVERRULED.value, "Objection to sharing overruled, with reasons"
        OFFERED = KindCode.OFFERED.value, "Choice offered, box left alone"
        TPS_CLEAR = KindCode.TPS_CLEAR.value, "Screened: not listed with the Telephone Preference Service"
        TPS_LISTED = KindCode.TPS_LISTED.value, "Screened: listed with the Telephone Preference Service"

    class Channel(models.TextChoices):
        EMAIL = ChannelCode.EMAIL.value, "E-mail"
        SMS = ChannelCode.SMS.value, "Text message"
        CALL = ChannelCode.CALL.value, "Telephone"
        POST = ChannelCode.POST.value, "Post"

    class Source(models.TextChoices):
        WEB_CHECKBOX = "WEB_CHECKBOX", "Box on the web site"
        PREFERENCE_PAGE = "PREFERENCE_PAGE", "Preference page"
        UNSUBSCRIBE_LINK = "UNSUBSCRIBE_LINK", "Unsubscribe link in a mail"
        TELEPHONE = "TELEPHONE", "Telephone"
        LETTER = "LETTER", "Letter"
        EMAIL = "EMAIL", "E-mail"
        IN_PERSON = "IN_PERSON", "In person"
        CONTRACT = "CONTRACT", "Agreement to our terms"
        SCREENING = "SCREENING", "Screening against a list"
        DESK = "DESK", "Decided at the desk"

    ref = models.CharField(max_length=20, unique=True, default=preference_ref, editable=False)
    record_digest = models.CharField(max_length=64, unique=True, help_text="Of the source's own number.")
    content_digest = models.CharField(max_length=64)
    kind = models.CharField(max_length=20, choices=Kind)
    channel = models.CharField(max_length=5, choices=Channel, blank=True)
    company = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="+")
    said_at = models.DateTimeField()
    source = models.CharField(max_length=20, choices=Source)
    wording = models.CharField(max_length=40, blank=True, help_text="The version of the words shown.")
    policy_number = models.PositiveSmallIntegerField(null=True, help_text="The version of the policy shown.")
    recorded_at = models.DateTimeField()
    hand = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="+", help_text="Empty: imported from a file."
    )
    version = models.PositiveIntegerField(default=1)
    changed_xid = models.BigIntegerField(default=0, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="consent_names_company_and_channel",
                condition=~Q(kind="CONSENT") | (Q(company__isnull=False) & ~Q(channel="")),
            ),
            models.CheckConstraint(
                name="a_contract_is_no_consent", condition=~Q(kind="CONSENT", source="CONTRACT")
            ),
            models.CheckConstraint(
                name="said_before_it_was_recorded", condition=Q(said_at__lte=F("recorded_at"))
            ),
        ]

    def __str__(self) -> str:
        return self.ref


class PreferenceMark(models.Model):
    """What the person of a preference is known by, as a keyed digest."""

    preference = models.ForeignKey(Preference, on_delete=models.PROTECT, related_name="marks")
    mark = models.CharField(max_length=8, choices=[(mark.value, mark.value) for mark in Mark])
    digest = models.CharField(max_length=64)
    normalisation = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["preference", "mark"], name="one_digest_per_mark")]
        indexes = [models.Index(fields=["digest"], name="preference_by_digest")]

    def __str__(self) -> str:
        return f"{self.mark} of {self.preference_id}"


class CreditAgency(models.Model):
    """A credit reference agency and its permission, as it was last looked up (policy S23)."""

    ref = models.CharField(max_length=20, unique=True, default=agency_ref, editable=False)
    name = models.CharField(max_length=160)
    firm_number = models.CharField(max_length=7, unique=True, help_text="In the Financial Services Register.")
    permission = models.CharField(max_length=160, help_text="As the register words it.")
    looked_up_on = models.DateField(help_text="The day on which the register was last read.")
    looked_up_by = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="+", help_text="Empty: at set-up."
    )
    ended_on = models.DateField(null=True, help_text="The last day of its permission.")
    version = models.PositiveIntegerField(default=1)
    changed_xid = models.BigIntegerField(default=0, editable=False)

    def __str__(self) -> str:
        return self.name


class TermsVersion(models.Model):
    """One version of the terms of business, and whether it holds the clause on credit checks."""

    ref = models.CharField(max_length=20, unique=True, default=terms_ref, editable=False)
    name = models.CharField(max_length=80, unique=True)
    effective_from = models.DateField()
    effective_until = models.DateField(null=True, help_text="Its last day.")
    has_credit_clause = models.BooleanField()
    clause = models.CharField(max_length=120, blank=True, help_text="Where the clause stands.")
    version = models.PositiveIntegerField(default=1)
    changed_xid = models.BigIntegerField(default=0, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="terms_end_after_they_begin",
                condition=Q(effective_until=None) | Q(effective_until__gte=F("effective_from")),
            ),
            models.CheckConstraint(
                name="a_clause_stands_somewhere", condition=Q(has_credit_clause=False) | ~Q(clause="")
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PolicyClause(models.Model):
    """What one version of the policy says of a purpose, a category or a source, and where it says so.

    `stands_above`: above the disclosure clause, which opens to related companies what stands above it and
    nothing else; of categories and sources it is empty.
    """

    class Register(models.TextChoices):
        PURPOSE = "PURPOSE", "Purpose"
        CATEGORY = "CATEGORY", "Category of information"
        SOURCE = "SOURCE", "Source of information"

    policy = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="clauses")
    register = models.CharField(max_length=8, choices=Register)
    code = models.CharField(max_length=20)
    clause = models.CharField(max_length=160)
    stands_above = models.BooleanField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["policy", "register", "code"], name="one_clause_per_code"),
            models.CheckConstraint(
                name="a_purpose_stands_above_or_below",
                condition=Q(register="PURPOSE", stands_above__isnull=False)
                | (~Q(register="PURPOSE") & Q(stands_above=None)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} in version {self.policy_id}"
