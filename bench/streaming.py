"""Files made into what players play: ours (decoded once, with loudness and waveform) beside the command line of FFmpeg (which only makes the file).

How many times faster than real time, in seconds of one core's time.

    python -m bench.streaming [--json] [--seconds 180]
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import tempfile
from pathlib import Path

from bench.common import Bench, arguments

FFMPEG = {
    "opus": ["-c:a", "libopus", "-b:a", "128k"], "aac": ["-c:a", "aac", "-b:a", "192k"], "mp3": ["-c:a", "libmp3lame", "-b:a", "192k"],
    "flac": ["-c:a", "flac"],
}  # fmt: skip


def spent(who: int) -> float:
    """Seconds of processor time."""
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def main() -> None:
    options = arguments(__doc__ or "", ("--seconds", {"type": int, "default": 180, "help": "how long the track is"}))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "madang.site.settings")
    from madang.platforms.music import demo_sounds
    from madang.platforms.music.sound import prepare

    bench = Bench(f"A track of {options.seconds} s made into files", options)
    with tempfile.TemporaryDirectory(prefix="madang-bench-") as name:
        folder = Path(name)
        source = folder / "source.flac"
        demo_sounds.write(source, demo_sounds.melody((0, 2, 4, 7, 9), seed=1, seconds=options.seconds))
        for form in (None, *prepare.FORMATS.values()):
            before = spent(resource.RUSAGE_SELF)
            prepare.prepare(source, folder, [form] if form else [])
            mine = options.seconds / (spent(resource.RUSAGE_SELF) - before)
            label = form.name if form else "loudness and waveform alone"
            bench.add(f"{label.replace(' ', '_')}_ours", mine, "x")
            if form and shutil.which("ffmpeg"):
                before = spent(resource.RUSAGE_CHILDREN)
                command = ["ffmpeg", "-v", "error", "-y", "-threads", "1", "-i", str(source), *FFMPEG[form.name], str(folder / f"peer.{form.suffix}")]
                subprocess.run(command, check=True)
                theirs = options.seconds / (spent(resource.RUSAGE_CHILDREN) - before)
                bench.add(f"{form.name}_ffmpeg", theirs, "x")
                bench.add(f"{form.name}_ratio", mine / theirs, "times", "as fast as FFmpeg's command line, which measures nothing")
    bench.close()


if __name__ == "__main__":
    main()
