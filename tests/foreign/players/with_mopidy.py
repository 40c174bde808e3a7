"""Mopidy with Mopidy-Subidy, driven through Mopidy's own JSON-RPC: browse, search, look up, play (into nothing), make and save a playlist.

``PROGRAM URL USER PASSWORD KEY PORT``, by the Python that Mopidy is installed for, with Subidy on ``PYTHONPATH``. Password in the clear (stream) and token.
"""

import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

url, user, password, _key, port = sys.argv[1:6]
home = Path(tempfile.mkdtemp())
(home / "mopidy.conf").write_text(f"""[core]
cache_dir = {home}/cache
config_dir = {home}/config
data_dir = {home}/data
[audio]
output = fakesink sync=true
[http]
enabled = true
hostname = 127.0.0.1
port = {port}
[file]
enabled = false
[m3u]
enabled = false
[stream]
enabled = false
[softwaremixer]
enabled = true
[subidy]
enabled = true
url = {url}
username = {user}
password = {password}
legacy_auth = no
""")
log = (home / "log").open("w")
mopidy = subprocess.Popen([sys.executable, "-m", "mopidy", "--config", str(home / "mopidy.conf")], stdout=log, stderr=log)


def rpc(method: str, **params: object) -> object:
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}/mopidy/rpc", body, {"Content-Type": "application/json"})
    said = json.load(urllib.request.urlopen(request, timeout=60))
    if "error" in said:
        raise SystemExit(f"{method}: {said['error']}")
    return said["result"]


def until(what, seconds: float = 30) -> object:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if found := what():
                return found
        except OSError:
            if mopidy.poll() is not None:
                break
        time.sleep(0.1)
    raise SystemExit("Mopidy: " + (home / "log").read_text()[-3000:])


try:
    until(lambda: rpc("core.get_version"))
    roots = {one["name"]: one["uri"] for one in rpc("core.library.browse", uri="subidy:root") or rpc("core.library.browse", uri="subidy:vdir:root")}
    artists = rpc("core.library.browse", uri=roots["Artists"])
    albums = rpc("core.library.browse", uri=roots["Albums"])
    folders = rpc("core.library.browse", uri=roots["Directories"])
    assert artists and albums and folders and rpc("core.library.browse", uri=folders[0]["uri"])
    songs = [song for one in albums for song in rpc("core.library.browse", uri=one["uri"])]
    mine = rpc("core.library.browse", uri=rpc("core.library.browse", uri=artists[0]["uri"])[0]["uri"])
    track = rpc("core.library.lookup", uris=[songs[0]["uri"]])[songs[0]["uri"]][0]
    assert track["name"] == songs[0]["name"] and track["length"]
    found = rpc("core.library.search", query={"any": [track["name"]]}, uris=["subidy:"])
    assert any(one["uri"] == track["uri"] for result in found for one in result.get("tracks", []))
    rpc("core.tracklist.add", uris=[one["uri"] for one in mine[:2]])
    rpc("core.playback.play")
    until(lambda: rpc("core.playback.get_state") == "playing" and rpc("core.playback.get_time_position") > 200)
    rpc("core.playback.stop")
    made = rpc("core.playlists.create", name="from Mopidy", uri_scheme="subidy")
    tracks = [rpc("core.library.lookup", uris=[one["uri"]])[one["uri"]][0] for one in mine[:2]]
    rpc("core.playlists.save", playlist=made | {"tracks": tracks})
    items = rpc("core.playlists.get_items", uri=made["uri"])
    assert [one["uri"] for one in items] == [one["uri"] for one in mine[:2]], items
    assert made["uri"] in [one["uri"] for one in rpc("core.playlists.as_list")]
    rpc("core.playlists.delete", uri=made["uri"])
    assert made["uri"] not in [one["uri"] for one in rpc("core.playlists.as_list")]
    print(json.dumps({"artists": len(artists), "albums": len(albums), "songs": len(songs)}))
finally:
    mopidy.terminate()
    mopidy.wait(20)
