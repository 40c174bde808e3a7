"""The frame of every answer, and what stands around it: formats, addresses, forms, extensions."""

from __future__ import annotations

from typing import Any

from madang.platforms.music.subsonic.check.finding import Absent, Broken, check, expect
from madang.platforms.music.subsonic.check.speaking import CLIENT, VERSION
from madang.platforms.music.subsonic.check.talk import Talk
from madang.platforms.music.subsonic.schema import NAMESPACE

KNOWN = (
    "apiKeyAuthentication", "formPost", "getPodcastEpisode", "indexBasedQueue", "playbackReport", "songLyrics", "sonicSimilarity", "topSongsByArtistId",
    "transcodeOffset", "transcoding",
)  # fmt: skip


@check("system")
def ping(talk: Talk) -> None:
    """A ping is answered with an empty answer: status "ok" and the version of the protocol, three numbers with dots."""
    said = talk.ask("ping")
    expect(said.get("status") == "ok", f"status {said.get('status')!r}")
    parts = str(said.get("version")).split(".")
    expect(len(parts) == 3 and all(part.isdigit() for part in parts), f"version {said.get('version')!r}")


@check("system")
def open_answer(talk: Talk) -> None:
    """Every answer of an OpenSubsonic server, an error too, has type, serverVersion and openSubsonic."""
    talk.need_open()
    for said in (talk.about, talk.raw("getSong").json or {}):
        for name, kind in (("type", str), ("serverVersion", str), ("openSubsonic", bool)):
            expect(isinstance(said.get(name), kind), f"{name} is {said.get(name)!r} (status {said.get('status')!r})")


@check("system")
def license_valid(talk: Talk) -> None:
    """getLicense says whether the license is valid; players refuse to work where it is not."""
    expect(talk.element("getLicense").get("valid") is True, "a license that is not valid")


@check("system")
def extensions_without_sign_in(talk: Talk) -> None:
    """An OpenSubsonic server answers getOpenSubsonicExtensions to anyone, without any parameter of a sign-in."""
    talk.need_open()
    heard = talk.raw("getOpenSubsonicExtensions", sign={}, common=False)
    said = heard.json
    expect(said is not None and heard.code is None, heard.short())
    expect(isinstance((said or {}).get("openSubsonicExtensions"), list), "no array openSubsonicExtensions")


@check("system")
def extensions_named(talk: Talk) -> None:
    """Each extension has a name and the numbers of its versions. (A name that the protocol does not list may be newer than this check.)"""
    talk.need_open()
    talk.ask("getOpenSubsonicExtensions")
    wrong = [name for name, versions in talk.extensions.items() if not versions or not all(isinstance(one, int) for one in versions)]
    expect(not wrong, f"without versions: {', '.join(wrong)}")
    names = {name.lower(): name for name in KNOWN}
    strange = [f"{name} for {names[name.lower()]}" for name in talk.extensions if name not in KNOWN and name.lower() in names]
    expect(not strange, ", ".join(strange))


@check("system")
def with_view(talk: Talk) -> None:
    """Every call is found with and without ".view" behind its name."""
    for view in (False, True):
        heard = talk.raw("ping", view=view)
        expect(heard.json is not None and heard.code is None, f"{'with' if view else 'without'} .view: {heard.short()}")


@check("system")
def form_post(talk: Talk) -> None:
    """With the extension formPost, the parameters may come as a form in the body of a POST."""
    heard = talk.raw("search3", post=True, query="a&b=c ü", songCount=1)
    if "formPost" not in talk.extensions and (heard.json is None or heard.code is not None):
        raise Absent(f"formPost is not announced, and a POST brings {heard.short()}")
    expect(heard.json is not None and heard.code is None, heard.short())


@check("system")
def xml_is_the_default(talk: Talk) -> None:
    """Without f the answer is XML in UTF-8, type text/xml, its root subsonic-response in the protocol's namespace."""
    heard = talk.raw("ping", form="")
    root = heard.xml
    expect(root is not None, heard.short())
    assert root is not None
    expect(root.tag == f"{{{NAMESPACE}}}subsonic-response", f"the root is {root.tag}")
    expect(heard.content_type in ("text/xml", "application/xml"), f"the type is {heard.content_type}")


@check("system")
def json(talk: Talk) -> None:
    """With f=json the answer is one object, subsonic-response, and the type is application/json."""
    heard = talk.raw("ping")
    expect(heard.json is not None, heard.short())
    expect(heard.content_type == "application/json", f"the type is {heard.content_type}")


@check("system")
def jsonp(talk: Talk) -> None:
    """With f=jsonp and a callback, the JSON stands in a call of that function."""
    heard = talk.raw("ping", form="jsonp", callback="callMe")
    text = heard.body.decode("utf-8", "replace").strip().removeprefix("/**/").strip()
    expect(text.startswith("callMe(") and text.rstrip("; \n").endswith(")"), heard.short())
    expect("javascript" in heard.content_type, f"the type is {heard.content_type}")


@check("system")
def errors_come_with_http_200(talk: Talk) -> None:
    """A call that fails says so in its answer; HTTP says 200."""
    wrong = [heard.short() for heard in (talk.raw("getSong"), talk.raw("getAlbumList2")) if heard.code is not None and heard.status != 200]
    expect(not wrong, "; ".join(wrong))


@check("system")
def unknown_parameters_do_no_harm(talk: Talk) -> None:
    """A parameter that the server does not know is passed over: newer players send more."""
    heard = talk.raw("ping", somethingOfTomorrow="1")
    expect(heard.json is not None and heard.code is None, heard.short())


@check("system")
def version_and_client_are_required(talk: Talk) -> None:
    """Every call needs v and c; without one of them it is error 10. (getOpenSubsonicExtensions alone needs nothing.)"""
    wrong = []
    both: dict[str, Any] = {"v": VERSION, "c": CLIENT}
    for absent in both:
        heard = talk.raw("ping", common=False, **{name: value for name, value in both.items() if name != absent})
        if heard.code != 10:
            wrong.append(f"without {absent}: {'ok' if heard.code is None and heard.json else heard.short()}")
    if wrong:
        raise Broken("; ".join(wrong))
