"""Other people's players, unmodified, find all they ask for in answers that our reading and writing made (a small server in memory)."""

from __future__ import annotations

import io

import pytest

from madang.platforms.music.subsonic.calls import CALLS
from tests.foreign import players
from tests.platforms.music.subsonic.fake import KEY, PASSWORD, USER, Fake

pytestmark = pytest.mark.foreign


def sound() -> bytes:
    """Five seconds of a tone, as Ogg Opus."""
    import av
    import numpy

    out = io.BytesIO()
    with av.open(out, "w", format="ogg") as file:
        stream = file.add_stream("libopus", rate=48000, layout="stereo")
        wave = (numpy.sin(numpy.arange(5 * 48000) * 2 * numpy.pi * 440 / 48000) * 0.3).astype(numpy.float32)
        for at in range(0, len(wave), 960):
            frame = av.AudioFrame.from_ndarray(numpy.vstack([wave[at : at + 960]] * 2), format="fltp", layout="stereo")
            frame.sample_rate, frame.pts = 48000, at
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return out.getvalue()


@pytest.fixture(scope="module")
def tone() -> bytes:
    return sound()


@pytest.mark.parametrize("name", players.PLAYERS)
def test_a_player_of_others(name, tone):
    if why := players.lacking(name):
        pytest.skip(why)
    fake = Fake(tone)
    try:
        seen = players.play(name, fake.url, USER, PASSWORD, KEY)
    finally:
        fake.close()
    assert {"artists": 2, "albums": 3}.items() <= seen.items() or seen["files"] == ["so-1.ogg", "so-1.ogg", "so-2.ogg", "so-3.ogg", "so-4.ogg", "so-5.ogg"]
    asked = {call for call, _asked in fake.heard}
    assert asked <= CALLS.keys(), asked - CALLS.keys()
