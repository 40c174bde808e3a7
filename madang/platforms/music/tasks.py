"""What the job runner does for music: thin, safe to run twice. One file at a time, so that mail still goes out."""

from __future__ import annotations

from procrastinate.contrib.django import app

from madang.platforms.music.actions import preparing


@app.task(name="music.prepare", lock="music.prepare")  # type: ignore[untyped-decorator]
def prepare(track: int) -> None:
    """Make a track's file into sound."""
    preparing.prepare_track(track, clock=preparing.now_of_the_coop)
