"""Labels of a batch: what goes on them, in which form they come out, and what the register is told of it."""

from __future__ import annotations

import csv
import errno
import io
import os
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from core.catalogue import queries as goods
from core.catalogue.product import Product
from core.clock import iso_time
from core.codes import labels, queries
from core.codes.bitmap import symbol_png
from core.codes.gs1 import short_gtin
from core.codes.labels import Content, Layout
from core.codes.printers import LANGUAGES
from core.codes.queries import Batch
from core.codes.serial import LENGTH
from core.codes.symbols import QUIET, SymbolTable, table_for
from core.errors import BrokenWorldError, RefusedError
from core.files import write_whole
from core.label_paper import FIELDS, PRESETS, RESOLUTIONS, printer_address
from core.members.invitation import stem_of
from core.settings import Settings
from core.shop.codes import mark_printed, part_of_batch, uri_stem
from core.shop.invitations import Invitation
from core.shop.terminal import Actor, Terminal, View
from core.texts import sentence

_PATIENCE, _LAST_WORD = 10.0, 2.0
"""Seconds that a printer may take nothing more, and may be silent when it has all."""

_PNG_SCALE = 12
"""Pixels a module: 0.5 mm at 600 dots an inch."""

_CHUNK = 1_024


@dataclass(frozen=True, slots=True)
class Options:
    """How labels are to look.

    Attributes:
        preset: of `PRESETS`.
        fields: of `FIELDS`.
        dpi: of `RESOLUTIONS`.
        start: the first free label of a used sheet, from 1.
    """

    preset: str = "a4-45"
    fields: frozenset[str] = frozenset({"name", "spec", "price"})
    dpi: int = 203
    start: int = 1


@dataclass(frozen=True, slots=True)
class Job:
    """Labels that are ready to come out.

    Attributes:
        batch: name of the batch; empty for a sample or a single label.
        first: place of the first of them in the batch, from 0.
        keys: the serials.
        stem: what their links begin with.
        skip: labels of the first sheet that are used already.
    """

    batch: str
    first: int
    keys: Sequence[str]
    stem: str
    layout: Layout
    skip: int = 0

    @property
    def name(self) -> str:
        """Of a file with these labels, without its ending."""
        return f"{self.batch}-{self.first + 1}-{self.first + len(self.keys)}" if self.batch else self.keys[0]

    def part(self, count: int) -> Job:
        """The first labels of it."""
        return replace(self, keys=self.keys[:count])

    @property
    def table(self) -> SymbolTable:
        return table_for(self.stem, LENGTH)

    def uris(self) -> list[str]:
        return [self.stem + key for key in self.keys]


def options_of(settings: Settings, **changes: object) -> Options:
    """The shop's own way, with changes.

    Raises:
        RefusedError: `bad_label` for what there is not.
    """
    own = Options(settings["label"], settings["label_fields"], settings["label_dpi"])
    chosen = replace(own, **{name: value for name, value in changes.items() if value is not None})  # type: ignore[arg-type]
    if chosen.preset not in PRESETS or chosen.dpi not in RESOLUTIONS or not chosen.fields <= FIELDS.keys():
        raise RefusedError("bad_label", labels=", ".join(PRESETS), fields=", ".join(FIELDS))
    if not 1 <= chosen.start <= PRESETS[chosen.preset].labels:
        raise RefusedError("bad_start", labels=PRESETS[chosen.preset].labels)
    return chosen


def prepare(view: View, text: str, options: Options) -> Job:
    """The labels of a batch or of a part of it.

    Args:
        text: `BATCH` or `BATCH:FIRST-LAST`.

    Raises:
        RefusedError: `no_such_batch`, `bad_part`, `made_elsewhere`, or why a scanner could not read the label.
    """
    batch, start, count = part_of_batch(view, text)
    if batch.made != "here":
        raise RefusedError("made_elsewhere", batch=batch.name)
    keys = list(queries.keys_of(view.connection, batch, start, count))
    return _job(view, batch, keys, options, batch=batch.name, first=start)


def prepare_single(view: View, key: str, options: Options) -> Job:
    """The label of one unit, printed again.

    Raises:
        RefusedError: as `prepare`.
    """
    place = queries.place_of(view.connection, key)
    assert place
    batch = queries.batch_of(view.connection, place.batch)
    if batch.made != "here":
        raise RefusedError("made_elsewhere", batch=batch.name)
    return _job(view, batch, [key], options)


def sample(view: View, product: Product, options: Options, at: int) -> Job:
    """A label as it would look, with a serial that is none.

    Raises:
        RefusedError: why a scanner could not read it.
    """
    nothing = Batch(0, "", product.code, "here", 1, 1, 0, False, at)
    return _job(view, nothing, ["2345678923456789"], options)


def code_label(view: View, code: Invitation, name: str, options: Options) -> Job:
    """The label of a code that stays at a touchpoint: for a shelf, a poster, a parcel or a badge.

    Args:
        name: what stands beside it.

    Raises:
        RefusedError: why a scanner could not read it.
    """
    settings, preset = view.settings, PRESETS[options.preset]
    begin = stem_of(settings["resolver"])
    content = Content(shop=settings["name"], name=name)
    layout = labels.compose(preset, content, side=table_for(begin, LENGTH).side, dpi=options.dpi)
    return Job("", 0, [code.token], begin, layout, (options.start - 1) % preset.labels)


def _job(view: View, of: Batch, keys: Sequence[str], options: Options, *, batch: str = "", first: int = 0) -> Job:
    settings = view.settings
    product = goods.find(view.connection, of.gtin) or Product(of.gtin, "")
    begin = uri_stem(view, of.gtin)
    texts = {
        "shop": settings["name"],
        "name": product.name,
        "spec": product.spec,
        "price": f"{settings.currency} {settings.amount(product.price)}" if product.price else "",
        "date": iso_time(of.at, view.calendar.day_and_offset(of.at)[1])[:10],
        "gtin": short_gtin(of.gtin),
        "bars": short_gtin(of.gtin),
    }
    content = Content(**{name: text for name, text in texts.items() if name in options.fields})
    preset = PRESETS[options.preset]
    layout = labels.compose(preset, content, side=table_for(begin, LENGTH).side, dpi=options.dpi)
    return Job(batch, first, keys, begin, layout, (options.start - 1) % preset.labels)


def csv_file(job: Job) -> bytes:
    """`serial,uri`, a line a code."""
    text = io.StringIO(newline="")
    rows = csv.writer(text, lineterminator="\r\n")
    rows.writerow(("serial", "uri"))
    rows.writerows(zip(job.keys, job.uris(), strict=True))
    return text.getvalue().encode()


def printer_file(job: Job, language: str) -> bytes:
    """The labels in `zpl` or `tspl`."""
    return b"".join(LANGUAGES[language](job.layout, job.stem, job.keys))


def write_pictures(job: Job, folder: Path, tick: Callable[[int], None]) -> None:
    """A PNG file a code, named by its serial; the codes are checked first.

    Raises:
        OSError: when a file cannot be written.
        BrokenWorldError: `symbol_differs`.
    """
    job.table.check(job.keys)
    folder.mkdir(parents=True, exist_ok=True)
    for start in range(0, len(job.keys), _CHUNK):
        keys = job.keys[start : start + _CHUNK]
        for key, symbol in zip(keys, job.table.symbols(keys), strict=True):
            rows = job.table.rows(symbol)
            write_whole(folder / f"{key}.png", symbol_png(rows, job.table.side, quiet=QUIET, scale=_PNG_SCALE))
        tick(len(keys))


def send(job: Job, language: str, address: str, tick: Callable[[int], None]) -> str:
    """Send labels to a printer in the network, one after the other. Returns its name.

    Args:
        address: `HOST` or `HOST:PORT`.

    Raises:
        RefusedError: `bad_address`.
        BrokenWorldError: `printer_unreachable` before the first byte, `printer_broke` after it: at most how many labels
            came out. What the system took is not what the printer read, so that only its last label tells.
    """
    host, port = printer_address(address)
    name, sent = f"{host}:{port}", 0
    try:
        connection = socket.create_connection((host, port), timeout=_PATIENCE)
    except OSError as error:
        raise BrokenWorldError("printer_unreachable", printer=name, detail=error.strerror or error) from error
    with connection:
        try:
            for label in LANGUAGES[language](job.layout, job.stem, job.keys):
                tick(1)
                connection.sendall(label)
                sent += 1
            _check_open(connection)
            connection.shutdown(socket.SHUT_WR)
            connection.settimeout(_LAST_WORD)
            # A printer that is content closes its side; one that is gone resets the connection.
            with suppress(TimeoutError):
                while connection.recv(4096):
                    pass
        except OSError as error:
            raise BrokenWorldError(
                "printer_broke",
                printer=name,
                sent=sent,
                count=len(job.keys),
                batch=job.batch,
                first=job.first + 1,
            ) from error
    return name


def _check_open(connection: socket.socket) -> None:
    """Refuse to believe a printer that left before it had everything.

    Raises:
        ConnectionResetError: it has closed its side.
    """
    connection.settimeout(0)
    with suppress(BlockingIOError):
        if not connection.recv(1, socket.MSG_PEEK):
            raise ConnectionResetError(errno.ECONNRESET, os.strerror(errno.ECONNRESET))


def record(terminal: Terminal, by: Actor, job: Job, medium: str, where: str) -> None:
    """Tell the register that the labels of a job came out.

    Args:
        where: the file or the printer, for a sentence.

    Raises:
        BrokenWorldError: `labels_unmarked`.
    """
    if not job.batch:
        return
    mark = partial(mark_printed, by=by, batch=job.batch, start=job.first, count=len(job.keys), medium=medium)
    try:
        terminal.write(mark).result()
    except BrokenWorldError as broken:
        raise BrokenWorldError("labels_unmarked", file=where, detail=sentence(broken)) from broken
