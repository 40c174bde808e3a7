"""Our table of the protocol against the protocol's own files, where somebody has them at hand: no package of the registries brings them.

``MADANG_OPENSUBSONIC`` names a checkout of the description of OpenSubsonic (with ``openapi/`` in it), ``MADANG_SUBSONIC_XSD`` a file with the XML
schema of Subsonic (1.16). What OpenSubsonic added is taken out of the XML before the second looks at it: the schema allows nothing that it does not name.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madang.platforms.music.subsonic import answers
from madang.platforms.music.subsonic.answers import Form
from madang.platforms.music.subsonic.calls import CALLS
from madang.platforms.music.subsonic.notation import Shape
from madang.platforms.music.subsonic.schema import NAMESPACE, RESPONSE, SHAPES
from tests.platforms.music.subsonic import samples

FOLDER, XSD = os.environ.get("MADANG_OPENSUBSONIC", ""), os.environ.get("MADANG_SUBSONIC_XSD", "")
needs_folder = pytest.mark.skipif(not FOLDER, reason="MADANG_OPENSUBSONIC names no checkout of the description of OpenSubsonic")
needs_xsd = pytest.mark.skipif(not XSD, reason="MADANG_SUBSONIC_XSD names no XML schema of Subsonic")
pytestmark = pytest.mark.foreign
slowly = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))

MORE_THAN_THEIRS = {
    "ArtistID3.userRating", "ArtistWithAlbumsID3.userRating", "User.email", "AlbumID3.title", "AlbumID3WithSongs.title",
    *(f"{shape}.{key}" for shape in ("Child", "NowPlayingEntry", "PodcastEpisode") for key in ("name", "songCount")),
}  # fmt: skip
"""On their pages and in the XML schema, and not in the OpenAPI description."""
THEIRS_ONLY = {"AlbumID3.song"}
"""An album has songs where it is asked for by itself: ``AlbumID3WithSongs``."""
BARE = {"SearchResult", "Videos"}
"""Described as empty there; the XML schema says what is in them."""


def _schema(name: str) -> dict:
    return json.loads((Path(FOLDER) / "openapi" / "schemas" / f"{name}.json").read_text())


def _merged(name: str) -> tuple[dict, list[str]]:
    data, keys, required = _schema(name), {}, []
    for part in data.get("allOf", [data]):
        theirs = _merged(Path(part["$ref"]).stem) if "$ref" in part else (part.get("properties", {}), part.get("required", []))
        keys, required = keys | theirs[0], required + theirs[1]
    return keys, required


def _kind(said: dict) -> tuple[str, bool]:
    if said.get("type") == "array":
        return _kind(said["items"])[0], True
    if "allOf" in said:
        return _kind(said["allOf"][0])
    if "$ref" in said:
        name = Path(said["$ref"]).stem
        return ("|".join(sorted(_schema(name)["enum"])) if "enum" in _schema(name) else name), False
    if "enum" in said and said["type"] == "string":
        return "|".join(sorted(said["enum"])), False
    if said.get("format") == "date-time":
        return "time", False
    return {"string": "text", "integer": "int", "number": "number", "boolean": "flag"}[said["type"]], False


DESCRIBED = [key for key in samples.ELEMENTS if key.type not in BARE]
SAME = {
    "long": "int", "rating": "int", "place": "int", "month": "int", "day": "int", "average": "number", "peak": "number", "Extension": "OpenSubsonicExtension",
}  # fmt: skip


@needs_folder
@pytest.mark.parametrize("shape", [one for one in SHAPES.values() if one.name not in ("Response", "ArtistInfoBase", *BARE)], ids=lambda one: one.name)
def test_every_key_is_as_the_openapi_description_has_it(shape: Shape):
    theirs, required = _merged({"Extension": "OpenSubsonicExtension"}.get(shape.name, shape.name))
    odd = {f"{shape.name}.{name}" for name in theirs.keys() ^ shape.keys.keys()}
    assert odd <= MORE_THAN_THEIRS | THEIRS_ONLY
    for name in theirs.keys() & shape.keys.keys():
        key = shape.keys[name]
        mine = "|".join(sorted(key.choices)) if key.choices else SAME.get(key.type, key.type)
        assert (mine, key.many) == _kind(theirs[name]), name
        assert key.required or name not in required, name


@needs_folder
def test_every_call_asks_and_answers_what_the_openapi_description_says():
    for path in (Path(FOLDER) / "openapi" / "endpoints").glob("*.json"):
        if path.stem not in CALLS:
            continue
        said = json.loads(path.read_text())
        theirs = {one["name"]: one for one in (said.get("get") or said["post"]).get("parameters", []) if "name" in one}
        mine = CALLS[path.stem].params
        assert theirs.keys() == mine.keys(), path.stem
        assert {name for name, one in theirs.items() if one.get("required")} == {name for name, one in mine.items() if one.required}, path.stem
        for good in (path.parent / path.stem).glob("*SuccessResponse.json"):
            keys = [key for part in json.loads(good.read_text())["allOf"] for key in part.get("properties", {})]
            assert keys == [CALLS[path.stem].answer], path.stem


@needs_folder
@given(st.sampled_from(DESCRIBED).flatmap(lambda key: st.tuples(st.just(key), samples.element(key))))
@slowly
def test_every_json_answer_fits_the_openapi_description(one):
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed")
    key, content = one
    data = json.loads(answers.ok(key.name, content, form=Form("json"), server="0.1").body)["subsonic-response"]
    name = {"Extension": "OpenSubsonicExtension"}.get(key.type, key.type)
    for each in data[key.name] if key.many else [data[key.name]]:
        jsonschema.Draft4Validator(_resolved(name)).validate(each)


def _resolved(name: str, seen: tuple[str, ...] = ()) -> dict:
    """The description with what it refers to put in its place, as deep as it does not go in circles."""

    def walk(said: object) -> object:
        if isinstance(said, dict) and "$ref" in said:
            other = Path(str(said["$ref"])).stem
            return {} if other in seen else _resolved(other, (*seen, name))
        if isinstance(said, dict):
            return {key: walk(value) for key, value in said.items()}
        return [walk(value) for value in said] if isinstance(said, list) else said

    found = walk(_schema(name))
    assert isinstance(found, dict)
    return found


def _original(element: ElementTree.Element, shape: Shape) -> ElementTree.Element:
    """The same element without what OpenSubsonic added, and with what its own pages no longer require."""
    keys = shape.by_xml()
    for name in list(element.attrib):
        if keys[name].added:
            del element.attrib[name]
    for child in list(element):
        key = keys[child.tag.rpartition("}")[2]]
        if key.added:
            element.remove(child)
        elif key.type in SHAPES:
            _original(child, SHAPES[key.type])
    if shape.name.endswith("ID3") and "albumCount" in keys:
        element.attrib.setdefault("albumCount", "0")
    if shape.name == "PlayQueue":
        element.attrib.pop("current", None)  # a number in the schema; servers and players have had text there ever since ids were text
    return element


@needs_xsd
@given(st.sampled_from([one for one in samples.ELEMENTS if not one.added]).flatmap(lambda key: st.tuples(st.just(key.name), samples.element(key))))
@slowly
def test_every_xml_answer_fits_the_xml_schema(one):
    name, content = one
    xml = ElementTree.fromstring(answers.ok(name, content, form=Form("xml"), server="0.1").body)
    _xsd().validate(_original(xml, RESPONSE), namespaces={"": NAMESPACE})


def _xsd():
    import xmlschema

    if not hasattr(_xsd, "read"):
        _xsd.read = xmlschema.XMLSchema(XSD)
    return _xsd.read
