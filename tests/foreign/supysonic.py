"""Supysonic, somebody else's Subsonic server, on a little music made for it. Installed by tools/subsonic.sh into var/subsonic; loopback only."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from pathlib import Path

import requests

BIN = Path(__file__).resolve().parents[2] / "var" / "subsonic" / "bin"
USER, PASSWORD = "alice", "sesame"
REASON = "supysonic is not installed: type  bash tools/subsonic.sh"

CONFIG = """[base]
database_uri = sqlite:///{home}/supysonic.db
[webapp]
cache_dir = {home}/cache
log_file = {home}/log
[daemon]
socket = {home}/socket
run_watcher = no
"""


def installed() -> bool:
    return (BIN / "supysonic-server").exists()


def make_music(folder: Path, albums: list[tuple[str, str, int, str, list[str]]]) -> None:
    """Write albums (artist, name, year, genre, titles) as FLAC files of two seconds, tagged, each album with a cover."""
    import av
    import numpy
    from mutagen.flac import FLAC, Picture

    for artist, name, year, genre, titles in albums:
        place = folder / artist.replace("/", "_") / name.replace("/", "_")
        place.mkdir(parents=True)
        for track, title in enumerate(titles, 1):
            path = place / f"{track:02}.flac"
            with av.open(str(path), "w") as out:
                stream = out.add_stream("flac", rate=8000, layout="mono")
                wave = (numpy.sin(numpy.arange(16000) * 2 * numpy.pi * (200 + 40 * track) / 8000) * 9000).astype(numpy.int16)
                frame = av.AudioFrame.from_ndarray(wave.reshape(1, -1), format="s16", layout="mono")
                frame.sample_rate = 8000
                out.mux(stream.encode(frame))
                out.mux(stream.encode(None))
            tags = FLAC(path)
            tags.update({"artist": artist, "album": name, "title": title, "date": str(year), "genre": genre, "tracknumber": str(track)})
            cover = Picture()
            cover.type, cover.mime, cover.data = 3, "image/png", _png()
            tags.add_picture(cover)
            tags.save()


def _png() -> bytes:
    """A red square of 80 by 80."""
    import struct
    import zlib

    def part(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + b"\xc0\x30\x20" * 80 for _ in range(80))
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", struct.pack(">IIBBBBB", 80, 80, 8, 2, 0, 0, 0)) + part(b"IDAT", zlib.compress(rows)) + part(b"IEND", b"")


class Supysonic:
    """A running server. Stop it with ``close``."""

    def __init__(self, home: Path, music: Path) -> None:
        (home / "supysonic.conf").write_text(CONFIG.format(home=home))
        self._home = home
        for command in (["user", "add", USER, "-p", PASSWORD], ["folder", "add", "music", str(music)], ["folder", "scan", "--foreground"]):
            subprocess.run([BIN / "supysonic-cli", *command], cwd=home, env=self._env(), check=True, capture_output=True, timeout=120)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        command = [BIN / "supysonic-server", "-S", "waitress", "-h", "127.0.0.1", "-p", str(port)]
        self._process = subprocess.Popen(command, cwd=home, env=self._env(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.url = f"http://127.0.0.1:{port}"
        until = time.monotonic() + 30
        while self._process.poll() is None and time.monotonic() < until:
            try:
                requests.get(f"{self.url}/rest/ping", timeout=5)
                return
            except requests.ConnectionError:
                time.sleep(0.05)
        self.close()
        raise RuntimeError("supysonic did not start")

    def _env(self) -> dict[str, str]:
        return os.environ | {"HOME": str(self._home)}

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(20)
