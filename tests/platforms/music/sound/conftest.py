"""Sounds made by the tests themselves."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np


def made(
    path: Path, *, seconds: float = 3, codec: str = "pcm_s16le", rate: int = 44_100, level: float = 0.5, hertz: float = 440, channels: int = 2, **tags: str
) -> Path:  # fmt: skip
    """A sine in a file; ``level`` of full scale (0: silence)."""
    time = np.arange(int(seconds * rate)) / rate
    wave = (np.sin(2 * np.pi * hertz * time) * level * 32767).astype(np.int16)
    samples = np.repeat(wave[:, None], channels, axis=1).reshape(1, -1)
    with av.open(str(path), "w") as out:
        for key, value in tags.items():
            out.metadata[key] = value
        stream: Any = out.add_stream(codec, rate=rate, layout="stereo" if channels == 2 else "mono")
        resampler = av.AudioResampler(format=stream.codec_context.format or "s16", layout=stream.layout, rate=rate)
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="stereo" if channels == 2 else "mono")
        frame.sample_rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
        fifo = av.AudioFifo()
        for one in resampler.resample(frame):
            fifo.write(one)
        size = stream.codec_context.frame_size or 4096
        while (piece := fifo.read(size, partial=True)) is not None:
            out.mux(stream.encode(piece))
        out.mux(stream.encode(None))
    return path
