"""Files that somebody broke: each is read or refused with a reason, and what is read can be counted or is told not to fit. Never a crash."""

from __future__ import annotations

import json
import random

from hypothesis import given, settings
from hypothesis import strategies as st

from madang.kit.counting.asking import Ask, count, methods
from madang.kit.counting.ballots import Unfit
from madang.kit.counting.files import Malformed, parse
from madang.kit.counting.result import dump
from tests.kit.counting.test_formats import BLT, PB, SOI

TABLES = ("count,pref1,pref2\n3,Anna,Bo\n2,Bo,\n", "count,A,B\n3,5,\n2,-1,4.5\n", '2,1\n3,1,2\n"Candidate 1","A","P"\n"Candidate 2","B","P"\n"Ward"\n')
OLD = '3\n1,"Anna"\n2,Bo\n3,Cho\n6,6,2\n4,2,{1,3}\n2,3\n'
SAMPLES = [("blt", BLT), ("blt", "2 1\n[nick a b]\n1 b a 0\n0\n"), ("soi", SOI), ("toi", OLD), ("pb", PB), *(("csv", text) for text in TABLES)]
SIGNS = [".", ",", ";", '"', "{", "}", "[", "]", "[]", "()", "=", "-", "#", "\n", "\r", "\t", " ", "\u0663", "é", "\u200b"]
PIECES = [*SIGNS, "0", "-1", "9", "99999999999999999999", "1/0", "1/3", "0\n", "META\n", "VOTES\n"]


def broken(chance: random.Random, text: str) -> str:
    """A few random cuts, doublings and insertions."""
    for _turn in range(chance.randint(1, 4)):
        at = chance.randrange(len(text) + 1)
        end = min(len(text), at + chance.choice((0, 0, 1, 1, 2, 8)))
        text = text[:at] + chance.choice((*PIECES, "", "", text[at:end] * 2)) + text[end:]
    return text


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 10**9), st.sampled_from(SAMPLES), st.booleans())
def test_whatever_somebody_did_to_a_file(seed: int, sample: tuple[str, str], known: bool) -> None:
    ending, text = sample
    try:
        ballots = parse(broken(random.Random(seed), text), ending if known else "")
    except Malformed as no:
        assert no.reason and no.line >= 0
        return
    for method in methods():
        try:
            result = count(method, ballots, Ask())
        except Unfit:
            continue
        json.dumps(dump(result))
        assert set(result.winners) <= set(ballots.names)
