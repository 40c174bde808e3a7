"""The manifest of an export: a signed note that names every file with its size and hash, so that no byte goes uncovered."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from madang.kit import note

HEADER = "madang export v1"
NAME, KEY, CHECKPOINT = "manifest", "key", "checkpoint"
_LINE = re.compile(r"([0-9a-f]{64}) (0|[1-9][0-9]{0,14}) ([A-Za-z0-9_][A-Za-z0-9_./-]{0,200})", re.ASCII)
_SIZE = re.compile(r"size (0|[1-9][0-9]{0,18})", re.ASCII)
_CHUNK = 1 << 20


class ManifestError(ValueError):
    """The manifest is not one of ours."""


@dataclass(frozen=True)
class File:
    """One exported file: hash of its bytes (hex) and how many they are."""

    sha256: str
    size: int


@dataclass(frozen=True)
class Manifest:
    """All files of an export by path, of the log ``origin`` at ``size`` leaves."""

    origin: str
    size: int
    files: Mapping[str, File]

    @property
    def text(self) -> str:
        """The text that is signed."""
        lines = [HEADER, self.origin, f"size {self.size}"]
        lines += [f"{self.files[path].sha256} {self.files[path].size} {path}" for path in sorted(self.files)]
        return "\n".join(lines) + "\n"

    @classmethod
    def parse(cls, text: str) -> Manifest:
        """Read the signed text. Raises :class:`ManifestError` for anything :attr:`text` would not write."""
        lines = text.split("\n")
        size = _SIZE.fullmatch(lines[2]) if len(lines) > 3 else None
        if size is None or lines[0] != HEADER:
            raise ManifestError(f"it does not begin with “{HEADER}”, the log's name and its size")
        files: dict[str, File] = {}
        for line in lines[3:-1]:
            match = _LINE.fullmatch(line)
            if not match or any(part in {"", ".", ".."} for part in match[3].split("/")):
                raise ManifestError(f"not a line of a manifest: {line[:120]!r}")
            files[match[3]] = File(match[1], int(match[2]))
        manifest = cls(lines[1], int(size[1]), files)
        if manifest.text != text:
            raise ManifestError("its lines are not in order, or one stands twice")
        return manifest

    @classmethod
    def open(cls, data: bytes, key: note.Verifier) -> Manifest:
        """Read a signed manifest. Raises :class:`ManifestError` unless exactly this key, and nobody else, signed it."""
        try:
            text, signatures = note.split(data.decode("utf-8"))
            note.open_note(data.decode("utf-8"), [key])
        except ValueError as wrong:
            raise ManifestError(str(wrong)) from None
        if len(signatures) != 1:
            raise ManifestError("it is signed more than once")
        manifest = cls.parse(text)
        if manifest.origin != key.name:
            raise ManifestError(f"it is of {manifest.origin}, the key of {key.name}")
        return manifest


def file_of(path: Path) -> File:
    """Size and hash of a file on the disk, read in pieces."""
    digest, size = sha256(), 0
    with path.open("rb") as file:
        while piece := file.read(_CHUNK):
            digest.update(piece)
            size += len(piece)
    return File(digest.hexdigest(), size)


def walk(folder: Path) -> tuple[list[str], list[str]]:
    """All regular files below a folder, sorted, and sentences about what else is there (links, empty folders, odd things)."""
    files: list[str] = []
    odd: list[str] = []
    waiting = [""]
    while waiting:
        here = waiting.pop()
        with os.scandir(folder / here) as found:
            children = sorted(found, key=lambda child: child.name)
        if here and not children:
            odd.append(f"The folder {here} is empty; an export has none such.")
        for child in children:
            path = f"{here}/{child.name}" if here else child.name
            if child.is_symlink():
                odd.append(f"{_shown(path)} is a link; an export holds only files of its own.")
            elif child.is_dir():
                waiting.append(path)
            elif child.is_file():
                files.append(path)
            else:
                odd.append(f"{_shown(path)} is no ordinary file.")
    return sorted(files), odd


def _shown(path: str) -> str:
    return path.encode("utf-8", "backslashreplace").decode("utf-8")


def differences(folder: Path, manifest: Manifest) -> Iterable[str]:
    """Every difference between the manifest and the folder, as sentences that name the file."""
    files, odd = walk(folder)
    yield from odd
    there = set(files) - {NAME}
    for path in sorted(there - set(manifest.files)):
        yield f"The file {_shown(path)} was added: the manifest does not name it."
    for path, listed in sorted(manifest.files.items()):
        if path not in there:
            yield f"The file {path} is missing."
            continue
        found = file_of(folder / path)
        if found.size != listed.size:
            yield f"The file {path} was changed: it has {found.size} bytes instead of {listed.size}."
        elif found.sha256 != listed.sha256:
            yield f"The file {path} was changed: its bytes are not the ones that were exported."
