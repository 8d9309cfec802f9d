"""The vocabulary: every kind of fact that the shop can record, and the contract with head office.

Facts are for ever. A change to a kind only adds fields with defaults, or raises `v` and brings an upcaster.
"""

from core.events.base import (
    MAX_EVENT_BYTES,
    Event,
    Head,
    UnknownEvent,
    decode,
    encode,
    kinds,
    upcast,
)
from core.events.catalogue import CatalogueImported, ProductChanged
from core.events.codes import (
    BatchChanged,
    CodeRangeRegistered,
    CodesIssued,
    CodesPrinted,
    CodesRegistered,
    LabelReprinted,
    UnitsChanged,
    UnitStep,
)
from core.events.credit import CreditDecided, CreditDisputed, CreditRuleSet, Decided
from core.events.matters import MatterSettled, Outcome
from core.events.members import (
    ConsentGiven,
    ConsentWithdrawn,
    Disclosure,
    MemberAssigned,
    MemberBound,
    MemberCorrected,
    MemberErased,
    MemberInvited,
    MemberLinked,
    Purpose,
    RecordDisclosed,
)
from core.events.rewards import CouponGiven, PointsAdjusted, PointsRuleSet
from core.events.sales import (
    CouponBack,
    CreditPart,
    CreditReason,
    LineKind,
    ReceiptReprinted,
    SaleCompleted,
    SaleLine,
    Tender,
    TenderKind,
)
from core.events.shop import SettingChanged, TerminalChecked, TerminalSetUp
from core.events.staff import PinSet, Role, StaffChanged
from core.events.streams import FactRehomed, StreamContinued
from core.events.touchpoints import TouchpointChanged, TouchpointKind

__all__ = [
    "MAX_EVENT_BYTES",
    "BatchChanged",
    "CatalogueImported",
    "CodeRangeRegistered",
    "CodesIssued",
    "CodesPrinted",
    "CodesRegistered",
    "ConsentGiven",
    "ConsentWithdrawn",
    "CouponBack",
    "CouponGiven",
    "CreditDecided",
    "CreditDisputed",
    "CreditPart",
    "CreditReason",
    "CreditRuleSet",
    "Decided",
    "Disclosure",
    "Event",
    "FactRehomed",
    "Head",
    "LabelReprinted",
    "LineKind",
    "MatterSettled",
    "MemberAssigned",
    "MemberBound",
    "MemberCorrected",
    "MemberErased",
    "MemberInvited",
    "MemberLinked",
    "Outcome",
    "PinSet",
    "PointsAdjusted",
    "PointsRuleSet",
    "ProductChanged",
    "Purpose",
    "ReceiptReprinted",
    "RecordDisclosed",
    "Role",
    "SaleCompleted",
    "SaleLine",
    "SettingChanged",
    "StaffChanged",
    "StreamContinued",
    "Tender",
    "TenderKind",
    "TerminalChecked",
    "TerminalSetUp",
    "TouchpointChanged",
    "TouchpointKind",
    "UnitStep",
    "UnitsChanged",
    "UnknownEvent",
    "decode",
    "encode",
    "kinds",
    "upcast",
]
