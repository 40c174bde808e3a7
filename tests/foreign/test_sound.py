"""Real music (Debian's singularity-music, hyperrogue-music, asc-music) as we read it, beside mutagen, ffprobe and loudgain."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import mutagen
import pytest

from madang.kit.errors import Refused
from madang.platforms.music.sound import prepare, probe, tags

FOLDERS = [Path("/usr/share/games/singularity/music"), Path("/usr/share/hyperrogue/music"), Path("/usr/share/games/asc/music")]
FILES = sorted(path for folder in FOLDERS for path in folder.rglob("*") if path.suffix in (".ogg", ".mp3") and path.exists())
MISSING = [str(folder) for folder in FOLDERS if not folder.is_dir()] + [tool for tool in ("ffprobe", "loudgain") if not shutil.which(tool)]
NOT_BY_FFPROBE = ("hr-savino-caribbean.ogg", "hr-savino-ivory.ogg", "hr-savino-ocean.ogg")
SAMPLE = [path for path in FILES if path.name not in NOT_BY_FFPROBE][::3]
"""Every third is measured whole, and all of the MP3."""

pytestmark = [pytest.mark.foreign, pytest.mark.skipif(bool(MISSING), reason=f"not installed: {MISSING} (bash tools/music.sh)")]


def name(path: Path) -> str:
    return path.name


def test_all_of_it_is_there() -> None:
    counts = {folder.name + folder.parent.name: len([one for one in FILES if folder in one.parents]) for folder in FOLDERS}
    assert counts["musicsingularity"] >= 16
    assert counts["musicasc"] == 3
    assert counts["musichyperrogue"] >= 15


@pytest.mark.parametrize("path", FILES, ids=name)
def test_lengths_and_tags(path: Path) -> None:
    asked = ["ffprobe", "-v", "error", "-show_format", "-show_streams", "-of", "json", str(path)]
    if path.name in NOT_BY_FFPROBE:  # the headers of three are damaged: ffprobe refuses them, and so do we
        assert subprocess.run(asked, capture_output=True, check=False).returncode
        with pytest.raises(Refused):
            probe.probe(path)
        return
    told, found = json.loads(subprocess.run(asked, capture_output=True, check=True).stdout), probe.probe(path)
    stream = next(one for one in told["streams"] if one["codec_type"] == "audio")
    assert abs(found.duration - float(told["format"]["duration"]) * 1000) <= 2
    assert (found.sample_rate, found.channels) == (int(stream["sample_rate"]), stream["channels"])
    file = mutagen.File(path)  # type: ignore[attr-defined]
    assert abs(found.duration - file.info.length * 1000) <= 60
    said, theirs = tags.read(path), file.tags or {}
    for key, ours in (("title", said.title), ("artist", said.artist), ("album", said.album)):
        if wanted := " ".join("; ".join(str(one) for one in theirs.get(key, [])).split()):
            assert ours == wanted, key
    assert said.title


@pytest.mark.parametrize("path", [*SAMPLE, *(one for one in FILES if one.suffix == ".mp3" and one not in SAMPLE)], ids=name)
def test_loudness_is_what_loudgain_says(path: Path) -> None:
    told = subprocess.run(["loudgain", "-q", "-O", "-s", "s", str(path)], capture_output=True, text=True, check=True).stdout.splitlines()
    row = dict(zip(told[0].split("\t"), told[1].split("\t"), strict=True))
    made = prepare.prepare(path, path.parent, [])
    assert abs(made.lufs / 100 - float(row["Loudness"].removesuffix(" LUFS"))) <= 0.05
    assert abs(made.peak / 100 - float(row["True_Peak_dBTP"].removesuffix(" dBTP"))) <= 0.6
    assert abs(made.duration - probe.probe(path).duration) <= 150  # one of them says less of itself than there is in it
