"""``python -m madang.platforms.music.sound SOURCE FOLDER FORMAT,…``: prepare one file in a process of its own.

A hostile file can take this process's memory and time, and nothing else. It prints a JSON object a line: {"done": milliseconds}, at the end what came of it or
{"refused": code}.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from pathlib import Path

from django.conf import settings

MEMORY = 3 * 1024**3
CPU_S = 3600


def main(source: str, folder: str, formats: str) -> int:
    """Prepare and tell. 0 when something came of it, 3 when it was refused."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(5)  # listening comes first
    settings.configure(USE_I18N=False)  # the words are said by who started this
    from madang.kit.errors import Refused
    from madang.platforms.music.sound import prepare, probe

    last = [-1]

    def tell(done: int) -> None:
        if done // 5000 != last[0]:
            last[0] = done // 5000
            print(json.dumps({"done": done}), flush=True)

    try:
        found = probe.probe(Path(source))
        made = prepare.prepare(Path(source), Path(folder), [prepare.FORMATS[name] for name in formats.split(",") if name], progress=tell)
    except Refused as no:
        print(json.dumps({"refused": no.code}), flush=True)
        return 3
    files = {name: [path.name, path.stat().st_size] for name, path in made.files.items()}
    print(json.dumps({"sound": vars(found), "duration": made.duration, "lufs": made.lufs, "peak": made.peak, "waveform": made.waveform.hex(), "files": files}))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
