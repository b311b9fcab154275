"""One noun a file."""

from .access_keeping import AccessDisposal, AccessHold, AccessReminder
from .accounting import AccessRequest, AccessTold
from .audit_pack import AuditPack, AuditPackWork
from .calendars import CalendarRun, HolidaySource
from .cell import CellMember
from .clocks import BankHoliday, ClockEvent, Deadline, Reminder
from .credit import CreditApplication
from .decision import Assessment, CourtApplication, ItemDecision, Opinion
from .emergency import CallAttempt, ReadOut
from .extension import Extension
from .following import Message, PersonalNotice, Watch
from .grants import CompartmentMember, Exclusion, RequestGroupGrant, RequestUserGrant
from .hold import HoldLine, HoldTask
from .instrument import Instrument
from .interception import InterceptionClearance, InterceptionClearanceEnd
from .interests import InterestReview
from .item import Item
from .keeping import Disposal, LegalHold
from .letter import Letter
from .letter_mail import LetterMail
from .officer import Officer
from .on_file import Comment, Correspondence, Delivery, Document, DocumentContent, RequestLink
from .outbox import OutboxRow
from .request import Request
from .search import HeldSystem, SearchRecord, SearchTask, SystemVersion
from .second_periods import PeriodEvent
from .secrecy import SecrecyEnd
from .settled import AddresseeAnswer, Cost
from .sharing import AgencyNotice, PartnerConsent, SchemePermission
from .standing import InstrumentStanding
from .step import Step
from .subject import Subject, SubjectMark
from .subject_notice import SubjectNotice
from .verification import Evidence
from .wording import LetterWording

__all__ = [
    "AccessDisposal",
    "AccessHold",
    "AccessReminder",
    "AccessRequest",
    "AccessTold",
    "AddresseeAnswer",
    "AgencyNotice",
    "Assessment",
    "AuditPack",
    "AuditPackWork",
    "BankHoliday",
    "CalendarRun",
    "CallAttempt",
    "CellMember",
    "ClockEvent",
    "Comment",
    "CompartmentMember",
    "Correspondence",
    "Cost",
    "CourtApplication",
    "CreditApplication",
    "Deadline",
    "Delivery",
    "Disposal",
    "Document",
    "DocumentContent",
    "Evidence",
    "Exclusion",
    "Extension",
    "HeldSystem",
    "HoldLine",
    "HoldTask",
    "HolidaySource",
    "Instrument",
    "InstrumentStanding",
    "InterceptionClearance",
    "InterceptionClearanceEnd",
    "InterestReview",
    "Item",
    "ItemDecision",
    "LegalHold",
    "Letter",
    "LetterMail",
    "LetterWording",
    "Message",
    "Officer",
    "Opinion",
    "OutboxRow",
    "PartnerConsent",
    "PeriodEvent",
    "PersonalNotice",
    "ReadOut",
    "Reminder",
    "Request",
    "RequestGroupGrant",
    "RequestLink",
    "RequestUserGrant",
    "SchemePermission",
    "SearchRecord",
    "SearchTask",
    "SecrecyEnd",
    "Step",
    "Subject",
    "SubjectMark",
    "SubjectNotice",
    "SystemVersion",
    "Watch",
]
