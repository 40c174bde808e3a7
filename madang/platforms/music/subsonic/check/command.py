"""``madang subsonic-check URL --user U --password P | --api-key K [--write] [--json]``."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict

from madang.platforms.music.subsonic.check import run
from madang.platforms.music.subsonic.check.finding import ABSENT, BROKEN, OK, Finding
from madang.platforms.music.subsonic.check.speaking import Server, Unreachable

PASSWORD, KEY = "SUBSONIC_PASSWORD", "SUBSONIC_API_KEY"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="madang subsonic-check",
        description="Does a music server keep the OpenSubsonic protocol? Works with any server that speaks Subsonic. Each line says what the protocol"
        " says, and what came where something else came.",
        epilog=f"A password or key may also stand in the variable {PASSWORD} or {KEY}, so that it is in no list of processes.",
    )
    parser.add_argument("url", metavar="URL", help="the server's address, with or without /rest")
    parser.add_argument("--user", default="", help="the name to sign in with")
    parser.add_argument("--password", default=os.environ.get(PASSWORD, ""))
    parser.add_argument("--api-key", default=os.environ.get(KEY, ""), metavar="KEY", help="instead of a name and a password")
    parser.add_argument("--write", action="store_true", help="also what changes things: playlists, stars, ratings, bookmarks, the queue, plays (which count)")
    parser.add_argument("--json", action="store_true", help="one object a finding and line")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """0 nothing is broken; 1 something is; 2 the server does not answer or lets nobody in, or wrong usage."""
    parser = _parser()
    args = parser.parse_args(argv)
    if not (args.user or args.api_key):
        parser.error("a --user with a --password, or an --api-key")
    if not args.url.startswith(("http://", "https://")):
        parser.error("an address begins with http:// or https://")
    try:
        talk = run.sign_in(Server(args.url), args.user, args.password, "" if args.user else args.api_key)
    except (Unreachable, run.NoSignIn) as no:
        print(f"madang subsonic-check: {no}", file=sys.stderr)
        return 2
    about = talk.about
    if not args.json:
        kind = f"{about.get('type', 'a server')} {about.get('serverVersion', '')}".strip()
        extensions = ", ".join(sorted(talk.extensions)) or "no extension"
        print(f"{kind}, protocol {about.get('version')}, {'OpenSubsonic' if talk.is_open else 'not OpenSubsonic'}, {extensions}\n")
    count: Counter[str] = Counter()
    for found in run.findings(talk, writes=args.write):
        count[found.outcome] += 1
        print(json.dumps(asdict(found), ensure_ascii=False) if args.json else _line(found), flush=True)
    if not args.json:
        print(f"\n{count[OK]} ok, {count[BROKEN]} broken, {count[ABSENT]} not offered")
    return 1 if count[BROKEN] else 0


def _line(found: Finding) -> str:
    head = f"{found.outcome:<11} {found.group}: {found.name.replace('_', ' ') if found.group != 'answers' else found.name}"
    if found.outcome == BROKEN:
        return f"{head}\n            the protocol: {found.says}\n            came: {found.came}"
    return f"{head} ({found.came})" if found.outcome == ABSENT else head
