"""From lyrics as people write them down to ``structuredLyrics``: plain text, LRC, and LRC with a time before each word.

LRC: ``[mm:ss.xx]`` before a line, several before a line that comes again, ``[offset:+100]`` in milliseconds (lines come sooner; the protocol means the
same by ``offset``), ``[la:ko]`` the language; in a line ``<mm:ss.xx>`` before each word. Times are milliseconds. The extension is songLyrics, version 2:
words have their places in the line counted in bytes of UTF-8, both ends included.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

_STAMP = r"(\d{1,3}):([0-5]?\d)(?:[.:](\d{1,3}))?"
_LINE = re.compile(rf"\s*\[{_STAMP}\]")
_WORD = re.compile(rf"<{_STAMP}>")
_TAG = re.compile(r"\s*\[(ar|ti|al|au|by|re|ve|id|tool|length|offset|la|lang|#):([^\]]*)\]\s*", re.IGNORECASE)
_OFFSET = re.compile(r"[+-]?\d{1,7}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
MOST_LINES = 5_000
UNKNOWN = "xxx"
"""What stands where the language is not known."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: when it begins (``None`` where nothing says), its text, and the words whose time is known, as (begin, text)."""

    start: int | None
    text: str
    words: tuple[tuple[int, str], ...] = ()


def structured(text: str, *, artist: str = "", title: str = "", lang: str = "", enhanced: bool = False) -> dict[str, Any] | None:
    """One element of ``lyricsList.structuredLyrics``, or ``None`` where there are no words. ``enhanced`` adds the times of words where they are known."""
    lines, tags = read(text)
    if not lines:
        return None
    synced = lines[0].start is not None
    language = lang or tags.get("la", "") or tags.get("lang", "")
    said: dict[str, Any] = {
        "lang": language if _LANGUAGE.fullmatch(language) else UNKNOWN,
        "synced": synced,
        "line": [{"value": one.text} | ({"start": one.start} if synced else {}) for one in lines],
    }
    said |= {name: value for name, value in (("displayArtist", artist), ("displayTitle", title)) if value}
    offset = int(tags["offset"]) if _OFFSET.fullmatch(tags.get("offset", "")) else 0
    if synced and offset:
        said["offset"] = offset
    if enhanced:
        said["kind"] = "main"
        cues = [_cue_line(at, one, lines) for at, one in enumerate(lines) if one.words]
        if cues := [one for one in cues if one["cue"]]:
            said["cueLine"] = cues
    return said


def read(text: str) -> tuple[list[Line], dict[str, str]]:
    """The lines in the order in which they are sung, and what the tags of an LRC file say. In a text where some lines have a time, one without takes
    that of the line before it. Empty lines are kept between others of plain text, and where they have a time."""
    timed: list[Line] = []
    plain: list[Line] = []
    tags: dict[str, str] = {}
    for raw in text.splitlines()[:MOST_LINES]:
        if tag := _TAG.fullmatch(raw):
            tags[tag[1].lower()] = tag[2].strip()
            continue
        starts, rest = [], raw
        while stamp := _LINE.match(rest):
            starts.append(_milliseconds(stamp))
            rest = rest[stamp.end() :]
        words = _words(rest)
        bare = _WORD.sub("", rest).strip()
        plain.append(Line(None, bare))
        timed += [Line(start, bare, words if len(starts) == 1 else ()) for start in starts]
        if not starts and bare:
            timed.append(Line(None, bare))
    if any(one.start is not None for one in timed):
        return _filled(timed), tags
    while plain and not plain[0].text:
        plain.pop(0)
    while plain and not plain[-1].text:
        plain.pop()
    return plain, tags


def _filled(lines: list[Line]) -> list[Line]:
    found, last = [], 0
    for one in lines:
        last = last if one.start is None else one.start
        found.append(Line(last, one.text, one.words))
    return sorted(found, key=lambda one: one.start or 0)


def _milliseconds(stamp: re.Match[str]) -> int:
    part = (stamp[3] or "").ljust(3, "0")
    return (int(stamp[1]) * 60 + int(stamp[2])) * 1000 + int(part)


def _words(rest: str) -> tuple[tuple[int, str], ...]:
    stamps = list(_WORD.finditer(rest))
    ends = [*(one.start() for one in stamps[1:]), len(rest)][: len(stamps)]
    return tuple((_milliseconds(stamp), rest[stamp.end() : end]) for stamp, end in zip(stamps, ends, strict=True))


def _cue_line(at: int, line: Line, lines: list[Line]) -> dict[str, Any]:
    """The words of a line, each with its place in the line. A stamp with no word behind it says when the word before it ends."""
    cues: list[dict[str, Any]] = []
    place = 0
    for begin, word in line.words:
        if cues and "end" not in cues[-1]:
            cues[-1]["end"] = max(begin, cues[-1]["start"])
        found = word.strip()
        if not found:
            continue
        place = line.text.index(found, place)
        first = len(line.text[:place].encode())
        cues.append({"start": begin, "byteStart": first, "byteEnd": first + len(found.encode()) - 1, "value": found})
        place += len(found)
    said: dict[str, Any] = {"index": at, "value": line.text, "start": line.start, "cue": cues}
    if at + 1 < len(lines):
        said["end"] = lines[at + 1].start
    return said
