"""Lyrics as people write them, and as the protocol has them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.platforms.music.subsonic import answers, fitting, lyrics
from madang.platforms.music.subsonic.answers import Form
from madang.platforms.music.subsonic.schema import SHAPES

LRC = """[ti:Hysteria]
[la:en]
[offset:-100]
[00:02.00]Grating me
[00:00.00]It's bugging me

[00:03.5][01:10.123]And twisting me around...
unsaid
"""


def test_plain_words():
    said = lyrics.structured("\n\nOne line\n\nand another\n\n", artist="A", title="T")
    assert said == {
        "lang": "xxx", "synced": False, "line": [{"value": "One line"}, {"value": ""}, {"value": "and another"}], "displayArtist": "A", "displayTitle": "T",
    }  # fmt: skip


def test_lrc():
    said = lyrics.structured(LRC)
    assert (said["synced"], said["lang"], said["offset"]) == (True, "en", -100)
    assert [(one["start"], one["value"]) for one in said["line"]] == [
        (0, "It's bugging me"), (2000, "Grating me"), (3500, "And twisting me around..."), (70123, "And twisting me around..."), (70123, "unsaid"),
    ]  # fmt: skip
    assert "cueLine" not in said and "kind" not in said


def test_words_have_places_in_bytes():
    """The protocol's own example: bytes of UTF-8, both ends included."""
    said = lyrics.structured("[00:02.747]<00:02.747>눈을 <00:03.582>뜬 <00:04.500>순간<00:06.214>\n[00:06.214]다음", lang="ko", enhanced=True)
    (line,) = said["cueLine"]
    assert (line["index"], line["value"], line["start"], line["end"]) == (0, "눈을 뜬 순간", 2747, 6214)
    assert line["cue"] == [
        {"start": 2747, "end": 3582, "byteStart": 0, "byteEnd": 5, "value": "눈을"},
        {"start": 3582, "end": 4500, "byteStart": 7, "byteEnd": 9, "value": "뜬"},
        {"start": 4500, "end": 6214, "byteStart": 11, "byteEnd": 16, "value": "순간"},
    ]
    assert said["line"][0] == {"value": "눈을 뜬 순간", "start": 2747}
    plain = lyrics.structured("[00:01.00]<00:01.00>a <00:02.00>b")
    assert plain["line"] == [{"value": "a b", "start": 1000}] and "cueLine" not in plain


def test_a_heading_in_brackets_is_a_line():
    assert [one["value"] for one in lyrics.structured("[Verse: all]\nla")["line"]] == ["[Verse: all]", "la"]


@pytest.mark.parametrize("text", ["", "\n \n", "[ar:Nobody]\n[offset:5]"])
def test_no_words(text):
    assert lyrics.structured(text) is None


@pytest.mark.parametrize("tag", ["[offset:x]", "[offset:99999999999]", "[la:<b>]"])
def test_tags_that_say_nothing(tag):
    said = lyrics.structured(f"{tag}\n[00:01]la")
    assert "offset" not in said and said["lang"] == "xxx"


PARTS = st.lists(st.sampled_from(["[00:01.2]", "[1:02]", "<00:01>", "<0:02.5>", "[", "]", "<", ">", "가", " ", "la", "\n", "[ti:x]", "é", "\t"]), max_size=30)


@given(PARTS.map("".join) | st.text(max_size=60), st.booleans())
def test_any_text_fits_the_protocol_and_each_word_stands_where_it_says(text, enhanced):
    said = lyrics.structured(text, enhanced=enhanced)
    if said is None:
        return
    whole = json.loads(answers.ok("lyricsList", {"structuredLyrics": [said]}, form=Form("json"), server="1").body)
    assert not list(fitting.in_json(SHAPES["LyricsList"], whole["subsonic-response"]["lyricsList"], "lyrics"))
    starts = [one.get("start") for one in said["line"]]
    assert (None not in starts and starts == sorted(starts)) if said["synced"] else set(starts) == {None}
    for line in said.get("cueLine", []):
        assert line["value"] == said["line"][line["index"]]["value"]
        last = -1
        for cue in line["cue"]:
            assert line["value"].encode()[cue["byteStart"] : cue["byteEnd"] + 1].decode() == cue["value"]
            assert cue["byteStart"] > last
            last = cue["byteEnd"]
