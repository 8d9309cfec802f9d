"""What happens on the Members page: somebody is found, becomes a member, agrees to more or to less, or leaves."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QTimer

from core.errors import BrokenWorldError, RefusedError, StoreError
from core.events import Disclosure, Purpose, Role, SaleCompleted
from core.members.invitation import InvitationState
from core.members.record import Record
from core.money import format_amount
from core.sales.queries import ReceiptQuery
from core.sales.reading import ReadingKind, read
from core.shop import counter, invitations, member_cards, members, rewards, touchpoints, twins
from core.shop.counter import Counter
from core.shop.invitations import Invitation
from core.shop.member_cards import Card, Found
from core.shop.members import Form, Member
from core.shop.terminal import Actor, Terminal
from core.staff.permissions import ROLE_NAMES, Permission
from core.texts import readable, sentence, tr
from core.touchpoints.queries import Touchpoint
from ui.members.state import Correction, Draft, GiftForm, MembersState
from ui.presenter import Place, Presenter

LEAVE, ERASE = "leave", "erase"

_ASK_MS = 2_000
"""How often head office is asked while a code is shown."""


class MembersPresenter(Presenter[MembersState]):
    """Runs the page.

    Args:
        place: where it stands.
    """

    def __init__(self, place: Place) -> None:
        self.own_language = place.settings["language"]
        super().__init__(MembersState(self.own_language))
        self._tasks, self._by = place.tasks, place.by
        self._calendar = place.settings.calendar()
        self._typed = ""
        """What is looked for; no part of what is shown, once it was understood."""
        self._guide = place.by.staff if place.present.role == ROLE_NAMES[Role.GUIDE] else ""
        self.may_bind = place.may(Permission.BIND)
        self.may_disclose = place.may(Permission.DISCLOSE)
        self.may_erase = place.may(Permission.ERASE_MEMBER)
        self.may_sell = place.may(Permission.SELL)
        self.may_settle = place.may(Permission.SETTLE)
        self.may_reward = place.may(Permission.REWARD)
        self._currency = place.settings.currency
        self._courier = place.courier
        self._ask_again = QTimer(self, interval=_ASK_MS)
        self._ask_again.timeout.connect(self.ask_head_office)
        place.courier.fetched.connect(self._look_again)

    def time_of(self, at_ms: int) -> str:
        """A time as the shop's clock showed it; nothing where it is not known."""
        return f"{self._calendar.local(at_ms):%Y-%m-%d %H:%M}" if at_ms else ""

    def short_time_of(self, at_ms: int) -> str:
        """The same without the year."""
        return f"{self._calendar.local(at_ms):%m-%d %H:%M}"

    def amount_of(self, minor: int) -> str:
        """An amount in the shop's currency."""
        return format_amount(minor, self._currency)

    def visit(self, what: object = None) -> None:
        """Somebody is to be looked for; nothing of whoever was looked at before stays."""
        self._tasks.read(touchpoints.all_touchpoints, self._on_touchpoints, self._on_failed)
        self._typed = ""
        self._show(entry="", rows=(), row=-1, draft=None, card=None, form=None, language=self.own_language)
        self._show(clear="", asked="", said="", refused=False, thanks=False)
        self._put_code_away()
        self._look()

    def scan(self, text: str) -> bool:
        """A card was scanned, or a phone; goods go to the counter."""
        if read(text, "").kind not in (ReadingKind.OWN, ReadingKind.UNKNOWN):
            return False
        self._typed = self.state.entry
        self.type(text.strip())
        return True

    def type(self, text: str) -> None:
        """Look for whoever this may be. A phone that was understood stands masked in its field; whoever goes on to
        type there begins anew.
        """
        if self.state.entry != self._typed:
            text = text.removeprefix(self.state.entry) if text.startswith(self.state.entry) else ""
        self._typed = text
        self._show(entry=text, draft=None, form=None, asked="", said="", refused=False, clear="", thanks=False)
        self._put_code_away()
        self._look()

    def choose(self, row: int) -> None:
        """Look at somebody."""
        if 0 <= row < len(self.state.rows) and not self.state.busy:
            self._show(row=row, draft=None, card=None, form=None, clear="", asked="", said="", refused=False)
            self._put_code_away()
            self._read_card(self.state.rows[row].id)

    def step(self, by: int) -> None:
        """The one so many rows further down."""
        self.choose(self.state.row + by)

    def invite(self) -> None:
        """Show a code that somebody may scan with their own phone."""
        state = self.state
        if state.busy or not self.may_bind or (state.invitation and state.invitation.is_open):
            return
        self._show(busy=True, draft=None, card=None, row=-1, form=None, said="", refused=False, thanks=False)
        show = partial(
            invitations.invite, by=self._by, op=self._tasks.new_op(), guide=self._guide, language=state.language
        )
        self._tasks.db(show, self._on_invited, self._on_failed)

    def ask_head_office(self) -> None:
        """What became of the code?"""
        self._courier.run()
        if shown := self.state.invitation:
            ask = partial(invitations.state_of, token=shown.token)
            self._tasks.read(ask, self._on_heard, self._on_failed)

    def speak(self, language: str) -> None:
        """The customer reads in this language."""
        self._show(language=language)

    def type_name(self, text: str) -> None:
        """What the customer is called, if they tell it."""
        if self.state.draft:
            self._show(draft=replace(self.state.draft, name=text))

    def choose_touchpoint(self, place: int) -> None:
        """Where the customer was won: that place of the list."""
        if self.state.draft and 0 <= place < len(self.state.touchpoints):
            self._show(draft=replace(self.state.draft, touchpoint=self.state.touchpoints[place].id))

    def toggle(self, purpose: Purpose) -> None:
        """The customer agrees to this, or no more."""
        state = self.state
        if state.busy or not self.may_bind:
            return
        if state.draft:
            self._show(draft=replace(state.draft, purposes=state.draft.purposes ^ {purpose}), said="", refused=False)
        elif state.card and state.card.member.standing.is_active:
            self._change_consent(state.card.member.id, purpose)

    def bind(self) -> None:
        """They become a member."""
        state = self.state
        if not state.draft or state.busy or not self.may_bind:
            return
        purposes = tuple(purpose for purpose in Purpose if purpose in state.draft.purposes)
        draft = state.draft
        form = Form(
            draft.op,
            self._typed,
            purposes,
            draft.name,
            guide=self._guide,
            language=state.language,
            touchpoint=draft.touchpoint,
        )
        self._show(busy=True, said="", refused=False)
        self._tasks.db(partial(members.bind, by=self._by, form=form), self._on_bound, self._on_failed)

    def to_counter(self) -> None:
        """What lies on the counter is theirs."""
        card = self.state.card
        if card and card.member.standing.is_active and self.may_sell and not self.state.busy:
            self._show(busy=True, said="", refused=False)
            attach = partial(counter.attach, by=self._by, member=card.member.id)
            self._tasks.db(attach, self._on_attached, self._on_failed)

    def open_moment(self, row: int) -> None:
        """Look at what they bought then."""
        history = self.state.card.history if self.state.card else ()
        if 0 <= row < len(history) and isinstance(sale := history[row], SaleCompleted):
            self.wanted.emit("receipts", ("", ReceiptQuery(text=sale.receipt)))

    def disclose(self) -> None:
        """Show phone and name in clear; that it was seen is a fact."""
        card = self.state.card
        if card and card.member.standing.is_active and self.may_disclose and not self.state.busy:
            member = card.member.id
            see = partial(members.disclose, by=self._by, member=member, how=Disclosure.SHOWN)
            self._tasks.db(see, partial(self._on_disclosed, member), self._on_failed)

    def export(self, path: Path) -> None:
        """Write what the shop knows of them into a file for them."""
        card = self.state.card
        if card and self.state.clear and self.may_disclose and not self.state.busy:
            write = partial(_export, by=self._by, member=card.member.id, path=path)
            self._show(busy=True, said="", refused=False)
            self._tasks.slow(write, self._on_exported, self._on_failed)

    def begin_correction(self) -> None:
        """Something of the record is not right."""
        card = self.state.card
        if card and card.member.standing.is_active and self.may_bind and not self.state.busy:
            self._show(form=Correction(), clear="", asked="", said="", refused=False)

    def correct(self, **changes: str) -> None:
        """What is right: `phone` or `name`."""
        if self.state.correction:
            self._show(form=replace(self.state.correction, **changes), said="", refused=False)

    def save_correction(self) -> None:
        """It is right from now on."""
        card, right = self.state.card, self.state.correction
        if card and right and (right.phone or right.name) and not self.state.busy:
            self._show(busy=True, said="", refused=False)
            save = partial(members.correct, by=self._by, member=card.member.id, phone=right.phone, name=right.name)
            self._tasks.slow(save, self._on_changed, self._on_failed)

    def begin_gift(self) -> None:
        """They get something."""
        card = self.state.card
        if card and card.member.standing.is_active and self.may_reward and not self.state.busy:
            self._show(form=GiftForm(), clear="", asked="", said="", refused=False)

    def give(self, **changes: str) -> None:
        """What they get: `points`, for a `reason`; a coupon that takes `off` so much, from `least`, `until` a day."""
        if self.state.gift:
            self._show(form=replace(self.state.gift, **changes), said="", refused=False)

    def save_gift(self) -> None:
        """It is theirs from now on."""
        card, form = self.state.card, self.state.gift
        if card and form and form.is_ready and not self.state.busy:
            try:
                gift = form.read(self._currency)
            except RefusedError as refused:
                self._on_failed(refused)
                return
            self._show(busy=True, said="", refused=False)
            give = partial(rewards.give, by=self._by, member=card.member.id, gift=gift)
            self._tasks.db(give, lambda _: self._on_changed(card.member), self._on_failed)

    def erase(self) -> None:
        """Delete the record for good; it is asked for twice."""
        card = self.state.card
        if card is None or not self.may_erase or self.state.busy or card.member.standing.state == "erased":
            return
        if self.state.asked != ERASE:
            said = tr("Delete the record for good? Press once more; Esc keeps it.")
            self._show(asked=ERASE, said=said, refused=True)
            return
        self._show(busy=True, asked="")
        self._tasks.slow(partial(members.erase, by=self._by, member=card.member.id), self._on_changed, self._on_failed)

    def part(self) -> None:
        """Whoever was taken for the same person is somebody else."""
        card = self.state.card
        if card and card.others and self.may_settle and not self.state.busy:
            self._show(busy=True, said="", refused=False)
            undo = partial(twins.part, by=self._by, member=card.member.id)
            self._tasks.db(undo, lambda _: self._on_changed(card.member), self._on_failed)

    def leave(self) -> None:
        """Forget what was asked, else what was typed."""
        if self.state.asked or self.state.form:
            self._show(asked="", form=None, said="", refused=False)
        elif self.state.invitation:
            self._put_code_away()
        else:
            self.visit()

    def close(self) -> None:
        self._ask_again.stop()
        super().close()

    def _change_consent(self, member: str, purpose: Purpose) -> None:
        held = self.state.purposes
        if purpose not in held:
            give = partial(members.give, by=self._by, member=member, purposes=(purpose,), language=self.own_language)
            self._show(busy=True, asked="")
            self._tasks.db(give, self._on_changed, self._on_failed)
        elif purpose is Purpose.MEMBERSHIP and self.state.asked != LEAVE:
            said = tr("They leave, and their record is deleted. Press once more; Esc keeps them.")
            self._show(asked=LEAVE, said=said, refused=True)
        else:
            withdraw = partial(members.withdraw, by=self._by, member=member, purposes=(purpose,))
            self._show(busy=True, asked="")
            self._tasks.slow(withdraw, self._on_changed, self._on_failed)

    def _put_code_away(self) -> None:
        self._ask_again.stop()
        self._show(invitation=None)

    def _look(self) -> None:
        text = self._typed
        look = partial(member_cards.look_for, by=self._by, text=text)
        self._tasks.read(look, partial(self._on_found, text), self._on_failed)

    def _look_again(self) -> None:
        """Head office said something new; whoever is looked at stays."""
        if not self.state.draft and not self.state.busy:
            self._look()
        if shown := self.state.invitation:
            self._tasks.read(partial(invitations.state_of, token=shown.token), self._on_heard, self._on_failed)

    def _read_card(self, member: str) -> None:
        read = partial(member_cards.card_of, by=self._by, member=member)
        self._tasks.read(read, self._on_card, self._on_failed)

    def _on_found(self, text: str, found: Found) -> None:
        # What was typed meanwhile is looked for already.
        if text != self._typed:
            return
        draft = self.state.draft
        if not found.phone or found.members:
            draft = None
        elif draft is None or draft.phone != found.phone:
            draft = Draft(self._tasks.new_op(), found.phone)
        before = self.state.card.member.id if self.state.card else ""
        ids = [member.id for member in found.members]
        row = ids.index(before) if before in ids else 0 if text and len(ids) == 1 else -1
        self._show(rows=found.members, draft=draft, row=row, entry=found.phone or self.state.entry)
        if row < 0 or ids[row] != before:
            # What was asked was asked of somebody else.
            self._show(card=None, form=None, clear="", asked="")
        if row >= 0:
            self._read_card(ids[row])

    def _on_touchpoints(self, found: list[Touchpoint]) -> None:
        self._show(touchpoints=tuple(one for one in found if one.active))

    def _on_card(self, card: Card) -> None:
        rows = self.state.rows
        if 0 <= self.state.row < len(rows) and rows[self.state.row].id == card.member.id:
            fresh = tuple(card.member if one.id == card.member.id else one for one in rows)
            self._show(card=card, rows=fresh)

    def _on_invited(self, shown: Invitation) -> None:
        self._show(busy=False, invitation=shown)
        self._ask_again.start()
        self._courier.run()

    def _on_heard(self, shown: Invitation) -> None:
        now = self.state.invitation
        if now is None or now.token != shown.token:
            # Another code is shown since, or none.
            return
        self._show(invitation=shown)
        if not shown.is_open:
            self._ask_again.stop()
        if shown.state is InvitationState.CONFIRMED and now.is_open:
            # Head office said so itself.
            bound = partial(self._on_bound, confirmed=True)
            self._tasks.read(partial(members.member_of, member=shown.member), bound, self._on_failed)

    def _on_bound(self, member: Member, *, confirmed: bool = False) -> None:
        said = tr("Bound.") if confirmed or member.confirmed else tr("Saved here; waiting for head office.")
        self._typed = ""
        self._put_code_away()
        self._show(busy=False, draft=None, entry="", rows=(member,), row=0, said=said, refused=False, thanks=True)
        self._read_card(member.id)

    def _on_changed(self, member: Member) -> None:
        self._show(busy=False, form=None, clear="", said=tr("Saved."), refused=False)
        # Withdrawals go to head office at once.
        self._tasks.wrote.emit()
        self._read_card(member.id)

    def _on_disclosed(self, member: str, record: Record) -> None:
        # Somebody else may be looked at since.
        if self.state.card and self.state.card.member.id == member:
            self._show(clear=" · ".join(filter(None, (record.phone, record.name, record.card))))
            self._read_card(member)

    def _on_exported(self, path: Path) -> None:
        self._show(busy=False, said=tr("Written: {file}", file=readable(path)), refused=False)
        if self.state.card:
            self._read_card(self.state.card.member.id)

    def _on_attached(self, found: Counter) -> None:
        self._show(busy=False)
        self.wanted.emit("sell", found)

    def _on_failed(self, error: StoreError) -> None:
        self._show(busy=False, said=sentence(error), refused=True)


def _export(terminal: Terminal, by: Actor, member: str, path: Path) -> Path:
    try:
        member_cards.export(terminal, by, member, path)
    except OSError as error:
        raise BrokenWorldError("file_unwritable", file=path, detail=error.strerror) from error
    return path
