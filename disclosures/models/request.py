"""A request: somebody asks for somebody's personal information. Everything else hangs on it."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from sealing.fields import SealedField, SealedModel
from sealing.models import DataKey

from ..states import STATE_WORDS, Kind, Outcome, Perm, State
from ..workflow import KINDLESS_STATES


class Channel(models.TextChoices):
    SECURE_MAIL = "SECURE_MAIL", "Secure e-mail"
    MAIL = "MAIL", "E-mail"
    PORTAL = "PORTAL", "The company's own account here"
    POST = "POST", "Post"
    TELEPHONE = "TELEPHONE", "Telephone"
    IN_PERSON = "IN_PERSON", "In person"


class Urgency(models.TextChoices):
    ROUTINE = "ROUTINE", "Routine"
    PRIORITY = "PRIORITY", "Priority"
    IMMEDIATE = "IMMEDIATE", "Immediate threat to life"


class Nation(models.TextChoices):
    ENGLAND_WALES = "EW", "England and Wales"
    SCOTLAND = "SC", "Scotland"
    NORTHERN_IRELAND = "NI", "Northern Ireland"


class Purpose(models.TextChoices):
    PREVENT = "PREVENT", "To prevent or detect crime"
    APPREHEND = "APPREHEND", "To apprehend or prosecute an offender"
    TAX = "TAX", "To assess or collect a tax"
    PROCEEDINGS = "PROCEEDINGS", "For legal proceedings"
    SAFEGUARDING = "SAFEGUARDING", "To safeguard somebody"
    VITAL = "VITAL", "To protect somebody's life"
    NATIONAL_SECURITY = "NATIONAL_SECURITY", "For national security"


class ReturnChannel(models.TextChoices):
    SECURE_MAIL = "SECURE_MAIL", "Secure e-mail"
    POST = "POST", "Recorded post"
    COLLECTION = "COLLECTION", "Collection in person"
    PORTAL = "PORTAL", "The company's own account here"


class Consent(models.TextChoices):
    """What the form says of the person's own consent to the disclosure."""

    OBTAINED = "OBTAINED", "Obtained"
    SOUGHT = "SOUGHT", "Sought, not obtained"
    INAPPROPRIATE = "INAPPROPRIATE", "Not sought, because it would be inappropriate"


class MarketingChannel(models.TextChoices):
    """By which a company wants to reach people: each has its own law (PECR, regulations 21 and 22)."""

    EMAIL = "EMAIL", "E-mail"
    SMS = "SMS", "Text message"
    CALL = "CALL", "Telephone"
    POST = "POST", "Post"


class Transfer(models.TextChoices):
    """On what a transfer outside the United Kingdom can rest: UK GDPR, Chapter V."""

    ADEQUACY = "ADEQUACY", "Adequacy regulations"
    IDTA = "IDTA", "International data transfer agreement"
    ADDENDUM = "ADDENDUM", "Addendum to standard contractual clauses"
    BCR = "BCR", "Binding corporate rules"


class Request(SealedModel):
    """`due_on` is the earliest running deadline's London day, `due_at` the first instant after it."""

    reference = models.CharField(max_length=12, unique=True, editable=False)
    data_key = models.OneToOneField(DataKey, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(
        max_length=24, choices=[(s.value, w) for s, w in STATE_WORDS.items()], default=State.DRAFT
    )
    round = models.PositiveSmallIntegerField(default=1)
    kind = models.CharField(max_length=1, blank=True, choices=[(k.value, k.name.title()) for k in Kind])
    nation = models.CharField(max_length=2, choices=Nation)
    restricted = models.BooleanField(default=False)
    born_restricted = models.BooleanField(default=False)
    secrecy_review_on = models.DateField(
        null=True, help_text="When its members look at the secrecy again; it ends nothing."
    )
    # How it came.
    channel = models.CharField(max_length=12, choices=Channel)
    received_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    recording_key = models.CharField(max_length=64, unique=True, null=True, editable=False)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    policy_at_receipt = models.ForeignKey(
        "privacy.PolicyVersion", null=True, on_delete=models.PROTECT, related_name="+"
    )
    policy_at_decision = models.ForeignKey(
        "privacy.PolicyVersion", null=True, on_delete=models.PROTECT, related_name="+"
    )
    own_submission = models.BooleanField(
        default=False, help_text="Made by the company's own people; nobody else sees its draft."
    )
    # Who asks (the officers stand in rows of their own).
    body = models.ForeignKey("accounts.Organisation", null=True, on_delete=models.PROTECT, related_name="+")
    unit = SealedField()
    station_address = SealedField()
    # The form.
    form_name = models.CharField(max_length=60, blank=True)
    form_version = models.CharField(max_length=20, blank=True)
    protective_marking = models.CharField(max_length=40, blank=True)
    dated_on = models.DateField(null=True)
    crime_reference = SealedField()
    urn = SealedField()
    operation_name = SealedField()
    purposes = models.JSONField(default=list, blank=True)
    offence = SealedField()
    offence_withheld = models.BooleanField(default=False)
    summary = SealedField()
    necessity = SealedField()
    proportionality = SealedField()
    less_intrusive = SealedField()
    prejudice = SealedField()
    collateral = SealedField()
    special_category_sought = models.BooleanField(null=True)
    child_or_vulnerable = models.BooleanField(null=True)
    communications_data_sought = models.BooleanField(null=True)
    urgency = models.CharField(max_length=10, choices=Urgency, default=Urgency.ROUTINE)
    urgency_reason = SealedField()
    required_by_on = models.DateField(null=True)
    do_not_notify = models.BooleanField(null=True)
    do_not_notify_reason = SealedField()
    do_not_notify_review_on = models.DateField(null=True)
    consent = models.CharField(max_length=14, choices=Consent, blank=True)
    victim_told_on = models.DateField(null=True)
    victim_not_told_reason = SealedField()
    counselling_sought = models.BooleanField(null=True)
    handling = SealedField()
    evidential_format = SealedField()
    cost_recovery_asked = models.BooleanField(null=True)
    # What a company of the group says.
    policy_purpose = models.CharField(max_length=20, blank=True)
    data_recipient = SealedField()
    transfer_abroad = models.BooleanField(null=True)
    transfer_mechanism = models.CharField(max_length=10, choices=Transfer, blank=True)
    marketing_channels = models.JSONField(
        default=list, blank=True, help_text="Codes; by which it wants to reach people."
    )
    return_channel = models.CharField(max_length=12, choices=ReturnChannel, blank=True)
    return_address = SealedField()
    return_standing = models.CharField(
        max_length=12, blank=True, help_text="Of that address, against the register when it was written down."
    )
    return_domains = models.JSONField(
        default=list, blank=True, help_text="Blind indexes of its domain and of each domain above it."
    )
    declared_purpose = models.BooleanField(default=False)
    declared_offence = models.BooleanField(default=False)
    declared_part3 = models.BooleanField(default=False)
    signed_on = models.DateField(null=True)
    countersigned_on = models.DateField(null=True)
    rank_waiver_reason = SealedField()
    # What came of it.
    refusal_code = models.CharField(max_length=10, blank=True, help_text="Of a refusal as a whole.")
    proposal_digest = models.CharField(max_length=64, blank=True)
    outcome = models.CharField(max_length=20, blank=True, choices=[(o.value, o.value) for o in Outcome])
    # How long it is kept. The first two are caches of `deadlines.keeping`, empty while it is open.
    retention_class = models.CharField(max_length=10, blank=True)
    keep_until = models.DateField(null=True, help_text="The last day; afterwards it is due for disposal.")
    relationship_ended_on = models.DateField(
        null=True, help_text="Of the business relationship: RET-AML counts from it."
    )
    copy_destroyed_at = models.DateTimeField(
        null=True, help_text="Since then only digests are left of what was disclosed."
    )
    disposed_at = models.DateTimeField(null=True, help_text="Since then this row is all that is left.")
    # Caches and coupling.
    due_on = models.DateField(null=True)
    due_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)
    changed_xid = models.BigIntegerField(default=0, editable=False)

    class Meta:
        default_permissions = ()
        permissions = [(perm.value, perm.name.capitalize()) for perm in Perm]
        indexes = [
            models.Index(fields=["due_at", "id"], name="request_due"),
            models.Index(fields=["state", "due_at", "id"], name="request_queue"),
            models.Index(fields=["assignee", "due_at", "id"], name="request_mine"),
            models.Index(
                fields=["keep_until", "reference"],
                condition=Q(keep_until__isnull=False, disposed_at=None),
                name="request_kept",
            ),
            models.Index(
                fields=["id"], condition=Q(state="CLOSED", keep_until=None), name="request_without_period"
            ),
            models.Index(
                fields=["id"],
                condition=Q(state="CLOSED", copy_destroyed_at=None, disposed_at=None),
                name="request_with_its_copy",
            ),
            models.Index(
                fields=["secrecy_review_on"],
                condition=Q(restricted=True, secrecy_review_on__isnull=False),
                name="request_secrecy_review",
            ),
            models.Index(
                fields=["do_not_notify_review_on"],
                condition=Q(do_not_notify=True, do_not_notify_review_on__isnull=False),
                name="request_mark_to_look_at",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="kind_is_known_after_triage",
                condition=Q(kind__in=[k.value for k in Kind])
                | Q(kind="", state__in=sorted(s.value for s in KINDLESS_STATES)),
            ),
            models.CheckConstraint(
                name="disposed_of_once_closed", condition=Q(disposed_at=None) | Q(state="CLOSED")
            ),
            models.CheckConstraint(name="nation_is_known", condition=Q(nation__in=[n.value for n in Nation])),
            models.CheckConstraint(
                name="transfer_mechanism_only_of_a_transfer",
                condition=Q(transfer_mechanism="") | Q(transfer_abroad=True),
            ),
            models.CheckConstraint(
                name="received_before_recorded", condition=Q(received_at__lte=F("recorded_at"))
            ),
            models.CheckConstraint(
                name="due_day_and_instant_together",
                condition=Q(due_on=None, due_at=None) | Q(due_on__isnull=False, due_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    def sealing_key(self) -> DataKey:
        return self.data_key

    @property
    def log(self) -> str:
        """The log this request's entries go to while it is as it is."""
        return "sealed" if self.restricted else "main"


class RequestPart(SealedModel):
    """A row that belongs to a request, is sealed under its key, and changes only together with it."""

    request = models.ForeignKey(Request, on_delete=models.PROTECT)

    class Meta:
        abstract = True

    def sealing_key(self) -> DataKey:
        return self.request.data_key
