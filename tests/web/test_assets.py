"""What is copied from the front-end packages, and what a first visit weighs."""

import gzip
import re
from pathlib import Path

import pytest

from madang.web import assets

ROOT = Path(__file__).parents[2]


def packages(where: Path, fonts: int) -> Path:
    """A node_modules as npm would leave it, with this many font files."""
    font = where / assets.FONT
    (font / "woff2-dynamic-subset").mkdir(parents=True)
    (where / "modern-normalize").mkdir()
    sheet = assets.FONT / "pretendardvariable-dynamic-subset.css"
    for name in ("modern-normalize/modern-normalize.css", "modern-normalize/license", "pretendard/dist/LICENSE.txt", sheet):
        (where / name).write_text("x")
    for number in range(fonts):
        (font / "woff2-dynamic-subset" / f"{number}.woff2").write_bytes(b"font")
    return where


def test_only_what_is_needed_is_copied_and_old_files_go(tmp_path: Path) -> None:
    vendor = tmp_path / "static" / "vendor"
    (vendor / "old").mkdir(parents=True)
    (vendor / "old" / "left.css").write_text("from before")
    copied = assets.copy(packages(tmp_path / "modules", 92), vendor)
    assert len(copied) == 96
    assert not (vendor / "old").exists()


def test_without_the_packages_nothing_is_half_copied(tmp_path: Path) -> None:
    vendor = tmp_path / "vendor"
    with pytest.raises(FileNotFoundError, match="npm ci"):
        assets.copy(packages(tmp_path / "modules", 3), vendor)
    assert not vendor.exists()


def test_the_lock_file_holds_no_download_address() -> None:
    assert "resolved" not in (ROOT / "package-lock.json").read_text()


def test_nothing_is_fetched_from_elsewhere() -> None:
    for sheet in (ROOT / "madang/web/static/web").rglob("*.css"):
        assert not re.search(r"url\(|@import|https?:", sheet.read_text()), sheet


def test_a_first_visit_is_light() -> None:
    """Style sheets and scripts of the frame, compressed as they are served: at most 80 kB of the 200 kB before fonts."""
    import django_htmx

    files = [*(ROOT / "madang/web/static/web").rglob("*.*"), Path(django_htmx.__file__).parent / "static/django_htmx/htmx-2.min.js"]
    files += list(assets.VENDOR.rglob("*.css"))
    assert sum(len(gzip.compress(path.read_bytes())) for path in files if path.suffix in {".css", ".js", ".svg"}) < 80_000
