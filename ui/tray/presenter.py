"""What happens on the Tray page: something is looked at, and somebody says how it ended."""

from __future__ import annotations

from functools import partial

from core.errors import StoreError
from core.events import MatterSettled, Outcome
from core.sales.queries import ReceiptQuery
from core.shop import tray
from core.shop.tray import Shown
from core.staff.permissions import Permission
from core.texts import sentence, tr
from core.tray.matters import OUTCOMES, MatterKind
from ui.presenter import Place, Presenter
from ui.tray.state import TrayState


class TrayPresenter(Presenter[TrayState]):
    """Keeps what is in the tray.

    Args:
        place: where it stands.
    """

    def __init__(self, place: Place) -> None:
        super().__init__(TrayState())
        self._tasks, self._by, self._courier = place.tasks, place.by, place.courier
        self._calendar = place.settings.calendar()
        self._till = place.settings["store"], place.settings["terminal"]
        self._may_see_receipts = place.may(Permission.REPRINT)
        self._courier.told.connect(lambda _: self._read())

    def time_of(self, at_ms: int) -> str:
        """A time as the shop's clock showed it; nothing where it is not known."""
        return f"{self._calendar.local(at_ms):%Y-%m-%d %H:%M}" if at_ms else ""

    @property
    def receipt(self) -> str:
        """A receipt of this till that has to do with what is looked at."""
        chosen = self.state.chosen
        if not chosen or not self._may_see_receipts:
            return ""
        own = (party.receipt for party in chosen.matter.parties if (party.store, party.terminal) == self._till)
        return next(filter(None, own), "")

    def visit(self, what: object = None) -> None:
        """Look into it."""
        self._show(said="", refused=False)
        self._read()

    def choose(self, row: int) -> None:
        """Look at one of them."""
        if 0 <= row < len(self.state.rows) and not self.state.busy and row != self.state.row:
            self._show(row=row, note="", said="", refused=False)

    def step(self, by: int) -> None:
        """The one so many rows further down."""
        self.choose(self.state.row + by)

    def type_note(self, text: str) -> None:
        """What somebody has to say about it."""
        self._show(note=text)

    def settle(self, outcome: Outcome) -> None:
        """It ended so."""
        chosen = self.state.chosen
        if chosen and outcome in chosen.matter.outcomes and not self.state.busy:
            self._show(busy=True, said="", refused=False)
            settle = partial(tray.settle, by=self._by, key=chosen.matter.key, outcome=outcome, note=self.state.note)
            self._tasks.db(settle, self._on_settled, self._on_failed)

    def open_receipt(self) -> None:
        """Look at the receipt of this till; of a dispute, at whose it is."""
        chosen = self.state.chosen
        if chosen and chosen.matter.kind is MatterKind.DISPUTE:
            self.wanted.emit("guides", chosen.matter.subject)
        elif self.receipt:
            self.wanted.emit("receipts", ("", ReceiptQuery(text=self.receipt)))

    def _read(self) -> None:
        self._tasks.read(tray.look, self._on_read, self._on_failed)

    def _on_read(self, rows: list[Shown]) -> None:
        before = self.state.chosen
        keys = [shown.matter.key for shown in rows]
        row = keys.index(before.matter.key) if before and before.matter.key in keys else -1
        stays = row >= 0
        if not stays:
            # What was looked at is gone: the next one moves up into its place.
            row = min(max(self.state.row, 0), len(rows) - 1)
        self._show(rows=tuple(rows), read=True, row=row, note=self.state.note if stays else "")

    def _on_settled(self, event: MatterSettled) -> None:
        said = tr("Settled: {outcome}.", outcome=tr(OUTCOMES[event.outcome]))
        self._show(busy=False, said=said, refused=False, note="")
        self._read()

    def _on_failed(self, error: StoreError) -> None:
        self._show(busy=False, said=sentence(error), refused=True)
