"""All checks, one after the other, and what came of each."""

from __future__ import annotations

from collections.abc import Iterator

from madang.platforms.music.subsonic.check import browsing, errors, forms, keeping, lists, marks, media, playlists, searching, signing, system
from madang.platforms.music.subsonic.check.finding import ABSENT, BROKEN, CHECKS, OK, Absent, Broken, Check, Finding
from madang.platforms.music.subsonic.check.speaking import Account, Server, Unreachable
from madang.platforms.music.subsonic.check.talk import Talk

GROUPS = (system, signing, errors, browsing, lists, searching, media, playlists, marks, keeping, forms)
"""The modules that hold the checks, in the order of the report; importing them here is what registers these."""

CALL_FITS = "Every key of a JSON answer has the type that the protocol gives it, lists are arrays, and what is required is there."


class NoSignIn(Exception):
    """The server took none of the ways to sign in."""


def sign_in(server: Server, user: str, password: str, key: str) -> Talk:
    """Find out how this server lets us in: with a key, else with a token, else with a password. Raises ``NoSignIn``, ``Unreachable``."""
    ways = [Account("key", key=key)] if key else [Account(way, user, password) for way in ("token", "password")]
    said = ""
    for account in ways:
        talk = Talk(server, account)
        heard = talk.raw("ping")
        if heard.json is not None and heard.code is None:
            return talk
        said = heard.short()
    raise NoSignIn(said)


def findings(talk: Talk, *, writes: bool = False) -> Iterator[Finding]:
    """Run the checks; those that write only where ``writes`` says so. Last comes one finding for each call: whether its JSON fits the protocol."""
    in_order = [one for group in GROUPS for one in CHECKS if one.act.__module__ == group.__name__]
    for one in in_order:
        if writes or not one.writes:
            yield look(one, talk)
    for call, misfits in sorted(talk.misfits.items()):
        wrong = list(dict.fromkeys(str(misfit) for misfit in misfits if not misfit.unknown))
        came = "; ".join(wrong[:4]) + (f"; and {len(wrong) - 4} more" if len(wrong) > 4 else "")
        yield Finding("answers", call, BROKEN if wrong else OK, CALL_FITS, came)
    for call, said in sorted(talk.absent.items()):
        yield Finding("answers", call, ABSENT, CALL_FITS, said)


def look(one: Check, talk: Talk) -> Finding:
    """Run one check. What the server does not do comes back as a finding, and so does an answer that no check could walk through."""
    try:
        one.act(talk)
    except Broken as no:
        return Finding(one.group, one.name, BROKEN, one.says, str(no))
    except Absent as no:
        return Finding(one.group, one.name, ABSENT, one.says, str(no))
    except Unreachable as no:
        return Finding(one.group, one.name, BROKEN, one.says, f"the connection ended: {no}")
    except (KeyError, TypeError, AttributeError, IndexError) as no:
        # An answer so unlike the protocol that a check could not even walk through it. Its call has a finding of its own at the end.
        return Finding(one.group, one.name, BROKEN, one.says, f"the answer has not the protocol's shape ({type(no).__name__}: {no})")
    return Finding(one.group, one.name, OK, one.says)
