"""Where labels come out: files, printers in the network, the system's own printer; and what the register is told."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from core.codes.printers import LANGUAGES
from core.errors import BrokenWorldError, RefusedError
from core.files import write_whole
from core.label_paper import printer_address
from core.shop import labels
from core.shop.labels import Job
from core.shop.terminal import Actor, Terminal
from core.texts import readable, sentence

_ADDRESS = re.compile(r"tcp://.*|.+:\d{1,5}", re.ASCII)
"""How an address looks where a file could be meant; a name alone is a file."""

Tick = Callable[[int], None]


class _StopError(Exception):
    """Somebody wants no more labels."""


def let_out(
    terminal: Terminal,
    by: Actor,
    job: Job,
    *,
    medium: str,
    where: str,
    tick: Tick = lambda _: None,
    stopped: Callable[[], bool] = lambda: False,
) -> str:
    """Let labels come out, and tell the register which did.

    Args:
        medium: csv, png, zpl, tspl, pdf; or printer: the shop's label printer, else the system's, else a PDF.
        where: a file, a folder for png; for zpl and tspl also `HOST:PORT`; for printer the folder of the PDF.
        tick: told how many labels each step had.
        stopped: asked at each step whether to go on.

    Returns:
        The file, or the printer.

    Raises:
        RefusedError: `print_stopped`, with the number of labels that came out all the same.
        BrokenWorldError: `codes_unprinted`, for a job without a batch `file_unwritable` or `printer_unreachable`; as
            `labels.send` and `labels.record`.
    """
    done = 0

    def step(count: int) -> None:
        nonlocal done
        if stopped():
            raise _StopError
        tick(count)
        done += count

    try:
        place, medium = _out(terminal, job, medium, where, step)
    except _StopError:
        # A file is there whole or not at all; a printer keeps what it was given.
        out = done if medium == "printer" else 0
        if out:
            labels.record(terminal, by, job.part(out), medium, where)
        raise RefusedError("print_stopped", printed=out, count=len(job.keys)) from None
    except OSError as error:
        _raise_unprinted(job, BrokenWorldError("file_unwritable", file=where, detail=error.strerror), error)
    except BrokenWorldError as broken:
        if broken.code != "printer_unreachable":
            raise
        _raise_unprinted(job, broken, broken)
    labels.record(terminal, by, job, medium, place)
    return place


def rehearse(job: Job, medium: str, where: str) -> None:
    """Try what can be tried with a sample, before anything is issued.

    Raises:
        RefusedError: `bad_address`.
        BrokenWorldError: `glyph_missing`.
    """
    if medium in LANGUAGES:
        if _ADDRESS.fullmatch(where):
            printer_address(where.removeprefix("tcp://"))
        next(LANGUAGES[medium](job.layout, job.stem, job.keys))
    elif medium == "pdf":
        from ui.platform import ready_to_draw

        ready_to_draw()
        from ui.printing.labels import LabelPainter

        LabelPainter(job)


def _raise_unprinted(job: Job, broken: BrokenWorldError, cause: Exception) -> NoReturn:
    if not job.batch:
        raise broken from cause
    raise BrokenWorldError("codes_unprinted", batch=job.batch, detail=sentence(broken)) from cause


def _out(terminal: Terminal, job: Job, medium: str, where: str, tick: Tick) -> tuple[str, str]:
    """Returns the place and the medium that it came to."""
    if medium == "printer":
        language, _, address = terminal.read(lambda view: view.settings["label_printer"]).result().partition(" ")
        if address:
            return labels.send(job, language, address, tick), medium
        from ui.printing.labels import print_labels, system_printer

        if printer := system_printer():
            print_labels(job, printer, tick)
            return printer.printerName(), medium
        Path(where).mkdir(exist_ok=True)
        return _out(terminal, job, "pdf", str(Path(where) / f"{job.name}.pdf"), tick)
    if medium in LANGUAGES and _ADDRESS.fullmatch(where):
        return labels.send(job, medium, where.removeprefix("tcp://"), tick), medium
    _write(job, medium, Path(where), tick)
    return readable(where), medium


def _write(job: Job, medium: str, path: Path, tick: Tick) -> None:
    """Write a file, whole or not at all; for png a folder of them."""
    if medium == "pdf":
        from ui.platform import ready_to_draw

        ready_to_draw()
        from ui.printing.labels import write_pdf

        write_pdf(job, path, tick)
    elif medium == "png":
        labels.write_pictures(job, path, tick)
    else:
        content = labels.csv_file(job) if medium == "csv" else labels.printer_file(job, medium)
        write_whole(path, content)
        tick(len(job.keys))
