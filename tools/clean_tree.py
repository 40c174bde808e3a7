"""Nothing committed names this machine or a registry. Run by `make lint`."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BAD = re.compile(r'"resolved": "http|--(?:extra-)?index-url|registry = "http|' + re.escape(str(ROOT)))


def main() -> int:
    """Exit code 1 with a line for each finding."""
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")  # noqa: S607
    found = []
    for name in filter(None, files):
        path = ROOT / name
        if name == "tools/clean_tree.py" or not path.is_file() or path.suffix in {".png", ".woff2"}:
            continue
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            if BAD.search(line):
                found.append(f"{name}:{number}: {line.strip()[:120]}")
    print("\n".join(found) or "clean: no path of this machine, no download address")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
