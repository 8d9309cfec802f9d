"""What people call the states of units, and the steps of their lives; texts to be translated."""

from __future__ import annotations

from core.codes.life import UnitState
from core.texts import mark

STATES = {
    UnitState.ISSUED: mark("issued"),
    UnitState.PRINTED: mark("printed"),
    UnitState.ON_SALE: mark("on sale"),
    UnitState.SOLD: mark("sold"),
    UnitState.RETURNED: mark("came back"),
    UnitState.MISSING: mark("missing"),
    UnitState.VOID: mark("void"),
}

STEPS = {
    "issued": mark("issued"),
    "printed": mark("printed"),
    "reprinted": mark("label printed again"),
    "on_sale": mark("on sale"),
    "sold": mark("sold"),
    "returned": mark("came back"),
    "missing": mark("missing"),
    "void": mark("void"),
    "frozen": mark("frozen"),
    "released": mark("released"),
}
