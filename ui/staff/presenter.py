"""What happens on the Staff page: people are added, changed, given a PIN, and leave."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from core.errors import StoreError
from core.shop import people
from core.shop.terminal import Actor, Terminal
from core.staff.pin import check_pin
from core.staff.queries import Person
from core.texts import sentence, tr
from ui.presenter import Place, Presenter
from ui.staff.state import PersonDraft, StaffState


class StaffPresenter(Presenter[StaffState]):
    """Keeps the list of people.

    Args:
        place: where it stands.
    """

    def __init__(self, place: Place) -> None:
        super().__init__(StaffState())
        self._tasks = place.tasks
        self._by = place.by

    def visit(self, what: object = None) -> None:
        """Read everybody."""
        self._tasks.read(people.all_people, self._on_read, self._on_failed)

    def choose(self, row: int) -> None:
        """Somebody is going to be changed."""
        if 0 <= row < len(self.state.people):
            person = self.state.people[row]
            draft = PersonDraft(person.id, person.name, person.role.value, person.active)
            self._show(draft=draft, known=person.id, said="", refused=False)

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

    def begin_new(self) -> None:
        """Somebody new is going to be added; a number is proposed."""
        taken = {person.id for person in self.state.people}
        free = next(id_ for n in range(1, len(taken) + 2) if (id_ := f"P{n:02}") not in taken)
        self._show(draft=PersonDraft(id=free), known="", said="", refused=False)

    def edit(self, **changes: Any) -> None:
        """Something was filled in."""
        self._show(draft=replace(self.state.draft, **changes), said="", refused=False)

    def save(self) -> None:
        """The person is to be as filled in."""
        if not self.state.busy:
            self._show(busy=True, said="", refused=False)
            draft, new = self.state.draft, not self.state.known
            self._tasks.slow(partial(_save, by=self._by, draft=draft, new=new), self._on_saved, self._on_failed)

    def _on_saved(self, id_: str) -> None:
        said = tr("{name} is saved.", name=self.state.draft.name)
        self._show(busy=False, known=id_, said=said, draft=replace(self.state.draft, pin=""))
        self.visit()

    def _on_read(self, everybody: list[Person]) -> None:
        first = not self.state.people
        self._show(people=tuple(everybody))
        if first and not self.state.draft.name:
            self.begin_new()

    def _on_failed(self, error: StoreError) -> None:
        self._show(busy=False, said=sentence(error), refused=True)


def _save(terminal: Terminal, by: Actor, draft: PersonDraft, *, new: bool) -> str:
    step = partial(people.add if new else people.change, by=by, id_=draft.id, name=draft.name, role=draft.role)
    if draft.pin:
        check_pin(draft.pin)
    terminal.write(partial(step, active=draft.active)).result()
    if draft.pin:
        people.give_pin(terminal, by, draft.id, draft.pin)
    return draft.id
