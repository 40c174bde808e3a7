"""Whether a player can play a file as it is, and what to make of it where it cannot: the extension ``transcoding``.

A player says what it can do (``ClientInfo``: what it plays directly, what it would rather have, in its order, and limits of codecs); nothing here looks at
a file. Bit rates are bits a second, sample rates hertz. An empty list in a player's profile means anything; a limit that is not required is kept to where
something is made anyway, and hinders no direct play.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from madang.platforms.music.subsonic.errors import Failed

ALIKE = {
    "oga": "ogg", "opus": "ogg", "m4a": "mp4", "m4b": "mp4", "mpeg": "mp3", "mpga": "mp3", "wave": "wav", "adts": "aac",
}  # fmt: skip
MOST_PROFILES = 200
LEAST = 8_000
"""Bits a second: less is no music."""
_PARAMS = re.compile(r"([a-z0-9]{1,12})-(\d{1,7})-(\d{1,2})-(\d{1,6})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Sound:
    """A stream as it is, or as it would be made. 0 is not known; ``bitrate`` 0 of a stream to be made means lossless."""

    container: str
    codec: str
    channels: int = 0
    bitrate: int = 0
    samplerate: int = 0
    bitdepth: int = 0
    profile: str = ""

    def details(self) -> dict[str, Any]:
        """As ``StreamDetails``."""
        numbers = {"audioChannels": self.channels, "audioBitrate": self.bitrate, "audioSamplerate": self.samplerate, "audioBitdepth": self.bitdepth}
        known = {name: value for name, value in numbers.items() if value}
        return {"protocol": "http", "container": self.container, "codec": self.codec, "audioProfile": self.profile} | known


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit of a codec: ``name`` is one of audioChannels, audioBitrate, audioProfile, audioSamplerate, audioBitdepth."""

    name: str
    comparison: str
    values: tuple[str, ...]
    required: bool

    def holds(self, sound: Sound) -> bool:
        """Whether the stream keeps to it. What is not known of the stream keeps to any."""
        values: dict[str, int | str] = {
            "audioChannels": sound.channels, "audioBitrate": sound.bitrate, "audioProfile": sound.profile, "audioSamplerate": sound.samplerate,
            "audioBitdepth": sound.bitdepth,
        }  # fmt: skip
        value = values.get(self.name)
        if not value:
            return True
        if self.comparison == "Equals":
            return str(value).lower() in (one.lower() for one in self.values)
        if self.comparison == "NotEquals":
            return str(value).lower() not in (one.lower() for one in self.values)
        bound = self.bound()
        if bound is None or isinstance(value, str):
            return True
        return value <= bound if self.comparison == "LessThanEqual" else value >= bound

    def bound(self) -> int | None:
        """The first value as a number, which is all that the two comparisons of size use."""
        first = self.values[0] if self.values else ""
        return int(first) if first.isascii() and first.isdigit() and len(first) < 12 else None


@dataclass(frozen=True, slots=True)
class Direct:
    """What a player plays as it comes."""

    containers: frozenset[str]
    codecs: frozenset[str]
    protocols: frozenset[str]
    channels: int


@dataclass(frozen=True, slots=True)
class Wish:
    """What a player would have made for it."""

    container: str
    codec: str
    protocol: str
    channels: int


@dataclass(frozen=True, slots=True)
class Player:
    """What a player can do."""

    bitrate: int = 0
    made_bitrate: int = 0
    direct: tuple[Direct, ...] = ()
    wishes: tuple[Wish, ...] = ()
    limits: Mapping[str, tuple[Limit, ...]] | None = None

    def of(self, codec: str) -> tuple[Limit, ...]:
        """The limits of a codec."""
        return (self.limits or {}).get(codec, ())


def read(body: bytes) -> Player:
    """The player that the body of a request describes. Raises ``Failed`` (0, 10)."""
    try:
        said = json.loads(body)
    except ValueError:
        raise Failed(0, "The body must be JSON: what the player can do.") from None
    if not isinstance(said, dict):
        raise Failed(0, "The body must be an object: what the player can do.")
    if not said:
        raise Failed(10, "The body says nothing of the player.")
    limits: dict[str, tuple[Limit, ...]] = {}
    for row in _rows(said, "codecProfiles"):
        limits[_codec(row.get("name"))] = tuple(
            Limit(str(one.get("name")), str(one.get("comparison")), _words(one.get("values")), one.get("required") is True) for one in _rows(row, "limitations")
        )
    return Player(
        _number(said.get("maxAudioBitrate")),
        _number(said.get("maxTranscodingAudioBitrate")),
        tuple(
            Direct(_set(row.get("containers")), _set(row.get("audioCodecs")), frozenset(_words(row.get("protocols"))), _number(row.get("maxAudioChannels")))
            for row in _rows(said, "directPlayProfiles")
        ),
        tuple(
            Wish(_alike(row.get("container")), _codec(row.get("audioCodec")), str(row.get("protocol", "http")), _number(row.get("maxAudioChannels")))
            for row in _rows(said, "transcodingProfiles")
        ),
        limits,
    )


def decide(source: Sound, player: Player, makes: Sequence[Sound]) -> dict[str, Any]:
    """The ``transcodeDecision``. ``makes`` is what we can make, each with the most that it can have (channels, bit rate, sample rate; 0 of the last
    means that of the source). ``transcodeParams`` is there where something would be made; ``made`` reads it again."""
    said: dict[str, Any] = {"sourceStream": source.details(), "canTranscode": False, "errorReason": ""}
    reasons = [_hindrance(source, profile, player) for profile in player.direct]
    said["canDirectPlay"] = "" in reasons
    if not said["canDirectPlay"]:
        said["transcodeReason"] = reasons or ["NoDirectPlayProfile"]
    for wish in player.wishes:
        for one in makes:
            if (_alike(one.container), one.codec, "http") != (wish.container, wish.codec, wish.protocol):
                continue
            if stream := _fitted(source, one, wish, player):
                return said | {
                    "canTranscode": True, "transcodeStream": stream.details(),
                    "transcodeParams": f"{stream.codec}-{stream.bitrate}-{stream.channels}-{stream.samplerate}",
                }  # fmt: skip
    if not said["canDirectPlay"]:
        said["errorReason"] = "NoTranscodingProfile"
    return said


def made(params: str, makes: Sequence[Sound]) -> Sound:
    """What ``transcodeParams`` asks to be made. Raises ``Failed`` (0) for what ``decide`` never said."""
    found = _PARAMS.fullmatch(params)
    one = next((one for one in makes if found and one.codec == found[1]), None)
    if found is None or one is None:
        raise Failed(0, "Parameter transcodeParams must be what getTranscodeDecision said.")
    bitrate, channels, samplerate = (int(part) for part in found.groups()[1:])
    if bitrate > one.bitrate or (one.bitrate and not bitrate) or not 1 <= channels <= max(one.channels, 1) or not 8000 <= samplerate <= 192_000:
        raise Failed(0, "Parameter transcodeParams must be what getTranscodeDecision said.")
    return replace(one, bitrate=bitrate, channels=channels, samplerate=samplerate)


def _hindrance(source: Sound, profile: Direct, player: Player) -> str:
    """Why a profile does not play it; "" where it does."""
    if profile.containers and _alike(source.container) not in profile.containers:
        return "ContainerNotSupported"
    if profile.codecs and source.codec not in profile.codecs:
        return "AudioCodecNotSupported"
    if profile.protocols and "http" not in profile.protocols:
        return "ProtocolNotSupported"
    if profile.channels and source.channels > profile.channels:
        return "AudioChannelsNotSupported"
    if player.bitrate and source.bitrate > player.bitrate:
        return "AudioBitrateNotSupported"
    broken = next((limit for limit in player.of(source.codec) if limit.required and not limit.holds(source)), None)
    return f"{broken.name[:1].upper()}{broken.name[1:]}NotSupported" if broken else ""


def _fitted(source: Sound, target: Sound, wish: Wish, player: Player) -> Sound | None:
    """The stream that would be made: the best that all limits leave, or ``None`` where a required one leaves nothing."""
    limits = player.of(target.codec)
    channels = _least([source.channels or 2, target.channels, wish.channels, *_bounds(limits, "audioChannels")])
    bitrate = _least([target.bitrate, player.made_bitrate, player.bitrate, *_bounds(limits, "audioBitrate")]) if target.bitrate else 0
    samplerate = target.samplerate or _least([source.samplerate or 44_100, *_bounds(limits, "audioSamplerate")])
    depth = _least([source.bitdepth, target.bitdepth]) if target.bitdepth else 0
    stream = Sound(target.container, target.codec, channels, bitrate, samplerate, depth, target.profile)
    if target.bitrate and bitrate < LEAST:
        return None
    if not target.bitrate and _least([player.made_bitrate, player.bitrate, *_bounds(limits, "audioBitrate")]):
        return None
    return stream if all(limit.holds(stream) for limit in limits if limit.required) else None


def _bounds(limits: Sequence[Limit], name: str) -> list[int]:
    return [bound for limit in limits if limit.name == name and limit.comparison == "LessThanEqual" and (bound := limit.bound())]


def _least(numbers: Sequence[int]) -> int:
    """The smallest of those that say anything: 0 means no limit."""
    return min((one for one in numbers if one), default=0)


def _rows(said: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = said.get(name) or []
    if not isinstance(found, list) or len(found) > MOST_PROFILES or not all(isinstance(one, dict) for one in found):
        raise Failed(0, f"{name} must be a list of at most {MOST_PROFILES} objects.")
    return found


def _words(said: object) -> tuple[str, ...]:
    return tuple(str(one) for one in said[:MOST_PROFILES]) if isinstance(said, list) else ()


def _number(said: object) -> int:
    return said if isinstance(said, int) and not isinstance(said, bool) and 0 <= said < 2**31 else 0


def _alike(said: object) -> str:
    low = str(said).lower()
    return ALIKE.get(low, low)


def _codec(said: object) -> str:
    return str(said).lower()


def _set(said: object) -> frozenset[str]:
    """Names as they are and as what they are like: "opus" is a codec and, as a container, ogg."""
    return frozenset(name for one in _words(said) for name in (one.lower(), _alike(one)))
