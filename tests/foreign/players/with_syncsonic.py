"""syncsonic: lists artists, downloads an album and a playlist by name; password in the clear, GET, without ``.view``. Runs in an empty folder."""

import json
import os
import runpy
import sys
import tempfile
from pathlib import Path

import requests

url, user, password = sys.argv[1:4]
folder = Path(tempfile.mkdtemp())
os.chdir(folder)
Path("config.json").write_text(json.dumps({"server": {"host": url + "/", "port": 0, "username": user, "password": password}}))
common = {"u": user, "p": password, "v": "1.16.1", "c": "test", "f": "json"}


def ask(call: str, **params: str) -> dict:
    return requests.get(f"{url}/rest/{call}", params=common | params, timeout=60).json()["subsonic-response"]


def run(*arguments: str) -> None:
    sys.argv = ["syncsonic", *arguments]
    runpy.run_module("syncsonic", run_name="__main__")


artist = ask("getArtists")["artists"]["index"][0]["artist"][0]
album = ask("getArtist", id=artist["id"])["artist"]["album"][0]
songs = ask("getAlbum", id=album["id"])["album"]["song"]
run("--list-artists", "--list-playlists")
run("--artist", artist["name"])
run("--albumid", album["id"], "--download")
made = ask("createPlaylist", name="for syncsonic", songId=songs[0]["id"])["playlist"]
run("--playlist", "for syncsonic", "--download")
ask("deletePlaylist", id=made["id"])
files = [path for path in Path("albums").rglob("*") if path.is_file() and path.suffix != ".m3u8"]
lists = list(Path("albums").glob("*.m3u8"))
print(json.dumps({"files": sorted(path.name for path in files), "lists": len(lists), "bytes": sum(path.stat().st_size for path in files)}))
