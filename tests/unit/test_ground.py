"""Ids, the clock, settings, the log."""

from __future__ import annotations

import logging
import resource
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from core.clock import Calendar, iso_time, parse_date
from core.errors import RefusedError
from core.files import OWNER, write_whole
from core.ids import IdSource, replay_id
from core.log import log_to
from core.settings import SETTINGS, Settings, check_value


def test_ids_rise_even_when_the_clock_steps_back():
    times = iter([1000, 1000, 500, 2000, 1999])
    source = IdSource(lambda: next(times))
    made = [source.new() for _ in range(5)]
    assert made == sorted(made) and len(set(made)) == 5
    assert all(uuid.UUID(one).version == 7 and uuid.UUID(one).variant == uuid.RFC_4122 for one in made)


def test_an_id_carries_its_time():
    made = uuid.UUID(IdSource(lambda: 1_700_000_000_123).new())
    assert made.int >> 80 == 1_700_000_000_123


def test_a_replayed_line_has_the_same_id_in_the_same_store_only():
    assert replay_id("S1", "a") == replay_id("S1", "a")
    assert len({replay_id("S1", "a"), replay_id("S2", "a"), replay_id("S1", "b")}) == 3


def test_the_business_day_begins_at_its_cut_over_hour(clock):
    calendar = Calendar("Asia/Shanghai", 4)
    clock.ms = calendar.instant("2026-11-24", "03:59")
    assert calendar.business_date(clock.ms) == "2026-11-23"
    clock.go(minutes=1)
    assert calendar.business_date(clock.ms) == "2026-11-24"


def test_summer_time_moves_the_offset():
    calendar = Calendar("Europe/Berlin")
    winter, summer = calendar.instant("2026-01-01", "12:00"), calendar.instant("2026-07-01", "12:00")
    assert [calendar.day_and_offset(at) for at in (winter, summer)] == [("2026-01-01", 60), ("2026-07-01", 120)]
    assert iso_time(summer, 120) == "2026-07-01T12:00:00+02:00"


@pytest.mark.parametrize("text", ["2026-02-30", "20261123", "2026-1-1", "", "today"])
def test_what_is_no_date_is_refused(text):
    with pytest.raises(RefusedError):
        parse_date(text)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../../etc/passwd"])
def test_what_is_no_time_zone_is_refused(zone):
    with pytest.raises(RefusedError):
        Calendar(zone)


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("colour", "red", "unknown_setting"),
        ("currency", "USD", "fixed_setting"),
        ("day_cutover", "24", "bad_setting"),
        ("language", "fr", "bad_setting"),
        ("scale_codes", "21IIIIAAAAA", "bad_setting"),
        ("tax_rate", "1300", "bad_rate"),
        ("timezone", "Nowhere", "bad_timezone"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(name, text, code):
    with pytest.raises(RefusedError) as refused:
        check_value(name, text)
    assert refused.value.code == code


def test_every_setting_can_be_read_typed():
    settings = Settings({"scale_codes": "21IIIIIAAAAAC", "tax_rate": "13%"})
    assert settings["scale_codes"] == ("21IIIIIAAAAAC",)
    assert settings["tax_rate"] == 130_000
    assert all(settings.text(name) is not None for name in SETTINGS)


def test_the_log_hides_long_numbers(tmp_path):
    with log_to(tmp_path):
        logging.getLogger("store.test").info("code 1345 6789 0123 456789")
        logging.getLogger("store.test").info("phone 13812345678, code 134567890123456789, receipt 4711")
    text = (tmp_path / "store.log").read_text(encoding="utf-8")
    assert "13812345678" not in text and "134567890123456789" not in text
    assert "13*******78" in text and "4711" in text and "456789" not in text


def test_a_folder_that_takes_no_log_stops_nothing(tmp_path, capsys):
    (tmp_path / "file").touch()
    with log_to(tmp_path / "file"):
        logging.getLogger("store.test").info("sold")
    assert capsys.readouterr() == ("", "")


@contextmanager
def small_files(size: int) -> Iterator[None]:
    """The system writes no file beyond so many bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_file_is_whole_or_as_it_was(tmp_path):
    path = tmp_path / "kept"
    path.write_bytes(b"the old one")
    with small_files(1000), pytest.raises(OSError, match="File too large"):
        write_whole(path, b"x" * 2000)
    assert path.read_bytes() == b"the old one" and list(tmp_path.iterdir()) == [path]
    write_whole(path, b"x" * 2000, OWNER)
    assert path.stat().st_size == 2000 and path.stat().st_mode & 0o777 == OWNER
