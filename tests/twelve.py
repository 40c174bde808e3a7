"""A co-op of exactly twelve members, founded by the twelve of them: ``python -m tests.twelve FOLDER``. For those who decide at a table."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NAMES = ["김서연", "이정희", "박민수", "최은지", "정하늘", "강바다", "윤슬기", "조아람", "임다솜", "한가람", "오누리", "서보람"]
OFFICES = {0: ('["chair", "board"]',), 1: ('["board", "treasurer"]',), 2: ('["auditor"]',), 3: ('["board", "coordinator"]',)}
EMAILS = [f"m{number}@example.org" for number in range(1, 13)]


def charter() -> str:
    """The ready charter of a cleaning co-op with these twelve founders: the first is its chair."""
    text = (ROOT / "charters/upandgo.toml").read_text()
    begin = text.index("[[founders]]")
    end = text.index("# --- Ways of deciding", begin)
    rows = []
    for number, (name, email) in enumerate(zip(NAMES, EMAILS, strict=True)):
        offices = "".join(f"offices = {held}\n" for held in OFFICES.get(number, ()))
        operator = "" if number else "operator = true\n"
        rows.append(f'[[founders]]\nname = "{name}"\nemail = "{email}"\nclass = "worker"\n{offices}{operator}')
    return re.sub(r"\n{3,}", "\n\n", text[:begin] + "\n".join(rows) + "\n" + text[end:])


def make(data: Path) -> int:
    """Found it and let all twelve accept and pay. For a process of its own."""
    from madang.site import start

    start.ground(data)
    start.house()
    from madang.coop import law
    from madang.coop.charter.command import found_file
    from madang.coop.law import clock
    from madang.coop.law.models import Coop

    start.prepare(print)
    written = data / "twelve.toml"
    written.write_text(charter())
    if code := found_file(written, print, backdate=True):
        return code
    from madang.platforms.services import demo, demo_story

    life = demo.Life(clock.now(), clients=0, workers=0)
    demo_story._founders(life, life.start)
    life.run()
    Coop.objects.update(filled_at=clock.now())
    law.request_ended()
    return 0


def house(to: Path) -> Path:
    """Make ``to`` the data folder of that co-op, stopped."""
    from tests import houses
    from tests.e2e.server import environment, madang

    houses.unfounded(to)
    command = [sys.executable, "-m", "tests.twelve", str(to)]
    done = subprocess.run(command, env=environment(to), cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    madang(to, "stop")
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-5000:]}"
    return to


if __name__ == "__main__":
    sys.exit(make(Path(sys.argv[1])))
