"""Sounds and covers of our own for a demo on a machine without Debian's music packages: plucked notes in five scales, made when they are needed."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

import av
import numpy as np
from PIL import Image, ImageDraw

RATE = 44_100
ALBUMS = (
    ("Made-up Sounds, one", "The Demo Generator", ("made-up", "ambient"), (0, 2, 4, 7, 9), 3),
    ("Made-up Sounds, two", "Three Oscillators", ("made-up", "electronic"), (0, 3, 5, 7, 10), 3),
    ("Made-up Sounds, three", "Karplus & Strong", ("made-up", "plucked"), (0, 1, 5, 7, 8), 2),
)
LICENCE = "CC0 1.0"
SECONDS = 75
"""How long a piece is."""


def albums(folder: Path) -> Iterator[tuple[str, str, tuple[str, ...], str, list[Path]]]:
    """The made-up albums, as the demo reads them."""
    for number, (title, artist, tags, scale, count) in enumerate(ALBUMS):
        sounds = []
        for track in range(1, count + 1):
            path = folder / f"{number}-{track:02d} {title}.flac"
            said = {"title": f"Piece {number * 10 + track}", "artist": artist, "album": title, "track": str(track)}
            write(path, melody(scale, seed=number * 10 + track, seconds=SECONDS), **said)
            sounds.append(path)
        yield title, artist, tags, LICENCE, sounds


def melody(scale: tuple[int, ...], *, seed: int, seconds: int) -> Any:
    """Plucked notes of a scale as mono samples (int16): a damped sine with its octave."""
    dice = Random(seed)  # noqa: S311  a demo's dice
    out = np.zeros(seconds * RATE, dtype=np.float64)
    beat, at = dice.uniform(0.28, 0.5), 0.0
    time = np.arange(int(2.5 * RATE)) / RATE
    while at < seconds - 3:
        hertz = 110 * 2 ** ((dice.choice(scale) + 12 * dice.choice((0, 1, 1, 2))) / 12)
        tone = (np.sin(2 * np.pi * hertz * time) + 0.35 * np.sin(4 * np.pi * hertz * time)) * np.exp(-2.2 * time)
        begin = int(at * RATE)
        out[begin : begin + len(tone)] += tone * dice.uniform(0.15, 0.4)
        at += beat * dice.choice((1, 1, 1, 2, 2, 4))
    return (out / max(1.0, np.abs(out).max()) * 0.7 * 32767).astype(np.int16)


def write(path: Path, samples: Any, **tags: str) -> None:
    """Samples as a FLAC file with tags."""
    with av.open(str(path), "w") as out:
        for key, value in tags.items():
            out.metadata[key] = value
        stream: Any = out.add_stream("flac", rate=RATE, layout="mono")
        for begin in range(0, len(samples), 4096):
            piece = samples[begin : begin + 4096]
            frame = av.AudioFrame.from_ndarray(piece.reshape(1, -1), format="s16", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = RATE, begin, Fraction(1, RATE)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


def cover(title: str, number: int) -> bytes:
    """A cover of plain shapes, a different one for each title."""
    dice = Random(f"{title}|{number}")  # noqa: S311  a demo's dice
    ground = [(28, 90, 67), (168, 63, 12), (40, 52, 92), (118, 84, 24), (86, 44, 84), (24, 86, 96)][number % 6]
    image = Image.new("RGB", (900, 900), ground)
    draw = ImageDraw.Draw(image)
    for _shape in range(9):
        tone = tuple(min(255, max(0, part + dice.randint(-50, 90))) for part in ground)
        x, y, size = dice.randint(-100, 900), dice.randint(-100, 900), dice.randint(120, 520)
        draw.ellipse((x, y, x + size, y + size), outline=tone, width=dice.choice((3, 8, 24, 60)))
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()
