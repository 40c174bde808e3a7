"""One front door: ``madang found | run | serve | export | verify | backup | restore | check | doctor | …``."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from madang.site import address

DEFAULT_CHARTER = "charters/upandgo.toml"


def _say(text: str) -> None:
    print(text, flush=True)


class Unclear(Exception):
    """It was not said which co-op is meant, and there is more than one."""


def co_ops(var: Path = Path("var")) -> list[Path]:
    """The data folders of co-ops that stand in ``var/``. ``test`` and ``dev`` belong to the program's own developers."""
    found = sorted(one.parent for name in ("pg", "record.key") for one in var.glob(f"*/{name}") if one.parent.name not in ("test", "dev"))
    return list(dict.fromkeys(found))


def _data(named: str | None) -> Path:
    """The folder that was named, else the only co-op there is. Raises ``Unclear`` among several."""
    if chosen := named or os.environ.get("MADANG_DATA"):
        return Path(chosen)
    found = co_ops()
    if len(found) > 1:
        lines = "".join(f"\n  madang --data {one} …" for one in found)
        raise Unclear(f"Which co-op? There are {len(found)} in var/. Say it before the command:{lines}")
    return found[0] if found else Path("var/madang")


def _charter(name: str) -> str:
    """A charter's file: the one that is named, or a ready one by its name alone ("resonate")."""
    ready = Path("charters") / f"{name}.toml"
    return str(ready) if not Path(name).exists() and "/" not in name and ready.is_file() else name


def _port(text: str) -> int:
    try:
        return address.port(text)
    except ValueError as no:
        raise argparse.ArgumentTypeError(str(no)) from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="madang", description="A platform co-operative in a box.")
    parser.add_argument("--data", metavar="FOLDER", help="the co-op's data folder (default: $MADANG_DATA, or the only one in var/)")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    run = commands.add_parser("run", help="found the co-op of a charter unless it is there, fill it if it is a demo, and serve it")
    run.add_argument("charter", nargs="?", default=DEFAULT_CHARTER, type=_charter)
    run.add_argument("--port", type=_port, default=os.environ.get("PORT") or str(address.PORT))
    serve = commands.add_parser("serve", help="serve the co-op of this data folder")
    serve.add_argument("--port", type=_port, default=os.environ.get("PORT") or str(address.PORT))
    demo = commands.add_parser("demo", help="found the co-op of a charter and fill it with a believable past")
    demo.add_argument("charter", nargs="?", default=DEFAULT_CHARTER, type=_charter)
    demo.add_argument("--scale", type=int, default=1, help="how many times the usual size; above 1 is for measuring")
    verify = commands.add_parser("verify", help="check an export or a receipt: no database, no trust in this program's server", add_help=False)
    verify.add_argument("rest", nargs=argparse.REMAINDER)
    simulate = commands.add_parser("simulate", help="a random co-op, with everything going wrong that can (no co-op of yours)", add_help=False)
    simulate.add_argument("rest", nargs=argparse.REMAINDER)
    count = commands.add_parser("count", help="count ballot files of others: BLT, PrefLib, Pabulib, CSV", add_help=False)
    count.add_argument("rest", nargs=argparse.REMAINDER)
    subsonic = commands.add_parser("subsonic-check", help="does a music server, anybody's, keep the OpenSubsonic protocol?", add_help=False)
    subsonic.add_argument("rest", nargs=argparse.REMAINDER)
    steward = commands.add_parser("steward", help="do what falls due: seals, sweeps, sends mail (serve starts one)")
    steward.add_argument("--once", action="store_true", help="one round, then stop")
    backup = commands.add_parser("backup", help="write the whole co-op into one file")
    backup.add_argument("file", type=Path)
    restore = commands.add_parser("restore", help="bring a backup back into an empty data folder, and check it against the record")
    restore.add_argument("file", type=Path)
    commands.add_parser("check", help="walk every invariant of the house")
    commands.add_parser("doctor", help="tell what this installation stands on, and what is wrong with it")
    commands.add_parser("stop", help="stop the embedded PostgreSQL of this data folder")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code (0 fine, 1 it failed or found something, 2 wrong usage)."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if "verify" in arguments[:3]:
        from madang.kit import verify

        return int(verify.main(arguments[arguments.index("verify") + 1 :]))
    if arguments[:1] == ["simulate"]:
        from madang.site.simulate import command

        return command.main(arguments[1:])
    if arguments[:1] == ["count"]:
        from madang.kit.counting import command as counting

        return counting.main(arguments[1:])
    if arguments[:1] == ["subsonic-check"]:
        from madang.platforms.music.subsonic.check import command as subsonic

        return subsonic.main(arguments[1:])
    parser = _parser()
    from madang.kit.errors import Missing, Refused
    from madang.site import postgres, start

    try:
        known, _rest = parser.parse_known_args([a for a in arguments if a not in ("-h", "--help")]) if _is_ours(arguments) else (None, None)
        if not arguments or arguments[0] in ("-h", "--help"):
            return _help(parser)
        _port(os.environ.get("PORT") or str(address.PORT))
        if known is not None and known.command in ("run", "demo"):
            known.data = known.data or os.environ.get("MADANG_DATA") or f"var/{_slug(known.charter)}"
        if port := getattr(known, "port", None):
            os.environ["PORT"] = str(port)
        early = argparse.ArgumentParser(add_help=False)
        early.add_argument("--data")
        data = _data((known or early.parse_known_args(arguments)[0]).data or _of_charter(arguments))
        if known is not None and known.command == "stop":
            postgres.stop(data.resolve())
            return 0
        start.ground(data)
        start.house()
        return _with_house(parser, arguments, known)
    except (Unclear, argparse.ArgumentTypeError) as no:
        print(f"madang: {no}", file=sys.stderr)
        return 2
    except (Refused, Missing, postgres.PostgresError) as no:
        print(f"madang: {getattr(no, 'message', no)}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        return 1


OURS = ("run", "serve", "demo", "steward", "backup", "restore", "check", "doctor", "stop")


def _is_ours(arguments: Sequence[str]) -> bool:
    return any(a in OURS for a in arguments[:3])


def _of_charter(arguments: Sequence[str]) -> str | None:
    """Where ``found FILE`` founds without ``--data``: the folder that ``run`` would use for that charter."""
    if "found" not in arguments[:3] or os.environ.get("MADANG_DATA"):
        return None
    files = [one for one in arguments[arguments.index("found") + 1 :] if not one.startswith("-")]
    return f"var/{_slug(files[0])}" if files else None


def _slug(charter: str) -> str:
    return re.sub(r"[^a-z0-9-]+", "-", Path(charter).stem.lower()) or "madang"


def _help(parser: argparse.ArgumentParser) -> int:
    """All commands, the house's own among them. No database is started for it, and no folder made."""
    from madang.site import start

    os.environ.setdefault("MADANG_SECRET_KEY", "nothing is signed here")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "madang.site.settings")
    start.house()
    _add_house_commands(parser)
    parser.print_help()
    return 0


def _add_house_commands(parser: argparse.ArgumentParser) -> None:
    from madang.kit import house

    actions = next(action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    for command in house.collect("commands"):
        own = actions.add_parser(command.name, help=command.help)
        command.add_arguments(own)
        own.set_defaults(run=command.run)


def _with_house(parser: argparse.ArgumentParser, arguments: Sequence[str], known: argparse.Namespace | None) -> int:
    from madang.site import keep, running, start

    _add_house_commands(parser)
    args = parser.parse_args(arguments)
    if getattr(args, "command", None) == "restore":
        return keep.restore(args.file, _say)
    start.prepare(_say)
    match args.command:
        case "run":
            return running.run(Path(args.charter), args.port, _say)
        case "serve":
            return running.serve(args.port, _say)
        case "demo":
            return running.demo(Path(args.charter), args.scale, _say)
        case "steward":
            return running.steward(once=args.once)
        case "backup":
            return keep.backup(args.file, _say)
        case "check":
            return running.check(_say)
        case "doctor":
            return running.doctor(_say)
    return int(args.run(args) or 0)


if __name__ == "__main__":
    sys.exit(main())
