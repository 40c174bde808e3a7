"""The embedded PostgreSQL comes up again however its last one died."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

NOBODY_WAITS = """
import ctypes, os, signal, sys
from pathlib import Path
import psycopg
from madang.site import postgres

folder = Path(sys.argv[1])
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # orphans come to this process, which waits for none of them
address = postgres.ensure(folder)
busy = psycopg.connect(address, autocommit=True)
busy.execute("CREATE TABLE kept (one int)")
busy.execute("INSERT INTO kept VALUES (1)")
if "busy" in sys.argv:
    busy.pgconn.send_query(b"SELECT count(*) FROM generate_series(1, 30000000)")  # a backend that does not notice at once
for _time in range(2):
    pid = int((folder / "pg/postmaster.pid").read_text().split()[0])
    os.kill(pid, signal.SIGKILL)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)  # dead, and left unburied
    assert Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    postgres.ensure(folder)
with psycopg.connect(postgres.address(folder)) as again:
    print(again.execute("SELECT one FROM kept").fetchone()[0])
postgres.stop(folder)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="orphans are adopted by Linux's prctl")
@pytest.mark.parametrize("how", ["idle", "busy"])
def test_a_killed_server_that_nobody_waited_for_comes_up_again(tmp_path: Path, how: str) -> None:
    ran = subprocess.run([sys.executable, "-c", NOBODY_WAITS, str(tmp_path / "d"), how], capture_output=True, text=True, timeout=200, check=False)
    assert ran.stdout.split() == ["1"], ran.stderr
