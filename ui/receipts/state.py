"""What the Receipts page shows. Frozen; the page draws it and keeps nothing."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.sales.queries import ReceiptQuery, ReceiptRow
from core.sales.receipt import Slip


@dataclass(frozen=True, slots=True)
class ReceiptsState:
    """Receipts that were found, and the one that is looked at.

    Attributes:
        typed: what stands in the search field.
        query: what is looked for.
        title: what that is, in words; empty for a search by what was typed.
        goes_on: there are more than these.
        row: of the one that is looked at, -1 = none.
        slip: that one, as it is printed.
        busy: a copy is being printed.
        said: what became of the last step.
        refused: whether that was a refusal.
    """

    typed: str = ""
    query: ReceiptQuery = field(default_factory=ReceiptQuery)
    title: str = ""
    rows: tuple[ReceiptRow, ...] = ()
    goes_on: bool = False
    row: int = -1
    slip: Slip | None = None
    busy: bool = False
    said: str = ""
    refused: bool = False

    @property
    def chosen(self) -> ReceiptRow | None:
        """The receipt that is looked at."""
        return self.rows[self.row] if 0 <= self.row < len(self.rows) else None
