"""Files of our own making: what is sound and what is not, what is made of it, and that nothing is left of what was refused."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from madang.kit.errors import Refused
from madang.platforms.music.sound import cover, prepare, probe, tags
from madang.platforms.music.sound.limits import Limits
from tests.platforms.music.sound.conftest import made

ALONE = [sys.executable, "-m", "madang.platforms.music.sound"]


def length_of(path: Path) -> float:
    with av.open(str(path)) as file:
        return sum(frame.samples / frame.sample_rate for frame in file.decode(audio=0))


def test_a_text_file_called_flac_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "song.flac"
    path.write_text("la la la\n" * 900)
    with pytest.raises(Refused) as no:
        probe.probe(path)
    assert no.value.code == "no-sound"


NONE = [b"", b"RIFF", b"fLaC" + b"\0" * 400, b"\xff\xfb" * 300, b"#EXTM3U\nfile:///etc/passwd\n", b"ffconcat version 1.0\nfile /etc/passwd\n"]


@pytest.mark.parametrize("content", NONE)
def test_what_is_none_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.mp3"
    path.write_bytes(content)
    with pytest.raises(Refused):
        prepare.prepare(path, tmp_path, [prepare.OPUS])
    assert [one.name for one in tmp_path.iterdir()] == ["x.mp3"]


def test_too_short_and_too_long(tmp_path: Path) -> None:
    one = made(tmp_path / "short.wav", seconds=0.2)
    with pytest.raises(Refused, match="too-short"):
        probe.probe(one)
    two = made(tmp_path / "long.wav", seconds=3)
    with pytest.raises(Refused, match="too-long"):
        probe.probe(two, Limits(longest=2000))
    assert probe.probe(made(tmp_path / "second.wav", seconds=1)).duration == 1000


@pytest.mark.parametrize("form", list(prepare.FORMATS.values()), ids=lambda form: form.name)
def test_a_rendition_is_as_long_as_its_original_and_sounds_alike(tmp_path: Path, form: prepare.Format) -> None:
    source = made(tmp_path / "tone.flac", codec="flac", seconds=4, level=0.25)
    out = tmp_path / "out"
    out.mkdir()
    found = prepare.prepare(source, out, [form])
    assert found.duration == 4000
    assert abs(length_of(found.files[form.name]) - 4) < (0.001 if form is prepare.FLAC else 0.07)
    again = prepare.prepare(found.files[form.name], tmp_path, [])
    assert abs(again.lufs - found.lufs) <= 40
    assert abs(found.peak - -1204) <= 12  # a quarter of full scale
    assert [one.name for one in out.iterdir()] == [f"{form.name}.{form.suffix}"]


def test_the_loudness_of_a_known_tone(tmp_path: Path) -> None:
    """997 Hz at -23 dBFS in both channels is -23 LUFS (EBU Tech 3341, case 1)."""
    found = prepare.prepare(made(tmp_path / "tone.wav", hertz=1000, seconds=20, level=10 ** (-23 / 20), rate=48_000), tmp_path, [])
    assert abs(found.lufs - -2300) <= 10
    silence = prepare.prepare(made(tmp_path / "silence.wav", level=0, seconds=2), tmp_path, [])
    assert (silence.lufs, silence.peak, set(silence.waveform)) == (prepare.SILENCE, prepare.SILENCE, {0})


def test_a_file_that_breaks_off_is_refused_or_short(tmp_path: Path) -> None:
    source = made(tmp_path / "whole.flac", codec="flac", seconds=8)
    data = bytearray(source.read_bytes())
    noise = np.random.default_rng(1).integers(0, 256, len(data) // 2, dtype=np.uint8).tobytes()
    data[len(data) // 4 : len(data) // 4 + len(noise)] = noise
    broken = tmp_path / "broken.flac"
    broken.write_bytes(data)
    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(Refused, match="broken"):
        prepare.prepare(broken, out, [prepare.OPUS, prepare.FLAC])
    assert list(out.iterdir()) == []


def test_the_waveform_follows_the_sound(tmp_path: Path) -> None:
    found = prepare.prepare(made(tmp_path / "tone.wav", seconds=5, level=0.5), tmp_path, [])
    assert len(found.waveform) == prepare.BUCKETS
    assert {120 <= one <= 130 for one in found.waveform[1:-1]} == {True}


def test_a_process_of_its_own_tells_what_came(tmp_path: Path) -> None:
    source = made(tmp_path / "tone.wav", seconds=2)
    done = subprocess.run([*ALONE, str(source), str(tmp_path), "opus"], capture_output=True, text=True, check=True)
    told = json.loads(done.stdout.splitlines()[-1])
    assert (told["duration"], list(told["files"])) == (2000, ["opus"])
    bad = tmp_path / "bad.wav"
    bad.write_text("no")
    refused = subprocess.run([*ALONE, str(bad), str(tmp_path), "opus"], capture_output=True, text=True, check=False)
    assert (refused.returncode, json.loads(refused.stdout)) == (3, {"refused": "no-sound"})


def test_streaming_from_the_middle(tmp_path: Path) -> None:
    source = made(tmp_path / "tone.flac", codec="flac", seconds=6)
    piece = tmp_path / "piece.mp3"
    piece.write_bytes(b"".join(prepare.stream(source, prepare.MP3, bit_rate=64_000, start=4000)))
    assert 1.9 < length_of(piece) < 2.2


def test_tags_messy_and_plain(tmp_path: Path) -> None:
    said = {"title": "Salt ", "artist": "The Undertow", "album": "Low Tide", "track": "02/12", "date": "2024-05-01", "ISRC": "ie-abc-24-00001"}
    good = tags.read(made(tmp_path / "a.flac", codec="flac", **said))
    assert (good.title, good.artist, good.album, good.number, good.of, good.year, good.isrc, good.problems) == (
        "Salt", "The Undertow", "Low Tide", 2, 12, 2024, "IEABC2400001", [],
    )  # fmt: skip
    messy = tags.read(made(tmp_path / "07 - Somebody - Some_song.flac", codec="flac", track="side B", ISRC="nonsense", artist="x" * 900))
    assert (messy.title, messy.number, len(messy.artist), messy.isrc) == ("Some song", 7, 200, "")
    assert {key for key, _text in messy.problems} == {"number", "isrc", "artist", "title"}
    (tmp_path / "text.ogg").write_text("no tags")
    assert tags.read(tmp_path / "text.ogg").title == "text"


def test_pictures_are_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "x.png"
    Image.new("RGBA", (3000, 1500), (200, 10, 10, 128)).save(path)
    out = tmp_path / "y.jpg"
    out.write_bytes(cover.made_anew(path.read_bytes()))
    with Image.open(out) as image:
        assert (image.format, image.size, image.mode) == ("JPEG", (1200, 600), "RGB")
    for wrong in (b"", b"<svg onload='x'/>", path.read_bytes()[:300]):
        with pytest.raises(Refused, match="picture"):
            cover.made_anew(wrong)
