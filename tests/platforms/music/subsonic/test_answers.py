"""One structure, three forms: they say the same, they fit the protocol, and no title breaks them."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.platforms.music.subsonic import answers, fitting
from madang.platforms.music.subsonic.answers import Form, Unfit
from madang.platforms.music.subsonic.errors import MESSAGES, Failed
from madang.platforms.music.subsonic.schema import NAMESPACE, RESPONSE
from tests.platforms.music.subsonic import samples

NOON = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)
ALBUM = {"id": "al-1", "name": "One", "songCount": 0, "duration": 0, "created": NOON}


def of(form: str, element: str = "", content: object = None) -> str:
    return answers.ok(element, content, form=Form(form, "cb"), server="0.1").body.decode()


def as_json(element: str = "", content: object = None) -> dict:
    return json.loads(of("json", element, content))["subsonic-response"]


@given(st.sampled_from(samples.ELEMENTS).flatmap(lambda key: st.tuples(st.just(key.name), samples.element(key))))
@settings(max_examples=300, deadline=None)
def test_json_and_xml_fit_the_protocol_and_say_the_same(one):
    name, content = one
    data = as_json(name, content)
    assert list(fitting.in_json(RESPONSE, data, "response")) == []
    read, wrong = fitting.from_xml(RESPONSE, fromstring(of("xml", name, content)), "response")
    assert wrong == []
    assert read == fitting.without_empty(data)


@given(samples.TEXTS)
@settings(deadline=None)
def test_a_title_of_any_characters_comes_back_the_same_from_both(title):
    song = {"id": "1", "isDir": False, "title": title}
    from_json = as_json("song", song)["song"]["title"]
    assert fromstring(of("xml", "song", song))[0].get("title") == from_json
    kept = [letter for letter in title if letter in "\t\n\r" or (letter >= " " and letter not in "\ufffe\uffff" and not "\ud800" <= letter <= "\udfff")]
    assert [letter for letter in from_json if letter != "\ufffd"] == [letter for letter in kept if letter != "\ufffd"]


def test_the_whole_answer_of_a_ping():
    assert of("xml") == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<subsonic-response xmlns="{NAMESPACE}" status="ok" version="1.16.1" type="madang" serverVersion="0.1" openSubsonic="true"/>'
    )
    assert as_json() == {"status": "ok", "version": "1.16.1", "type": "madang", "serverVersion": "0.1", "openSubsonic": True}
    assert of("jsonp").startswith('cb({"subsonic-response":') and of("jsonp").endswith(");")


@pytest.mark.parametrize(("form", "wanted"), [("xml", "text/xml"), ("json", "application/json"), ("jsonp", "text/javascript")])
def test_content_types_and_status(form, wanted):
    answer = answers.ok(form=Form(form, "cb"), server="0.1")
    assert (answer.status, answer.content_type) == (200, f"{wanted}; charset=utf-8")


def test_a_list_stays_a_list_with_one_and_with_none():
    assert as_json("albumList2", {"album": [ALBUM]})["albumList2"]["album"][0]["id"] == "al-1"
    assert as_json("albumList2", {})["albumList2"] == {"album": []}
    assert as_json("openSubsonicExtensions", [])["openSubsonicExtensions"] == []
    assert as_json("album", ALBUM)["album"]["song"] == []


def test_text_stands_in_the_element_where_the_protocol_says_so():
    xml = of("xml", "genres", {"genre": [{"value": "Rock & Roll", "songCount": 2, "albumCount": 1}]})
    assert '<genre songCount="2" albumCount="1">Rock &amp; Roll</genre>' in xml
    assert "<biography>Long &lt;b&gt;</biography>" in of("xml", "artistInfo2", {"biography": "Long <b>"})


def test_agents_of_lyrics_are_called_agent_in_xml():
    lyrics = {"structuredLyrics": [{"lang": "xxx", "synced": False, "line": [{"value": "la"}], "agents": [{"id": "a", "role": "main"}]}]}
    assert '<agent id="a" role="main"/>' in of("xml", "lyricsList", lyrics)
    assert as_json("lyricsList", lyrics)["lyricsList"]["structuredLyrics"][0]["agents"] == [{"id": "a", "role": "main"}]


def test_elements_come_in_the_order_of_the_xml_schema():
    song = {"id": "1", "isDir": False, "title": "t"}
    xml = of("xml", "searchResult3", {"song": [song], "album": [ALBUM], "artist": [{"id": "a", "name": "A"}]})
    assert xml.index("<artist ") < xml.index("<album ") < xml.index("<song ")


def test_ids_dates_and_nothing():
    song = {"id": uuid.UUID(int=1), "isDir": False, "title": "t", "created": NOON, "starred": None}
    said = as_json("song", song)["song"]
    assert said == {"id": "00000000-0000-0000-0000-000000000001", "isDir": False, "title": "t", "created": "2026-03-05T12:00:00.000Z"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": "1", "isDir": False},
        {"id": "1", "isDir": 0, "title": "t"},
        {"id": "1", "isDir": False, "title": "t", "year": "1990"},
        {"id": "1", "isDir": False, "title": "t", "year": True},
        {"id": "1", "isDir": False, "title": "t", "duration": 2**31},
        {"id": "1", "isDir": False, "title": "t", "userRating": 0},
        {"id": "1", "isDir": False, "title": "t", "type": "song"},
        {"id": "1", "isDir": False, "title": "t", "created": datetime(2026, 1, 1)},
        {"id": "1", "isDir": False, "title": "t", "replayGain": {"trackGain": float("nan")}},
        {"id": "1", "isDir": False, "title": "t", "colour": "red"},
    ],
)
def test_a_mistake_of_ours_is_told_and_not_sent(wrong):
    with pytest.raises(Unfit, match=r"subsonic-response.song"):
        of("json", "song", wrong)


@pytest.mark.parametrize("code", MESSAGES)
def test_a_failed_call_says_its_code_and_status_200(code):
    answer = answers.failed(Failed(code, help_url="https://coop.example/keys"), form=Form("json"), server="0.1")
    said = json.loads(answer.body)["subsonic-response"]
    assert answer.status == 200 and said["status"] == "failed"
    assert said["error"] == {"code": code, "message": MESSAGES[code], "helpUrl": "https://coop.example/keys"}
    assert list(fitting.in_json(RESPONSE, said, "response")) == []


def test_a_code_that_is_none():
    with pytest.raises(ValueError, match="no code"):
        Failed(7)


@pytest.mark.parametrize("name", ["cb", "jQuery1.cb_2", "$", "a.b.c"])
def test_callbacks(name):
    assert answers.callback_fits(name)


@pytest.mark.parametrize("name", ["", "alert(1)", "a b", "a.", "1a", "a;b", "é", "a" * 129, "<script>", "a\n"])
def test_callbacks_that_are_none(name):
    assert not answers.callback_fits(name)
    with pytest.raises(Unfit):
        answers.ok(form=Form("jsonp", name), server="0.1")


def test_jsonp_holds_no_line_separator_of_javascript():
    song = {"id": "1", "isDir": False, "title": "a\u2028b\u2029c"}
    assert "\u2028" not in of("jsonp", "song", song) and "\\u2028" in of("jsonp", "song", song)
    assert as_json("song", song)["song"]["title"] == "a\u2028b\u2029c"
