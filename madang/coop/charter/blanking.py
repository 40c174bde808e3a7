"""A founder's name and address taken out of the text of a charter, however they were written there."""

from __future__ import annotations

import re
import tomllib

from madang.coop.charter.source import Lost, Path, locate

NAMING = ("name", "email")


def without_founder(text: str, number: int) -> str:
    """The charter with the name and address of its founder ``number`` (from 0) blank.

    What stands in quotes of any kind is found by where it stands, not by what it says now: people change their names. Their address goes wherever
    else it is written, and so do comments in their table and comments that name them. Everything else stays as it was. A text that is no charter
    is given back as it is.
    """
    text = text.replace("\r\n", "\n")
    try:
        founder = tomllib.loads(text)["founders"][number]
        places = locate(text)
    except (tomllib.TOMLDecodeError, Lost, KeyError, IndexError, TypeError):
        return text
    table: Path = ("founders", number)
    mine = [span for path, span in places.spans.items() if path[:2] == table]
    words = [str(founder.get(key, "")).strip() for key in NAMING]
    first = sum(len(line) + 1 for line in text.split("\n")[: places.lines[table] - 1])
    last = max(end for _start, end in mine)
    last = text.find("\n", last) if "\n" in text[last:] else len(text)
    cuts = {places.spans[*table, key]: '""' for key in NAMING if (*table, key) in places.spans}
    for start, end in places.comments:
        if first <= start < last or any(word and word.casefold() in text[start:end].casefold() for word in words):
            cuts[start, end] = ""
    for (start, end), instead in sorted(cuts.items(), reverse=True):
        text = text[:start] + instead + text[end:]
    return re.sub(rf"(?<![\w.+-]){re.escape(words[1])}(?![\w-]|\.\w)", "", text, flags=re.IGNORECASE) if words[1] else text
