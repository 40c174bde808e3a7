"""What a file says of itself. Messy tags are tolerated: what looks wrong is named, and shown to who uploaded it for correction."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import mutagen

LONGEST = 200
_NUMBER = re.compile(r"^\s*0*(\d{1,4})(?:\s*(?:/|of)\s*0*(\d{1,4}))?\s*$", re.IGNORECASE)
_YEAR = re.compile(r"(1[89]\d\d|20\d\d)")
_NAMED = re.compile(r"^(?:(?P<disc>\d)-)?(?P<number>\d{1,3})[\s._-]+(?P<rest>.+)$")
NAMES: dict[str, tuple[str, ...]] = {
    "title": ("title", "TIT2", "\xa9nam"),
    "artist": ("artist", "TPE1", "\xa9ART"),
    "album": ("album", "TALB", "\xa9alb"),
    "album_artist": ("albumartist", "album artist", "TPE2", "aART"),
    "number": ("tracknumber", "track", "TRCK", "trkn"),
    "disc": ("discnumber", "TPOS", "disk"),
    "date": ("date", "year", "TDRC", "TYER", "\xa9day"),
    "genre": ("genre", "TCON", "\xa9gen"),
    "isrc": ("isrc", "TSRC", "----:com.apple.iTunes:ISRC"),
    "upc": ("barcode", "upc", "ean", "TXXX:BARCODE", "----:com.apple.iTunes:BARCODE"),
    "label": ("organization", "label", "publisher", "TPUB"),
    "licence": ("license", "WCOP", "TXXX:LICENSE"),
    "copyright": ("copyright", "TCOP", "cprt"),
    "comment": ("comment", "description", "COMM::eng", "COMM", "\xa9cmt"),
    "lyrics": ("lyrics", "unsyncedlyrics", "USLT::eng", "USLT", "\xa9lyr"),
}


@dataclass
class Tags:
    """``number``, ``disc``, ``of``: 0 where nothing is said; ``problems``: (field, what came) of what could not be read as it stands."""

    title: str = ""
    artist: str = ""
    album: str = ""
    album_artist: str = ""
    number: int = 0
    of: int = 0
    disc: int = 0
    year: int = 0
    genres: list[str] = field(default_factory=list)
    isrc: str = ""
    upc: str = ""
    label: str = ""
    licence: str = ""
    copyright: str = ""
    comment: str = ""
    lyrics: str = ""
    cover: bytes = b""
    problems: list[tuple[str, str]] = field(default_factory=list)


def read(path: Path, name: str = "") -> Tags:
    """The tags of ``path``; ``name`` is what the file was called where it came from. Never raises for what is in a file: no tags is an answer."""
    try:
        file: Any = mutagen.File(path)  # type: ignore[attr-defined]
    except Exception:  # mutagen raises what the broken file led it to; the sound is judged elsewhere
        file = None
    raw = _all(file) if file is not None else {}
    found = Tags(cover=_cover(file) if file is not None else b"")
    for key in ("title", "artist", "album", "album_artist", "isrc", "upc", "label", "licence", "copyright", "comment"):
        setattr(found, key, _line(found, key, raw.get(key, [])))
    found.lyrics = "\n".join(raw.get("lyrics", []))[:20_000].replace("\x00", "")
    found.genres = [one for one in (_clean(text) for text in raw.get("genre", [])) if one][:12]
    found.number, found.of = _number(found, "number", raw.get("number", []))
    found.disc, _of = _number(found, "disc", raw.get("disc", []))
    if year := _YEAR.search(" ".join(raw.get("date", []))):
        found.year = int(year[1])
    found.isrc = _code(found, "isrc", found.isrc, r"[A-Z]{2}[A-Z0-9]{3}\d{7}")
    found.upc = _code(found, "upc", found.upc, r"\d{12,13}")
    _from_name(found, name or path.name)
    return found


def _all(file: Any) -> dict[str, list[str]]:
    tags = file.tags if file.tags is not None else {}
    found: dict[str, list[str]] = {}
    for key, names in NAMES.items():
        for name in names:
            values = _values(tags, name)
            if values:
                found[key] = values
                break
    return found


def _values(tags: Any, name: str) -> list[str]:
    try:
        value = tags.get(name)
        if value is None and hasattr(tags, "getall") and len(name) == 4:
            value = tags.getall(name) or None
    except (KeyError, ValueError, TypeError):
        return []
    if value is None:
        return []
    many = value if isinstance(value, list) else [value]
    return [text for one in many for text in _texts(one)]


def _texts(one: Any) -> list[str]:
    if isinstance(one, bytes):
        return [one.decode("utf-8", "replace")]
    if isinstance(one, tuple):  # MP4 counts tracks as pairs
        return [f"{one[0]}/{one[1]}" if len(one) > 1 and one[1] else str(one[0])]
    text = getattr(one, "text", None)
    if text is not None:
        return [str(part) for part in (text if isinstance(text, list) else [text])]
    return [str(getattr(one, "url", one))]


def _clean(text: str) -> str:
    plain = "".join(" " if unicodedata.category(letter)[0] == "C" else letter for letter in unicodedata.normalize("NFC", text))
    return " ".join(plain.split())


def _line(found: Tags, key: str, values: list[str]) -> str:
    text = _clean("; ".join(value for value in values if value.strip()))
    if "\ufffd" in text:
        found.problems.append((key, text[:60]))
    if len(text) > LONGEST:
        found.problems.append((key, text[:60] + "…"))
        text = text[:LONGEST]
    return text


def _number(found: Tags, key: str, values: list[str]) -> tuple[int, int]:
    if not values or not values[0].strip():
        return 0, 0
    if match := _NUMBER.match(values[0]):
        return int(match[1]), int(match[2] or 0)
    found.problems.append((key, _clean(values[0])[:60]))
    return 0, 0


def _code(found: Tags, key: str, value: str, shape: str) -> str:
    plain = re.sub(r"[\s.-]", "", value).upper()
    if plain and not re.fullmatch(shape, plain):
        found.problems.append((key, value[:60]))
        return ""
    return plain


def _from_name(found: Tags, name: str) -> None:
    """What the tags leave open, from a name such as "03 - Artist - Title.ogg"."""
    stem = _clean(re.sub(r"\.[A-Za-z0-9]{2,5}$", "", name).replace("_", " "))
    match = _NAMED.match(stem)
    if match:
        found.number = found.number or int(match["number"])
        found.disc = found.disc or int(match["disc"] or 0)
        stem = match["rest"]
    parts = [part.strip() for part in stem.split(" - ") if part.strip()]
    if not found.title:
        found.title = (parts[-1] if parts else stem)[:LONGEST]
        if not found.artist and len(parts) > 1:
            found.artist = parts[0][:LONGEST]
        found.problems.append(("title", ""))


def _cover(file: Any) -> bytes:
    """The picture inside, as it is: whoever shows it makes it anew first."""
    try:
        if pictures := getattr(file, "pictures", None):
            return bytes(pictures[0].data)
        tags = file.tags
        if tags is None:
            return b""
        if hasattr(tags, "getall") and (pictures := tags.getall("APIC")):
            return bytes(pictures[0].data)
        if pictures := tags.get("covr"):
            return bytes(pictures[0])
        if blocks := tags.get("metadata_block_picture"):
            import base64

            from mutagen.flac import Picture

            return bytes(Picture(base64.b64decode(blocks[0])).data)
    except Exception:  # a broken picture is no picture
        return b""
    return b""
