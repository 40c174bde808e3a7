"""Why a file is refused, in words for who sent it. A process of its own tells the code; whoever started it tells the words, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from madang.kit.errors import Refused
from madang.platforms.music.sound.limits import USUAL

REASONS: Mapping[str, Any] = {
    "no-sound": _("This is not a sound file, whatever its name says. FLAC, WAV, AIFF, MP3, Ogg, Opus and M4A are."),
    "no-stream": _("There is no sound in this file."),
    "not-taken": _("This kind of file is not taken. FLAC, WAV, AIFF, MP3, Ogg, Opus and M4A are."),
    "broken": _("This file is broken: the sound breaks off in the middle. Please make it again from your original."),
    "silent": _("This file is broken: no sound comes out of it."),
    "too-large": _("This file is too large. At most %(size)s MB are taken."),
    "too-short": _("There is less than half a second of sound in this file."),
    "too-long": _("This track is longer than %(hours)s hours. Please cut it into several."),
    "too-fine": _("This file has more channels, or a finer sampling, than is taken."),
    "gone": _("The file that was uploaded is not there any more. Please send it again."),
    "nothing": _("Nothing came of this file: preparing it took too much memory or time, or broke off."),
}


def said(code: str) -> str:
    """The words of a code, in the reader's language."""
    return str(REASONS.get(code, REASONS["nothing"])) % {"size": USUAL.size // 1024**2, "hours": USUAL.longest // 3_600_000}


def refused(code: str) -> Refused:
    """A refusal with this code and its words."""
    return Refused(code, said(code))
