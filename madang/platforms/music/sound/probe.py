"""What a file is, by what is in it and never by its name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av

from madang.platforms.music.sound.limits import USUAL, Limits
from madang.platforms.music.sound.reasons import refused

LOSSLESS = {"flac", "alac", "wavpack", "ape", "tta", "mlp", "truehd", "tak"}
TAKEN = {"ogg", "flac", "wav", "w64", "aiff", "mp3", "mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "caf", "wv", "ape", "tta", "asf", "aac", "tak"}
"""Containers that are opened; playlists and whatever names other files or addresses are not among them."""
OPEN = {"format_whitelist": ",".join(sorted({name for one in TAKEN for name in one.split(",")})), "protocol_whitelist": "file,crypto,data"}


@dataclass(frozen=True)
class Sound:
    """``duration`` in milliseconds, ``bit_rate`` in bits a second, ``depth`` in bits (None where the codec has none)."""

    codec: str
    container: str
    duration: int
    sample_rate: int
    channels: int
    depth: int | None
    bit_rate: int
    lossless: bool


def opened(path: Path) -> Any:
    """The file as a container to read from. Raises ``Refused`` (``no-sound``, ``not-taken``) for what is none."""
    try:
        container = av.open(str(path), options=OPEN, metadata_errors="replace", timeout=30)
    except (av.FFmpegError, ValueError, OSError) as error:
        raise refused("no-sound") from error
    if container.format.name not in TAKEN:
        container.close()
        raise refused("not-taken")
    return container


def stream_of(container: Any) -> Any:
    """The sound in a container. Raises ``Refused`` (``no-stream``)."""
    if not container.streams.audio or container.streams.audio[0].codec_context is None:
        raise refused("no-stream")
    return container.streams.audio[0]


def probe(path: Path, limits: Limits = USUAL) -> Sound:
    """What ``path`` is. Raises ``Refused``: ``too-large``, ``no-sound``, ``not-taken``, ``no-stream``, ``silent``, ``too-short``, ``too-long``,
    ``too-fine``."""
    if path.stat().st_size > limits.size:
        raise refused("too-large")
    with opened(path) as container:
        stream = stream_of(container)
        codec = stream.codec_context
        if not codec.sample_rate or not codec.channels:
            raise refused("no-sound")
        if codec.channels > limits.channels or codec.sample_rate > limits.sample_rate:
            raise refused("too-fine")
        duration = duration_of(container, stream)
        if duration is not None:
            check_length(duration, limits)
        _decodes(container, stream)
        name = codec.name
        lossless = name.startswith("pcm_") or name in LOSSLESS
        rate = int(stream.bit_rate or codec.bit_rate or container.bit_rate or 0)
        return Sound(name, container.format.name, duration or 0, codec.sample_rate, codec.channels, _depth(codec) if lossless else None, rate, lossless)


def check_length(duration: int, limits: Limits = USUAL) -> None:
    """Raises ``Refused`` (``too-short``, ``too-long``) for a length in milliseconds that is not taken."""
    if duration < limits.shortest:
        raise refused("too-short")
    if duration > limits.longest:
        raise refused("too-long")


def duration_of(container: Any, stream: Any) -> int | None:
    """How long a file says it is, in milliseconds; None where it does not."""
    if stream.duration is not None and stream.time_base is not None:
        return round(stream.duration * stream.time_base * 1000)
    return container.duration // 1000 if container.duration else None


def _depth(codec: Any) -> int:
    return int(getattr(codec, "bits_per_coded_sample", 0) or codec.format.bits)


def _decodes(container: Any, stream: Any) -> None:
    """The first frames; that all of it decodes is seen when it is prepared."""
    try:
        for number, _frame in enumerate(container.decode(stream)):
            if number >= 3:
                return
        if not number:
            raise refused("silent")
    except (av.FFmpegError, UnboundLocalError, ValueError) as error:
        raise refused("silent") from error
