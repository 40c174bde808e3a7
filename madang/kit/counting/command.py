"""``madang count FILE [FILE…] --method M``: ballot files of others, counted; text, or one JSON object a line and file."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from madang.kit.counting import asking, files
from madang.kit.counting.ballots import Unfit, whole
from madang.kit.counting.lot import Lot
from madang.kit.counting.result import Number, Result, Stage, dump, exact


def _positive(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or int(text) < 1:
        raise argparse.ArgumentTypeError(f"a number of at least 1, not {text!r}")
    return int(text)


def _share(text: str) -> Fraction:
    try:
        share = Fraction(text[:-1]) / 100 if text.endswith("%") else Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise argparse.ArgumentTypeError(f"a share like 2/3 or 60%, not {text!r}") from None
    if not 0 < share <= 1:
        raise argparse.ArgumentTypeError("a share is more than 0 and at most 1")
    return share


def _limit(text: str) -> Number:
    try:
        return whole(text)
    except (ValueError, ZeroDivisionError):
        raise argparse.ArgumentTypeError(f"a number, not {text!r}") from None


def _seed(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise argparse.ArgumentTypeError("the seed is hexadecimal: an even number of 0-9 and a-f") from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="madang count", description="Count ballot files: BLT, PrefLib (soc, soi, toc, toi), Pabulib (.pb), CSV.")
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("--method", required=True, choices=list(asking.methods()), metavar="METHOD", help=", ".join(asking.methods()))
    parser.add_argument("--seats", type=_positive, help="how many are elected (default: as the file says, else 1)")
    parser.add_argument("--json", action="store_true", help="one object a line and file; every number is exact text")
    parser.add_argument("--seed", type=_seed, default=b"", metavar="HEX", help="the seed of the lot that breaks what the rules leave tied")
    parser.add_argument("--share", type=_share, default=Fraction(1, 2), help="majority: the share it needs (2/3, 60%%; default more than half)")
    parser.add_argument("--limit", type=_limit, help="dots, quadratic: what one ballot may use")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """0 all counted; 2 a file could not be read or counted (the others still are), or wrong usage."""
    args = _parser().parse_args(argv)
    ask = asking.Ask(args.seats, Lot(args.seed), args.share, args.limit)
    code = 0
    for name in args.files:
        try:
            result = asking.count(args.method, files.read(Path(name)), ask)
        except files.Malformed as no:
            code = _refuse(name, no.line, no.reason)
        except (Unfit, OSError) as no:
            code = _refuse(name, 0, no.strerror or str(no) if isinstance(no, OSError) else str(no))
        else:
            said = json.dumps({"file": name} | dump(result), ensure_ascii=False) if args.json else "\n".join(_lines(name, result))
            try:
                print(said, flush=True)
            except BrokenPipeError:
                sys.stdout = None  # type: ignore[assignment]
                return 1
    return code


def _refuse(name: str, line: int, reason: str) -> int:
    print(f"{name}:{line}: {reason}" if line else f"{name}: {reason}", file=sys.stderr, flush=True)
    return 2


def _lines(name: str, result: Result) -> list[str]:
    quota = f", quota {exact(result.quota)}" if result.quota is not None else ""
    lines = [f"{name}: {result.method}, {_some(result.seats, 'seat')}"]
    lines.append(f"  {_some(result.valid, 'valid ballot')}, {exact(result.blank)} blank, {exact(result.invalid)} invalid{quota}")
    for number, stage in enumerate(result.stages, start=1):
        lines += _stage(number, stage)
    for tie in result.ties:
        lines.append(f"  Tie at stage {tie.stage} ({tie.about}): {', '.join(tie.tied)}. By {tie.by}: {', '.join(tie.chosen)}.")
    lines.append(f"  Elected: {', '.join(result.winners)}" if result.winners else "  Nobody is elected.")
    return lines


def _some(number: Number, noun: str) -> str:
    return f"{exact(number)} {noun}{'' if number == 1 else 's'}"


def _stage(number: int, stage: Stage) -> list[str]:
    said = "".join(f" Out: {one}." for one in stage.excluded)
    if stage.source and stage.source not in stage.excluded:
        said += f" Surplus of {stage.source}."
    said += "".join(f" In: {one}." for one in stage.elected)
    lines = [f"  Stage {number}.{said}"]
    width = max((len(name) for name in stage.votes), default=0)
    for name, votes in stage.votes.items():
        more = stage.transferred.get(name)
        lines.append(f"    {name:<{width}}  {exact(votes)}{f'  (+{exact(more)})' if more else ''}")
    if stage.exhausted:
        lines.append(f"    {'(exhausted)':<{width}}  {exact(stage.exhausted)}")
    return lines
