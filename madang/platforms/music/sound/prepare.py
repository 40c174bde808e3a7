"""One pass over an original: its renditions for listening, its loudness and its waveform. Memory does not grow with the length of the track."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pyebur128
from av.audio.resampler import AudioResampler

from madang.kit.errors import Refused
from madang.platforms.music.sound import probe
from madang.platforms.music.sound.limits import USUAL, Limits
from madang.platforms.music.sound.reasons import refused

RATE = 48_000
"""Samples a second of every rendition but the lossless one."""
BUCKETS = 400
STEPS = 20
"""Provisional buckets of the waveform a second."""
SILENCE = -7000


@dataclass(frozen=True)
class Format:
    """What a rendition is: its name, the container FFmpeg writes, the codec, bits a second (0: lossless), the type browsers are told."""

    name: str
    container: str
    codec: str
    bit_rate: int
    mime: str
    suffix: str
    sample_format: str


OPUS = Format("opus", "ogg", "libopus", 128_000, "audio/ogg; codecs=opus", "opus", "flt")
AAC = Format("aac", "mp4", "aac", 192_000, "audio/mp4", "m4a", "fltp")
MP3 = Format("mp3", "mp3", "libmp3lame", 192_000, "audio/mpeg", "mp3", "fltp")
FLAC = Format("flac", "flac", "flac", 0, "audio/flac", "flac", "s16")
FORMATS = {one.name: one for one in (OPUS, AAC, MP3, FLAC)}


@dataclass
class Prepared:
    """What came of it: ``duration`` in milliseconds as it was decoded, ``lufs`` and ``peak`` in hundredths, ``waveform`` one byte a bucket (0 … 255),
    ``files`` {format: path}."""

    duration: int = 0
    lufs: int = SILENCE
    peak: int = SILENCE
    waveform: bytes = b""
    files: dict[str, Path] = field(default_factory=dict)


class _Writer:
    """One rendition being written, under a name that says so until it is whole."""

    def __init__(self, path: Path, form: Format, title: dict[str, str], source: Any) -> None:
        self.path, self.part = path, path.with_suffix(path.suffix + ".part")
        options = {"movflags": "+faststart"} if form.container == "mp4" else {}
        self.container = av.open(str(self.part), "w", format=form.container, options=options)
        rate = source.sample_rate if form is FLAC else RATE
        channels = min(2, source.channels)
        self.stream: Any = self.container.add_stream(form.codec, rate=rate, layout="stereo" if channels == 2 else "mono")
        if form.bit_rate:
            self.stream.bit_rate = form.bit_rate if channels == 2 else form.bit_rate * 5 // 8
        deep = form is FLAC and source.format.bits > 16
        self.resampler = AudioResampler(format="s32" if deep else form.sample_format, layout="stereo" if channels == 2 else "mono", rate=rate,
                                        frame_size=None)  # fmt: skip
        self.stream.codec_context.format = "s32" if deep else form.sample_format
        for key, value in title.items():
            self.container.metadata[key] = value
        self.written = 0

    def take(self, frame: Any) -> None:
        for one in self.resampler.resample(frame):
            one.pts, one.time_base = self.written, Fraction(1, one.sample_rate)
            self.written += one.samples
            self.container.mux(self.stream.encode(one))

    def close(self) -> None:
        self.take(None)
        self.container.mux(self.stream.encode(None))
        self.container.close()
        self.part.replace(self.path)

    def drop(self) -> None:
        with suppress(av.FFmpegError, ValueError):  # it was broken by what broke the original
            self.container.close()
        self.part.unlink(missing_ok=True)
        self.path.unlink(missing_ok=True)


def prepare(
    source: Path, folder: Path, formats: Sequence[Format], *, title: dict[str, str] | None = None, limits: Limits = USUAL,
    progress: Callable[[int], None] = lambda _done: None,
) -> Prepared:  # fmt: skip
    """Decode ``source`` once and write each of ``formats`` into ``folder`` (``<format>.<suffix>``). ``progress`` hears how many milliseconds are done.

    Raises ``Refused`` (``broken`` where the sound breaks off in error, ``too-short``, ``too-long``) and leaves nothing then.
    """
    with probe.opened(source) as container:
        stream = probe.stream_of(container)
        made = Prepared()
        writers = [_Writer(folder / f"{form.name}.{form.suffix}", form, title or {}, stream.codec_context) for form in formats]
        meter = _Meter(min(2, stream.codec_context.channels), stream.codec_context.sample_rate)
        try:
            for frame in decoded(container, stream):
                meter.take(frame)
                for writer in writers:
                    writer.take(frame)
                if meter.duration > limits.longest:
                    probe.check_length(meter.duration, limits)
                progress(meter.duration)
            meter.take(None)
            probe.check_length(meter.duration, limits)
            if meter.duration < _said(container, stream) * 9 // 10:
                raise _broken()
            for writer in writers:
                writer.close()
        except BaseException:
            for writer in writers:
                writer.drop()
            raise
    made.duration, made.lufs, made.peak, made.waveform = meter.duration, meter.lufs, meter.peak, meter.waveform()
    made.files = {form.name: writer.path for form, writer in zip(formats, writers, strict=True)}
    return made


def _said(container: Any, stream: Any) -> int:
    """How long the file says it is, in milliseconds; 0 for an MP3, whose length is often a guess."""
    return 0 if container.format.name in ("mp3", "aac") else probe.duration_of(container, stream) or 0


BROKEN_MAX = 20
"""Damaged frames a track may have: a scratch. A file that is mostly damage is refused."""


def decoded(container: Any, stream: Any) -> Iterator[Any]:
    """The frames of a stream. A few damaged ones are left out; a file that breaks off, or is mostly damage, is refused (``broken``)."""
    stream.thread_type = "AUTO"
    broken = good = 0
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
        except StopIteration:
            break
        except av.FFmpegError as error:
            raise _broken() from error
        try:
            for frame in packet.decode():
                good += 1
                yield frame
        except av.FFmpegError as error:
            broken += 1
            if broken > BROKEN_MAX:
                raise _broken() from error
    if not good or broken * 5 > good:
        raise _broken()


def _broken() -> Refused:
    return refused("broken")


class _Meter:
    """Loudness by EBU R128 and the waveform, from the same samples, at the rate they were made with."""

    def __init__(self, channels: int, rate: int) -> None:
        self.channels, self.rate, self.samples = channels, rate, 0
        self.resampler = AudioResampler(format="flt", layout="stereo" if channels == 2 else "mono", rate=rate)
        self.state = pyebur128.R128State(channels, rate, pyebur128.MeasurementMode.MODE_I | pyebur128.MeasurementMode.MODE_TRUE_PEAK)
        self.steps: list[float] = []
        self.left = np.empty(0, dtype=np.float32)

    def take(self, frame: Any) -> None:
        for one in self.resampler.resample(frame):
            samples = np.ascontiguousarray(one.to_ndarray().reshape(-1)[: one.samples * self.channels])
            self.samples += one.samples
            self.state.add_frames(samples, one.samples)
            self._wave(samples)

    def _wave(self, samples: Any) -> None:
        loud = np.abs(np.concatenate([self.left, samples]) if len(self.left) else samples)
        size = max(1, self.rate // STEPS) * self.channels
        whole = len(loud) // size
        if whole:
            self.steps += loud[: whole * size].reshape(whole, size).max(axis=1).tolist()
        self.left = loud[whole * size :]

    @property
    def duration(self) -> int:
        """Milliseconds that were decoded."""
        return self.samples * 1000 // self.rate

    @property
    def lufs(self) -> int:
        """Integrated loudness in hundredths of a LUFS; SILENCE where there is none."""
        value = float(pyebur128.get_loudness_global(self.state))
        return SILENCE if not np.isfinite(value) else max(SILENCE, round(value * 100))

    @property
    def peak(self) -> int:
        """True peak in hundredths of a dBTP."""
        top = max(float(pyebur128.get_true_peak(self.state, channel)) for channel in range(self.channels))
        return SILENCE if top <= 0 else max(SILENCE, round(2000 * float(np.log10(top))))

    def waveform(self) -> bytes:
        """The highest sample of each of as many equal parts as there are buckets."""
        steps = np.array(self.steps or [0.0], dtype=np.float32)
        edges = np.linspace(0, len(steps), BUCKETS + 1).astype(int)
        tops = [float(steps[begin : max(end, begin + 1)].max(initial=0.0)) for begin, end in pairwise(edges)]
        return bytes(min(255, round(top * 255)) for top in tops)


def stream(source: Path, form: Format, *, bit_rate: int = 0, start: int = 0) -> Iterator[bytes]:
    """``source`` as ``form`` while it is listened to, from ``start`` milliseconds on; pieces as they are ready. Raises ``Refused`` before the first one."""
    pieces = _Pipe()
    with probe.opened(source) as container:
        track = probe.stream_of(container)
        if start:
            container.seek(int(start / 1000 / track.time_base), stream=track)
        out = av.open(pieces, "w", format={"mp4": "adts"}.get(form.container, form.container))
        made: Any = out.add_stream(form.codec, rate=RATE, layout="stereo" if track.codec_context.channels > 1 else "mono")
        made.codec_context.format = form.sample_format
        if form.bit_rate:
            made.bit_rate = bit_rate or form.bit_rate
        resampler = AudioResampler(format=form.sample_format, layout=made.layout, rate=RATE)
        written = 0
        for frame in decoded(container, track):
            if frame.time is not None and frame.time * 1000 < start:
                continue
            for one in resampler.resample(frame):
                one.pts, one.time_base = written, Fraction(1, RATE)
                written += one.samples
                out.mux(made.encode(one))
            yield from pieces.taken()
        out.mux(made.encode(None))
        out.close()
        yield from pieces.taken()


class _Pipe:
    """A file that is only ever written to its end, and read away."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        self.pieces.append(bytes(data))
        return len(data)

    def taken(self) -> Iterator[bytes]:
        if self.pieces:
            yield b"".join(self.pieces)
            self.pieces.clear()
