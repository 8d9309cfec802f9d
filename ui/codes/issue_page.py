"""New codes and labels: of what, how many, how they look; the label as it will come out; how far it is."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from core.label_paper import FIELDS, INCH, PRESETS, RESOLUTIONS
from core.texts import tr
from ui import theme
from ui.codes.issuing import IssuePresenter, IssueState, Phase, Preview
from ui.codes.item_picker import ItemPicker
from ui.codes.sheet import SheetView
from ui.codes.side import put_beside, side_column
from ui.widgets.fields import ChoiceField, TextField, ToggleField, captioned, picker
from ui.widgets.parts import Elided, button, card, complaint, filling, keyed, label, rename, say
from ui.widgets.progress import Progress

_ROOM, _ROOM_ABOVE_SHEET = (316, 280), (316, 160)
"""For the preview, px."""

_SCREEN_DPI = (72.0, 240.0)
"""What a screen says of itself is believed between these."""


class IssuePage(QWidget):
    """Draws an `IssueState`.

    Args:
        presenter: takes the intents.
        tokens: colours.
    """

    def __init__(self, presenter: IssuePresenter, tokens: theme.Tokens) -> None:
        super().__init__()
        self._presenter = presenter
        self._title, self._about = Elided("heading"), Elided("muted")
        self._item = ItemPicker(presenter.item, tr("F2 Item: scan it, or type its name, initials or code"))
        self._count = TextField(tr("How many"), presenter.type_count)
        self._part = TextField(tr("Which of them"), presenter.type_part, hint=tr("all, or FIRST-LAST"))
        dots = {str(dpi): f"{dpi} dpi" for dpi in RESOLUTIONS}
        self._dpi = ChoiceField(tr("Printer's resolution"), dots, lambda dpi: presenter.choose_resolution(int(dpi)))
        self._paper = picker(tr("Paper"))
        for name, paper in PRESETS.items():
            self._paper.addItem(tr(paper.word), name)
        self._paper.activated.connect(lambda _place: presenter.choose_paper(self._paper.currentData()))
        self._start = TextField(tr("First free label of the sheet"), self._type_start)
        fields = {name: tr(word) for name, word in FIELDS.items()}
        self._fields = ToggleField(tr("On the label, besides symbol and serial"), fields, presenter.toggle_field)
        self._picture, self._sheet = QLabel(), SheetView(tokens, presenter.choose_start)
        self._picture.setProperty("role", "picture")
        self._size = label("muted")
        self._size.setWordWrap(True)
        self._said = complaint()
        self._progress = Progress()
        self._back = button(keyed(tr("Back"), "Esc"), presenter.back)
        self._issue = button(keyed(tr("Only issue"), "F6"), presenter.issue_only)
        self._csv = button(keyed("CSV", "F7"), presenter.write_csv)
        self._pdf = button(keyed("PDF", "F8"), presenter.write_pdf)
        self._print = button(keyed(tr("Print"), "F12"), presenter.print, role="pay")
        self.steps = {
            Qt.Key.Key_F2: self._item.begin,
            Qt.Key.Key_F6: presenter.issue_only,
            Qt.Key.Key_F7: presenter.write_csv,
            Qt.Key.Key_F8: presenter.write_pdf,
            Qt.Key.Key_F12: presenter.print,
            Qt.Key.Key_Up: lambda: presenter.item.step(-1),
            Qt.Key.Key_Down: lambda: presenter.item.step(1),
            Qt.Key.Key_Escape: presenter.back,
        }
        put_beside(self, self._build_form(), self._build_side())
        presenter.changed.connect(self.render_state)
        self.render_state(presenter.state)

    def render_state(self, state: IssueState) -> None:
        """Draw a state; drawing it twice changes nothing."""
        batch = state.batch.batch if state.batch else None
        self._title.setText(tr("Labels of batch {batch}", batch=batch.name) if batch else tr("New codes"))
        self._item.setVisible(batch is None)
        self._about.setVisible(batch is not None)
        if state.batch:
            self._about.setText(
                tr("{item} · {issued} codes", item=state.batch.product.label, issued=f"{state.batch.batch.issued:,}")
            )
        self._count.setVisible(batch is None)
        self._count.show_text(state.count)
        self._part.setVisible(batch is not None)
        self._part.show_text(state.part)
        options, paper = state.options, state.paper
        self._dpi.show_choice(str(options.dpi))
        self._paper.setCurrentIndex(self._paper.findData(options.preset))
        self._start.show_text(str(options.start))
        self._start.setEnabled(paper.sheet is not None)
        self._fields.show_chosen(options.fields)
        self._show_preview(state.preview)
        self._sheet.setVisible(paper.sheet is not None)
        if paper.sheet:
            self._sheet.show_sheet(paper, options.start)
        self._show_work(state)

    def _show_preview(self, preview: Preview | None) -> None:
        self._picture.setVisible(preview is not None)
        self._size.setVisible(preview is not None)
        if preview is None:
            return
        paper = self._presenter.state.paper
        dots = min(max(self.physicalDpiX(), _SCREEN_DPI[0]), _SCREEN_DPI[1]) / INCH
        width, height = _ROOM_ABOVE_SHEET if paper.sheet else _ROOM
        fits = min(width / (paper.width * dots), height / (paper.height * dots))
        times = 2 if fits >= 2 else min(fits, 1.0)
        shown = preview.picture.scaledToWidth(
            round(paper.width * dots * times), Qt.TransformationMode.SmoothTransformation
        )
        self._picture.setPixmap(QPixmap.fromImage(shown))
        self._picture.setAccessibleName(tr("The label as it will come out"))
        words = tr("Twice its size") if times == 2 else tr("True size") if times == 1 else tr("Smaller than life")
        self._size.setText(
            tr(
                "{words} · {width:g} × {height:g} mm · symbol {side:.1f} mm, module {module:.3f} mm",
                words=words,
                width=paper.width,
                height=paper.height,
                side=preview.side,
                module=preview.module,
            )
        )

    def _show_work(self, state: IssueState) -> None:
        self._progress.show_work(state.done, state.total, works=state.works)
        words = tr("Issuing") if state.phase is Phase.ISSUING else tr("Printing")
        self._progress.setFormat(f"{words} · {state.done:,} / {state.total:,}")
        say(self._said, state.said, refused=state.refused)
        unfinished = state.batch is not None and state.batch.batch.issued < state.batch.batch.asked
        rename(self._back, keyed(tr("Stop") if state.works else tr("Back"), "Esc"))
        rename(self._issue, keyed(tr("Issue the rest") if unfinished else tr("Only issue"), "F6"))
        self._issue.setEnabled(not state.works and (state.batch is None or unfinished))
        for made in (self._csv, self._pdf, self._print):
            made.setEnabled(not state.works)

    def type(self, text: str) -> None:
        """Whoever begins to type wants to find an item."""
        if self._item.isVisible():
            self._item.type(text)

    def _type_start(self, text: str) -> None:
        if text.isascii() and text.isdecimal():
            self._presenter.choose_start(int(text))

    def _build_form(self) -> QWidget:
        frame = card()
        column = QVBoxLayout(frame)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(10)
        column.addWidget(self._title)
        column.addWidget(self._about)
        column.addWidget(self._item, 1)
        first, second = QHBoxLayout(), QHBoxLayout()
        for row, parts in (
            (first, (self._count, self._part, self._dpi)),
            (second, (captioned(tr("Paper"), self._paper), self._start)),
        ):
            row.setSpacing(12)
            for part in parts:
                row.addWidget(part, 1)
            column.addLayout(row)
        column.addWidget(self._fields)
        column.addStretch(0)
        return frame

    def _build_side(self) -> QWidget:
        side, column = side_column()
        frame = card()
        inside = QVBoxLayout(frame)
        inside.setContentsMargins(16, 16, 16, 16)
        inside.setSpacing(8)
        inside.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignHCenter)
        inside.addWidget(self._size)
        inside.addWidget(self._sheet, 0, Qt.AlignmentFlag.AlignHCenter)
        inside.addStretch(1)
        inside.addWidget(self._progress)
        inside.addWidget(self._said)
        column.addWidget(frame, 1)
        keys = QGridLayout()
        keys.setContentsMargins(0, 0, 0, 0)
        keys.setSpacing(10)
        for place, made in enumerate((self._back, self._issue, self._csv, self._pdf)):
            keys.addWidget(filling(made), place // 3, place % 3)
        keys.addWidget(filling(self._print), 1, 1, 1, 2)
        foot = QWidget()
        foot.setFixedHeight(146)
        foot.setLayout(keys)
        column.addWidget(foot)
        return side
