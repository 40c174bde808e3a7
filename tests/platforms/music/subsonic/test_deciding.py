"""What a player can play as it is, and what is made for one that cannot."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.platforms.music.subsonic import answers, deciding
from madang.platforms.music.subsonic.answers import Form
from madang.platforms.music.subsonic.deciding import Sound
from madang.platforms.music.subsonic.errors import Failed

FLAC = Sound("flac", "flac", 2, 900_000, 96_000, 24)
MAKES = [
    Sound("ogg", "opus", 2, 160_000, 48_000),
    Sound("mp4", "aac", 2, 256_000, 0),
    Sound("mp3", "mp3", 2, 320_000, 0),
    Sound("flac", "flac", 2, 0, 0, 16),
]


def player(**said: Any) -> deciding.Player:
    return deciding.read(json.dumps({"name": "p", "platform": "t", **said}).encode())


def direct(*containers: str, codecs: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    return {"containers": list(containers), "audioCodecs": list(codecs), "protocols": ["http"], **more}


def wish(container: str, codec: str, **more: Any) -> dict[str, Any]:
    return {"container": container, "audioCodec": codec, "protocol": "http", **more}


def limit(codec: str, name: str, comparison: str, *values: str, required: bool = True) -> dict[str, Any]:
    return {"type": "AudioCodec", "name": codec, "limitations": [{"name": name, "comparison": comparison, "values": list(values), "required": required}]}


def decided(source: Sound = FLAC, **said: Any) -> dict[str, Any]:
    found = deciding.decide(source, player(**said), MAKES)
    answers.ok("transcodeDecision", found, form=Form("json"), server="1")
    return found


def test_a_player_of_anything():
    said = decided(directPlayProfiles=[direct()])
    assert said["canDirectPlay"] and "transcodeReason" not in said


def test_each_profile_says_why_it_does_not_play_it():
    said = decided(
        maxAudioBitrate=500_000,
        directPlayProfiles=[
            direct("mp3"), direct("flac", codecs=("alac",)), direct("flac", maxAudioChannels=1), direct("flac") | {"protocols": ["hls"]}, direct("flac"),
        ],
    )  # fmt: skip
    assert said["transcodeReason"] == [
        "ContainerNotSupported", "AudioCodecNotSupported", "AudioChannelsNotSupported", "ProtocolNotSupported", "AudioBitrateNotSupported",
    ]  # fmt: skip
    assert not said["canDirectPlay"] and not said["canTranscode"] and said["errorReason"] == "NoTranscodingProfile"


def test_other_names_of_a_container():
    opus = Sound("ogg", "opus", 2, 128_000, 48_000)
    assert decided(opus, directPlayProfiles=[direct("opus", codecs=("opus",))])["canDirectPlay"]
    assert decided(Sound("mp4", "aac", 2), directPlayProfiles=[direct("m4a")])["canDirectPlay"]


def test_the_first_wish_that_we_can_fill_is_filled():
    said = decided(transcodingProfiles=[wish("mp4", "xheaac"), wish("flac", "flac") | {"protocol": "hls"}, wish("mp3", "mp3"), wish("ogg", "opus")])
    assert (said["transcodeStream"]["codec"], said["transcodeParams"]) == ("mp3", "mp3-320000-2-96000")


def test_limits_of_the_player_and_of_the_codec():
    said = decided(
        maxTranscodingAudioBitrate=192_000,
        transcodingProfiles=[wish("mp3", "mp3", maxAudioChannels=1)],
        codecProfiles=[limit("mp3", "audioSamplerate", "LessThanEqual", "44100"), limit("opus", "audioBitrate", "LessThanEqual", "64000")],
    )
    assert said["transcodeParams"] == "mp3-192000-1-44100"
    said = decided(transcodingProfiles=[wish("opus", "opus")], codecProfiles=[limit("opus", "audioBitrate", "LessThanEqual", "64000")])
    assert said["transcodeParams"] == "opus-64000-2-48000"


def test_a_required_limit_that_cannot_be_kept():
    only = [limit("opus", "audioSamplerate", "LessThanEqual", "44100")]
    assert not decided(transcodingProfiles=[wish("ogg", "opus")], codecProfiles=only)["canTranscode"]
    only[0]["limitations"][0]["required"] = False
    assert decided(transcodingProfiles=[wish("ogg", "opus")], codecProfiles=only)["canTranscode"]
    assert not decided(maxAudioBitrate=500_000, transcodingProfiles=[wish("flac", "flac")])["canTranscode"]


@pytest.mark.parametrize(
    ("comparison", "values", "plays"),
    [
        ("LessThanEqual", ["48000"], False), ("LessThanEqual", ["96000"], True), ("GreaterThanEqual", ["192000"], False), ("Equals", ["44100", "96000"], True),
        ("Equals", ["44100"], False), ("NotEquals", ["96000"], False), ("LessThanEqual", ["much"], True),
    ],
)  # fmt: skip
def test_comparisons(comparison, values, plays):
    said = decided(directPlayProfiles=[direct("flac")], codecProfiles=[limit("flac", "audioSamplerate", comparison, *values)])
    assert said["canDirectPlay"] is plays
    assert said.get("transcodeReason", []) == ([] if plays else ["AudioSamplerateNotSupported"])


@pytest.mark.parametrize(
    "body", [b"", b"x", b"[]", b"\xff", b"{}", b'{"directPlayProfiles": 1}', b'{"directPlayProfiles": [1]}', b'{"codecProfiles": {"a": 1}}']
)
def test_a_body_that_says_nothing(body):
    with pytest.raises(Failed) as no:
        deciding.read(body)
    assert no.value.code in (0, 10)


def test_what_was_said_is_made():
    assert deciding.made("mp3-192000-1-44100", MAKES) == Sound("mp3", "mp3", 1, 192_000, 44_100)
    never = ["wav-1-1-44100", "mp3-999999-2-44100", "mp3-0-2-44100", "mp3-192000-9-44100", "mp3-192000-0-44100", "mp3-192000-2-1", "mp3-192000-2-44100;", ""]
    for params in never:
        with pytest.raises(Failed):
            deciding.made(params, MAKES)


NAMES = st.sampled_from(["mp3", "flac", "opus", "ogg", "mp4", "m4a", "aac", "wav", "", "x"])
NUMBERS = st.integers(-5, 10**7) | st.none() | st.just("x")
LIMITS = st.builds(
    limit, NAMES, st.sampled_from(["audioChannels", "audioBitrate", "audioSamplerate", "audioProfile", "odd"]),
    st.sampled_from(["Equals", "NotEquals", "LessThanEqual", "GreaterThanEqual", "Odd"]), st.sampled_from(["1", "2", "64000", "44100", "x", ""]),
    required=st.booleans(),
)  # fmt: skip


@given(
    st.builds(Sound, NAMES, NAMES, st.integers(0, 8), st.integers(0, 2_000_000), st.sampled_from([0, 8000, 44_100, 96_000]), st.sampled_from([0, 16, 24])),
    st.lists(st.builds(direct, NAMES, maxAudioChannels=NUMBERS), max_size=3),
    st.lists(st.builds(wish, NAMES, NAMES, maxAudioChannels=NUMBERS), max_size=4),
    st.lists(LIMITS, max_size=4), NUMBERS, NUMBERS,
)  # fmt: skip
def test_whatever_is_promised_is_made_and_keeps_the_limits(source, plays, wishes, limits, most, most_made):
    profiles = {"directPlayProfiles": plays, "transcodingProfiles": wishes, "codecProfiles": limits}
    said = profiles | {"maxAudioBitrate": most, "maxTranscodingAudioBitrate": most_made}
    found = decided(source, **said)
    if found["canTranscode"]:
        stream = deciding.made(found["transcodeParams"], MAKES)
        asked = player(**said)
        assert all(one.holds(stream) for one in asked.of(stream.codec) if one.required)
        assert not stream.bitrate or all(stream.bitrate <= one for one in (asked.bitrate, asked.made_bitrate) if one)
        assert stream.codec in [one["audioCodec"] for one in wishes]
