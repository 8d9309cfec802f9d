"""Sounds: the files, what is played, and what stands in for them."""

from __future__ import annotations

import array
import logging
import sys
import wave
from collections.abc import Callable
from enum import Enum
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QObject, QUrl
from PySide6.QtWidgets import QApplication

import resources
from ui import sounds
from ui.sell.state import Tone
from ui.sounds import Sounds

HEARD = (Tone.GOOD, Tone.WARN, Tone.BAD)


def samples(tone: Tone) -> array.array[int]:
    with wave.open(str(resources.path(f"sounds/{tone}.wav"))) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 44_100)
        return array.array("h", file.readframes(file.getnframes()))


@pytest.mark.parametrize("tone", HEARD)
def test_a_sound_is_short_and_neither_clips_nor_clicks(tone):
    assert resources.path(f"sounds/{tone}.wav").stat().st_size < 20_000
    values = samples(tone)
    assert 0.08 <= len(values) / 44_100 <= 0.18
    assert 10_000 < max(map(abs, values)) < 30_000
    # It begins and ends in silence.
    assert max(map(abs, values[:5])) < 100 and max(map(abs, values[-5:])) < 100


def test_the_sounds_differ_by_rhythm():
    def bursts(tone: Tone) -> int:
        """How often it begins: once for each burst, where 10 ms of silence lie between two."""
        step = 441
        values = samples(tone)
        loud = [max(map(abs, values[at : at + step])) > 300 for at in range(0, len(values), step)]
        return sum(now and not before for before, now in zip([False, *loud], loud, strict=False))

    assert [bursts(tone) for tone in HEARD] == [1, 2, 2]
    assert len(samples(Tone.GOOD)) < len(samples(Tone.WARN)) < len(samples(Tone.BAD))


@pytest.fixture
def beeps(monkeypatch) -> list[str]:
    heard: list[str] = []
    monkeypatch.setattr(QApplication, "beep", lambda: heard.append("beep"))
    monkeypatch.setattr(sounds, "_PAUSE", 0)
    return heard


@pytest.fixture
def prepared(qtbot, beeps, caplog) -> Callable[[], Sounds]:
    def prepare() -> Sounds:
        made = Sounds()
        with caplog.at_level(logging.INFO, "ui.sounds"):
            made.switch(on=True)
            qtbot.waitUntil(lambda: "sounds" in caplog.text)
        return made

    return prepare


class Effect(QObject):
    """A sound effect that only tells what it would play."""

    Status = Enum("Status", "Ready Error")
    played: list[str]
    now = Status.Ready

    def setSource(self, source: QUrl) -> None:
        self.file = source.fileName()

    def status(self) -> Status:
        return self.now

    def play(self) -> None:
        Effect.played.append(self.file)


@pytest.fixture
def library(monkeypatch) -> type[Effect]:
    """A Qt Multimedia with an audio device."""
    Effect.played, Effect.now = [], Effect.Status.Ready
    device = SimpleNamespace(defaultAudioOutput=lambda: SimpleNamespace(isNull=lambda: False))
    stand_in = SimpleNamespace(QMediaDevices=device, QSoundEffect=Effect)
    monkeypatch.setitem(sys.modules, "PySide6.QtMultimedia", stand_in)
    return Effect


def test_each_tone_plays_its_file(prepared, library, beeps):
    made = prepared()
    for tone in Tone:
        made.play(tone)
    assert library.played == ["good.wav", "warn.wav", "bad.wav"] and not beeps


def test_what_is_switched_off_is_silent(prepared, library, beeps):
    made = prepared()
    made.on = False
    for tone in Tone:
        made.play(tone)
    assert not library.played and not beeps


def test_a_file_that_the_device_cannot_play_is_a_beep(prepared, library, beeps):
    made = prepared()
    library.now = Effect.Status.Error
    made.play(Tone.BAD)
    assert not library.played and beeps == ["beep"]


def test_without_the_library_warnings_and_faults_are_beeps(prepared, beeps, monkeypatch, caplog):
    monkeypatch.setitem(sys.modules, "PySide6.QtMultimedia", None)
    made = prepared()
    made.play(Tone.CALM)
    made.play(Tone.GOOD)
    assert not beeps
    made.play(Tone.WARN)
    made.play(Tone.BAD)
    assert beeps == ["beep"] * 2
    assert all(record.levelno <= logging.INFO for record in caplog.records)


def test_without_an_audio_device_too(prepared, library, beeps, monkeypatch):
    nothing = SimpleNamespace(defaultAudioOutput=lambda: SimpleNamespace(isNull=lambda: True))
    monkeypatch.setattr(sys.modules["PySide6.QtMultimedia"], "QMediaDevices", nothing)
    made = prepared()
    made.play(Tone.BAD)
    assert beeps == ["beep"]


def test_before_it_is_prepared_a_fault_is_heard(qapp, beeps):
    Sounds().play(Tone.BAD)
    assert beeps == ["beep"]


def test_on_this_machine(qtbot, prepared, beeps, caplog):
    """With what is here: the real effects, or the beep."""
    made = prepared()
    effects = made._effects
    if effects:
        qtbot.waitUntil(lambda: all(effect.status() == effect.Status.Ready for effect in effects.values()))
        assert [effect.source().fileName() for effect in effects.values()] == ["good.wav", "warn.wav", "bad.wav"]
        made.play(Tone.GOOD)
        assert effects[Tone.GOOD].isPlaying() and not beeps
        effects[Tone.GOOD].stop()
    else:
        assert "no sounds" in caplog.text
        made.play(Tone.BAD)
        assert beeps == ["beep"]
