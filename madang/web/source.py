"""The program's own source, served by the program: whoever uses a platform may see how it works (AGPL-3.0, section 13)."""

from __future__ import annotations

import io
import tarfile
from functools import cache
from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from madang import __version__
from madang.kit.source import ROOT

SHOWN = {".py", ".sql", ".html", ".css", ".js", ".toml", ".md", ".txt", ".sh", ".po", ".in", ".svg"}
PARTS = ("madang", "charters", "docs", "tests", "bench", "tools", "requirements")
SINGLE = ("README.md", "LICENSE", "Makefile", "manage.py", "pyproject.toml", "package.json", "package-lock.json", ".npmrc", ".ci/run")
LEFT_OUT = {"__pycache__", "vendor", "node_modules"}


@cache
def files() -> tuple[str, ...]:
    """Every file of the program, from its root; nothing of a data folder, nothing fetched."""
    found = [name for name in SINGLE if (ROOT / name).is_file()]
    for part in PARTS:
        for path in (ROOT / part).rglob("*"):
            if path.is_file() and not LEFT_OUT & set(path.parts) and (path.suffix in SHOWN or path.suffix == ".png"):
                found.append(path.relative_to(ROOT).as_posix())
    return tuple(sorted(found))


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All files, by folder, and the whole as one archive."""
    folders: dict[str, list[str]] = {}
    for name in files():
        if Path(name).suffix in SHOWN:
            folders.setdefault(str(Path(name).parent), []).append(name)
    return render(request, "web/source.html", {"folders": folders, "version": __version__})


@require_safe
def file(request: HttpRequest, name: str) -> HttpResponse:
    """One file with numbered lines: ``#L88`` points to the 88th. 404 for what is not a text of the program."""
    if name not in files() or Path(name).suffix not in SHOWN:
        raise Http404
    lines = (ROOT / name).read_text(errors="replace").splitlines()
    return render(request, "web/source_file.html", {"name": name, "lines": lines})


@cache
def _archive() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", compresslevel=6) as tar:
        for name in files():
            tar.add(ROOT / name, arcname=f"madang-{__version__}/{name}", filter=_anonymous)
    return buffer.getvalue()


def _anonymous(info: tarfile.TarInfo) -> tarfile.TarInfo:
    info.uid = info.gid = 0
    info.uname = info.gname = ""
    return info


@require_safe
def archive(request: HttpRequest) -> HttpResponse:
    """The whole source of what is running here."""
    response = HttpResponse(_archive(), content_type="application/gzip")
    response["Content-Disposition"] = f'attachment; filename="madang-{__version__}.tar.gz"'
    return response
