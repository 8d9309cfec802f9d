"""What happens on the Settings page: each change is saved at once."""

from __future__ import annotations

from functools import partial

from core.errors import StoreError
from core.settings import Settings
from core.shop import setup
from core.texts import sentence, tr
from ui.presenter import Place, Presenter
from ui.settings.hq import HqPresenter
from ui.settings.state import SettingsState


class SettingsPresenter(Presenter[SettingsState]):
    """Changes settings.

    Args:
        place: where it stands.
    """

    def __init__(self, place: Place) -> None:
        super().__init__(SettingsState(place.settings))
        self._tasks = place.tasks
        self._by = place.by
        self.hq = HqPresenter(place)

    def visit(self, what: object = None) -> None:
        """Somebody comes in; what became of the last change is old news."""
        self._show(wrong={}, said="", refused=False)
        self.hq.forget_words()

    def forget_words(self) -> None:
        super().forget_words()
        self.hq.forget_words()

    def close(self) -> None:
        self.hq.close()
        super().close()

    def change(self, name: str, text: str) -> None:
        """A setting is to be that text."""
        text = text.strip()
        if text == self.state.settings.text(name):
            if name in self.state.wrong:
                self._show(wrong=self._others(name), said="", refused=False)
            return
        step = partial(setup.change_setting, by=self._by, name=name, value=text)
        self._tasks.db(step, partial(self._on_changed, name), partial(self._on_failed, name, text))

    def _on_changed(self, name: str, settings: Settings) -> None:
        self._show(settings=settings, wrong=self._others(name))
        # Said in the language that is spoken from now on. What is wrong still is not covered by it.
        if not self.state.wrong:
            self._show(said=tr("Saved."), refused=False)

    def _on_failed(self, name: str, text: str, error: StoreError) -> None:
        self._show(wrong=self._others(name) | {name: text}, said=sentence(error), refused=True)

    def _others(self, name: str) -> dict[str, str]:
        return {other: text for other, text in self.state.wrong.items() if other != name}
