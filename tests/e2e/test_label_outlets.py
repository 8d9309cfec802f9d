"""Labels that do not come out: printers that break off, disks that are full; what is said, and how it goes on."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pypdf
import pytest

from tests import zpl
from tests.cli import ROOT, Cli
from tests.e2e.test_cli import WATER
from tests.label_printer import Ends, closed_port, label_printer

LABELS, MANY = 60, 1_600
"""Of a job for a printer, and of a file that is too large for a disk."""


def printed(cli: Cli) -> list[int]:
    """How many labels of each batch are known to be printed, the newest batch first."""
    return [row["printed"] for row in cli.ok("codes", "list")]


def uris(stream: bytes) -> list[str]:
    """The links of labels of ZPL."""
    return re.findall(r"\^FDMA,([^^]+)\^FS", stream.decode())


@pytest.fixture
def label_bytes(shop: Cli, tmp_path: Path) -> int:
    """How long a label is."""
    shop.ok("issue", WATER, "2", "--zpl", tmp_path / "two.zpl")
    return (tmp_path / "two.zpl").stat().st_size // 2


@pytest.mark.parametrize("language", ["zpl", "tspl"])
def test_a_printer_gets_the_same_bytes_as_a_file(shop, tmp_path, language):
    with label_printer() as printer:
        done = shop.ok("issue", WATER, "5", f"--{language}", printer.address)
    shop.ok("issue", "--batch", done["batch"], f"--{language}", tmp_path / "labels")
    assert printer.jobs == [(tmp_path / "labels").read_bytes()] and printed(shop) == [5]
    assert shop.ok("unit", done["first"])["state"] == "printed"


def test_a_printer_is_found_by_host_and_port_too(shop):
    with label_printer() as printer:
        shop.ok("issue", WATER, "3", "--zpl", printer.name)
    assert len(zpl.Reader().read(printer.jobs[0])) == 3


def test_a_printer_that_cannot_be_reached_leaves_a_batch_that_is_not_printed(shop):
    port = closed_port()
    done = shop("issue", WATER, "3", "--zpl", f"tcp://127.0.0.1:{port}")
    assert done.code == 3 and not done.out
    assert f"The printer 127.0.0.1:{port} cannot be reached: " in done.err and "Nothing was printed." in done.err
    (batch,) = shop.ok("codes", "list")
    assert (batch["issued"], batch["printed"]) == (3, 0)
    assert shop("issue", "--batch", batch["batch"], "--zpl", f"127.0.0.1:{port}", "--json").json["error"] == (
        "codes_unprinted"
    )
    with label_printer() as printer:
        assert shop.ok("issue", "--batch", batch["batch"], "--zpl", printer.address)["count"] == 3
    assert printed(shop) == [3] and len(uris(printer.jobs[0])) == 3


@pytest.mark.parametrize("ends", list(Ends))
@pytest.mark.parametrize("whole", [0, 1, 10])
def test_a_printer_that_breaks_off_marks_nothing_and_says_where_to_go_on(shop, label_bytes, ends, whole):
    with label_printer(label_bytes * whole + label_bytes // 2, ends) as printer:
        done = shop("issue", WATER, str(LABELS), "--zpl", printer.address)
        assert done.code == 3 and not done.out and printed(shop)[0] == 0
        said = re.search(
            r"^The printer (\S+) broke off\. At most (\d+) of 60 labels came out\. .*: (\S+):SERIAL-; .*: \3:(\d+)-$",
            done.err.strip(),
        )
        assert said and said[1] == printer.name and int(said[2]) >= whole
        batch = said[3]
        # What the system took says nothing: only the last label that came out does.
        came_out = uris(printer.jobs[0])[:whole]
        first = came_out[-1][-16:] if came_out else said[4]
        rest = shop.ok("issue", "--batch", f"{batch}:{first}-", "--zpl", printer.address)
    assert rest["count"] == LABELS - max(0, whole - 1) == printed(shop)[0]
    again = uris(printer.jobs[1])
    assert len(set(again)) == len(again) == rest["count"] and len(set(came_out + again)) == LABELS
    assert shop.ok("issue", "--batch", batch)["last"] in again[-1]


def test_what_is_no_address_of_a_printer_is_refused(shop):
    for address in ("tcp://", "tcp://host:0", "tcp://host:99999", "host:99999", "a b:9100"):
        assert shop.refused("issue", WATER, "1", "--zpl", address) == "bad_address"
    assert shop.ok("codes", "list") == []


def test_a_name_that_cannot_be_printed_is_refused_before_anything_is_issued(shop, tmp_path):
    shop.ok("product", "set", WATER, "--name", "水\U0001f600")
    for medium in ("pdf", "zpl", "tspl"):
        assert shop.refused("issue", WATER, "1", f"--{medium}", tmp_path / "labels", code=3) == "glyph_missing"
    assert shop.ok("codes", "list") == []


def test_two_kinds_of_labels_do_not_go_into_one_file(shop, tmp_path):
    same = tmp_path / "labels"
    assert shop.refused("issue", WATER, "1", "--csv", same, "--zpl", same) == "one_file_twice"
    assert shop.ok("codes", "list") == [] and not same.exists()


def full_disk(cli: Cli, *args: str | Path) -> subprocess.CompletedProcess[str]:
    """A command on a disk that has room for no file beyond six hundred kilobytes."""
    return subprocess.run(
        [
            "/bin/sh",
            "-c",
            'ulimit -f 1200; exec "$@"',
            "sh",
            sys.executable,
            ROOT / "main.py",
            *args,
            "--home",
            cli.home,
        ],
        capture_output=True,
        text=True,
        env=cli.environment(LC_ALL="C.UTF-8"),
        check=False,
    )


@pytest.mark.parametrize("kind", ["pdf", "zpl"])
def test_a_disk_that_is_full_leaves_a_batch_that_is_issued_and_no_half_file(shop, tmp_path, kind):
    folder = tmp_path / "labels"
    folder.mkdir()
    done = full_disk(shop, "issue", WATER, str(MANY), f"--{kind}", folder / "labels", "--label", "40x30")
    assert (done.returncode, done.stdout) == (3, "")
    (batch,) = shop.ok("codes", "list")
    assert (batch["issued"], batch["printed"]) == (MANY, 0)
    file = folder / "labels"
    assert done.stderr.strip() == (
        f"The codes of batch {batch['batch']} are issued, but not printed: {file} cannot be written: File too large."
    )
    assert not list(folder.iterdir())
    shop.ok("issue", "--batch", batch["batch"], f"--{kind}", file, "--label", "40x30")
    assert printed(shop) == [MANY] and file.stat().st_size > 614_400


def test_a_disk_that_is_full_leaves_the_old_file_as_it_was(shop, tmp_path):
    file = tmp_path / "labels.zpl"
    file.write_text("the old one", "utf-8")
    assert full_disk(shop, "issue", WATER, str(MANY), "--zpl", file).returncode == 3
    assert file.read_text("utf-8") == "the old one" and len(list(tmp_path.glob("labels*"))) == 1


@pytest.mark.parametrize("kind", ["pdf", "csv", "zpl", "tspl", "png"])
def test_a_place_that_takes_no_file_leaves_a_batch_that_is_printed_at_the_second_try(shop, tmp_path, kind):
    for path, why in (
        ("/dev/full", "File exists" if kind == "png" else "Invalid argument"),
        (tmp_path / "goods.csv" / "labels", "Not a directory"),
    ):
        done = shop("issue", WATER, "2", f"--{kind}", path)
        batch = shop.ok("codes", "list")[0]
        assert (done.code, done.out, batch["issued"], batch["printed"]) == (3, "", 2, 0)
        assert done.err.startswith(f"The codes of batch {batch['batch']} are issued, but not printed: {path} cannot be")
        assert why in done.err
        assert shop.refused("issue", "--batch", batch["batch"], f"--{kind}", path, code=3) == "codes_unprinted"
        assert shop.ok("issue", "--batch", batch["batch"], f"--{kind}", tmp_path / "second")["count"] == 2
        assert printed(shop)[0] == 2
    assert Path("/dev/full").is_char_device()


def test_a_second_try_prints_the_codes_of_the_first(shop, tmp_path):
    assert shop("issue", WATER, "3", "--pdf", "/dev/full").code == 3
    (batch,) = shop.ok("codes", "list")
    done = shop.ok(
        "issue", "--batch", batch["batch"], "--pdf", tmp_path / "labels.pdf", "--csv", tmp_path / "labels.csv"
    )
    serials = [line.split(",")[0] for line in (tmp_path / "labels.csv").read_text("utf-8").splitlines()[1:]]
    text = "".join(page.extract_text() for page in pypdf.PdfReader(tmp_path / "labels.pdf").pages)
    assert all(serial in re.sub(r"\s", "", text) for serial in serials) and len(serials) == 3
    assert (done["first"], done["last"]) == (serials[0], serials[-1])
