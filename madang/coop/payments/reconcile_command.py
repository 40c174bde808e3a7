"""``madang reconcile``: hold every service against the books now, and say each difference."""

from __future__ import annotations

import argparse
import sys
from datetime import date

from django.utils.translation import override

from madang.coop import law
from madang.coop.law import clock
from madang.coop.payments import reconciling, resolving
from madang.coop.payments.gaps import TRANSIT
from madang.kit.money import format_amount
from madang.rails.payments import RailError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``--day``, ``--rail``."""
    parser.add_argument("--day", type=date.fromisoformat, metavar="DATE", help="a day that is over, again (YYYY-MM-DD); otherwise all that wait")
    parser.add_argument("--rail", metavar="NAME", help="only this service: sandbox, bank, cash, …")


def run(arguments: argparse.Namespace) -> int:
    """Exit code 1 when something differs or a service would not answer."""
    now, bad = clock.now(), 0
    if arguments.day and arguments.day > reconciling.yesterday(now):
        print(f"{arguments.day} is not over yet.", file=sys.stderr)
        return 2
    language = law.coop().languages[0]
    with override("en"):
        for rail in sorted({rail for rail, _unit in reconciling.used()}):
            if arguments.rail in (None, rail):
                try:
                    reconciling.reconcile(rail, now=now, day=arguments.day)
                except RailError as error:
                    print(f"{rail}: it does not answer ({error}). Nothing is known; try again later.", file=sys.stderr)
                    bad = 1
        for report in resolving.newest():
            if arguments.rail not in (None, report.rail):
                continue
            left = resolving.open_ones(report)
            there, here = (format_amount(amount, report.unit, language) for amount in (report.theirs, report.ours))
            print(f"{report.rail} {report.day}: there {there}, here {here}: {'agreed' if not left else f'{len(left)} to settle'}")
            for one in report.differences.all():
                word = "" if one in left else " (only late)" if one.kind == TRANSIT else " (settled)"
                print(f"  {one.kind} {one.thing}: {format_amount(one.net, report.unit, language)}{word}")
            bad = bad or int(bool(left))
    return bad
