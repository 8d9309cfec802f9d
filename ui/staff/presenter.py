"""What happens on the Staff page: people are added, changed, given a PIN, and leave."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import Signal

from core.errors import StoreError
from core.events import Role
from core.shop import people
from core.staff.queries import Person
from core.texts import sentence, tr
from ui.presenter import Place, Presenter
from ui.staff.state import PersonDraft, StaffState


class StaffPresenter(Presenter[StaffState]):
    """Keeps the list of people.

    Args:
        place: where it stands.

    Signals:
        saved: the id of a person who is something else from now on.
    """

    saved = Signal(str)

    def __init__(self, place: Place) -> None:
        super().__init__(StaffState())
        self._tasks = place.tasks
        self._by = place.by

    def visit(self, what: object = None) -> None:
        """Read everybody. No PIN stays where it was typed."""
        self._show(draft=replace(self.state.draft, pin=""), said="", refused=False)
        self._read()

    def _read(self) -> None:
        self._tasks.read(people.all_people, self._on_read, self._on_failed)

    def choose(self, row: int) -> None:
        """Somebody is going to be changed."""
        if 0 <= row < len(self.state.people) and not self.state.busy and self._may_turn():
            person = self.state.people[row]
            self._show(draft=_draft_of(person), known=person.id, said="", refused=False)

    def step(self, by: int) -> None:
        """The person so many rows further down."""
        row = self.chosen_row + by
        if 0 <= row < len(self.state.people):
            self.choose(row)

    @property
    def chosen_row(self) -> int:
        """Row of the person who is being changed, or -1."""
        ids = [person.id for person in self.state.people]
        return ids.index(self.state.known) if self.state.known in ids else -1

    def begin_new(self) -> bool:
        """Somebody new is going to be added; a number is proposed. Returns whether they can be now."""
        if self.state.busy or not self._may_turn():
            return False
        taken = {person.id for person in self.state.people}
        free = next(id_ for n in range(1, len(taken) + 2) if (id_ := f"P{n:02}") not in taken)
        role = Role.CASHIER if any(p.role is Role.MANAGER and p.active for p in self.state.people) else Role.MANAGER
        self._show(draft=PersonDraft(id=free, role=role.value), known="", said="", refused=False)
        return True

    @property
    def is_dirty(self) -> bool:
        """Whether something is filled in and not saved."""
        draft, known = self.state.draft, self.chosen_row
        if known < 0:
            return bool(draft.name or draft.pin)
        return draft != _draft_of(self.state.people[known])

    def discard(self) -> None:
        """Forget what was filled in."""
        known = self.chosen_row
        draft = _draft_of(self.state.people[known]) if known >= 0 else PersonDraft(id=self.state.draft.id)
        self._show(draft=draft, said="", refused=False)

    def _may_turn(self) -> bool:
        """Whether nothing is lost by looking at somebody else; says so, where it would be."""
        if self.is_dirty:
            self._show(said=tr("Save this with F12 first, or leave it with Esc."), refused=True)
        return not self.is_dirty

    def edit(self, **changes: Any) -> None:
        """Something was filled in."""
        self._show(draft=replace(self.state.draft, **changes), said="", refused=False)

    def save(self) -> None:
        """The person is to be as filled in."""
        if self.state.draft.pin and not self._somebody_manages():
            said = tr("Give a manager a PIN first: otherwise nobody could manage this shop.")
            self._show(said=said, refused=True)
        elif not self.state.busy:
            self._show(busy=True, said="", refused=False)
            draft = self.state.draft
            save = partial(
                people.save,
                by=self._by,
                id_=draft.id,
                name=draft.name,
                role=draft.role,
                active=draft.active,
                pin=draft.pin,
                new=not self.state.known,
            )
            self._tasks.brief(save, partial(self._on_saved, draft), self._on_failed)

    def _somebody_manages(self) -> bool:
        """Whether a manager can sign in, once this is saved."""
        managers = [p.id for p in self.state.people if p.role is Role.MANAGER and p.active and p.has_pin]
        return bool(managers) or self.state.draft.role == Role.MANAGER.value

    def _on_saved(self, draft: PersonDraft, person: Person) -> None:
        self._show(busy=False, said=tr("{name} is saved.", name=person.name), refused=False)
        if self.state.draft.id == person.id:
            # What was typed while it was on its way is not saved yet.
            pin = "" if self.state.draft.pin == draft.pin else self.state.draft.pin
            self._show(known=person.id, draft=replace(self.state.draft, pin=pin))
        self._read()
        self.saved.emit(person.id)

    def _on_read(self, everybody: list[Person]) -> None:
        first = not self.state.people
        self._show(people=tuple(everybody))
        if first and not self.state.draft.name:
            self.begin_new()

    def _on_failed(self, error: StoreError) -> None:
        self._show(busy=False, said=sentence(error), refused=True)


def _draft_of(person: Person) -> PersonDraft:
    return PersonDraft(person.id, person.name, person.role.value, person.active)
