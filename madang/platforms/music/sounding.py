"""Handing sound out: whole or in parts, as players ask for it (RFC 9110 ranges)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

PIECE = 64 * 1024
AT_ONCE = 1024 * 1024
"""A browser that asks for "all from here" gets this much, and asks on while it plays: no thread waits for a slow line."""
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


def send(request: HttpRequest, path: Path, mime: str, *, name: str = "", limit: int | None = None, at_once: int | None = AT_ONCE) -> HttpResponseBase:
    """A file, or the range of it that is asked for. ``limit``: only so many bytes from the beginning are there for this reader.

    ``name``: saved under this name. ``at_once``: the most an open-ended range answers (None: all of it).
    """
    whole = path.stat().st_size
    size = whole if limit is None else min(whole, limit)
    asked = _asked(request.headers.get("Range", ""), size)
    if asked is not None and asked[0] >= size:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    begin, end, open_ended = asked or (0, size, False)
    if asked and open_ended and at_once is not None:
        end = min(end, begin + at_once)
    head = request.method == "HEAD"
    response: HttpResponseBase = HttpResponse(b"") if head else StreamingHttpResponse(_pieces(path, begin, end))
    response.status_code = 206 if asked else 200
    response["Content-Type"] = mime
    response["Content-Length"] = str(end - begin)
    response["Accept-Ranges"] = "bytes"
    response["Cache-Control"] = "private, max-age=3600"
    response["Content-Encoding"] = "identity"  # never compressed again
    if asked:
        response["Content-Range"] = f"bytes {begin}-{end - 1}/{size}"
    if name:
        from django.utils.http import content_disposition_header

        response["Content-Disposition"] = content_disposition_header(True, name) or ""
    return response


def _asked(header: str, size: int) -> tuple[int, int, bool] | None:
    """(begin, end, open-ended) of a single range; None where none is asked for, or several: then the whole is an answer too."""
    match = _RANGE.fullmatch(header.strip())
    if match is None or not any(match.groups()):
        return None
    first, last = match.groups()
    if not first:
        length = int(last)
        return (max(0, size - length), size, False) if length else (size, size, False)
    if last and int(last) < int(first):
        return None
    return int(first), min(size, int(last) + 1) if last else size, not last


def _pieces(path: Path, begin: int, end: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(begin)
        left = end - begin
        while left > 0 and (piece := file.read(min(PIECE, left))):
            left -= len(piece)
            yield piece
