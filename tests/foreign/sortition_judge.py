"""Panels of random volunteers, made by ours and by the program of the Sortition Foundation. Runs in ``var/judges`` (``bash tools/judges.sh``):

    var/judges/bin/python -m tests.foreign.sortition_judge --cases 200 --seed 1

For each case the smallest chance of anyone who can be drawn at all must be the same in both, to a hundred-thousandth; both must call the same cases
impossible; and our list of a thousand panels may be behind by what a list of a thousand can be. Prints one JSON object; exit code 1 where they differ.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from typing import Any

from madang.kit.counting import sortition

CLOSE = 1e-5
VALUES = {"class": ["worker", "client", "maker"], "tongue": ["ko", "en"], "since": ["new", "old"]}


def case(chance: random.Random) -> tuple[list[dict[str, str]], dict[tuple[str, str], tuple[int, int]], int]:
    """Volunteers, quotas, size: every feature has quotas for all its values, as the judge asks."""
    names = chance.sample(sorted(VALUES), chance.randint(1, 3))
    people = [{name: chance.choice(VALUES[name]) for name in names} for _one in range(chance.randint(8, 40))]
    size = chance.randint(2, min(12, len(people)))
    quotas = {}
    for name in names:
        for value in VALUES[name]:
            share = sum(one[name] == value for one in people) * size // len(people)
            quotas[name, value] = (max(0, share - chance.randint(0, 2)), min(size, share + chance.randint(0, 3)))
    return people, quotas, size


def theirs(people: list[dict[str, str]], quotas: dict[tuple[str, str], tuple[int, int]], size: int) -> float | None:
    """The smallest chance in the judge's distribution of whoever sits in any of its panels; None where it finds none."""
    from sortition_algorithms.committee_generation.maximin import find_distribution_maximin
    from sortition_algorithms.errors import SelectionError
    from sortition_algorithms.features import FeatureValueMinMax
    from sortition_algorithms.people import People

    features: dict[str, dict[str, Any]] = {}
    for (name, value), (least, most) in quotas.items():
        features.setdefault(name, {})[value] = FeatureValueMinMax(min=least, max=most, min_flex=0, max_flex=size * 9)
    crowd = People([])
    crowd._full_data = {str(number): one for number, one in enumerate(people, 1)}
    try:
        panels, weights, _report = find_distribution_maximin(features, crowd, size, [])
    except SelectionError:
        return None
    found = {number: sum(weight for panel, weight in zip(panels, weights, strict=True) if number in panel) for panel in panels for number in panel}
    return min(found.values())


def ours(people: list[dict[str, str]], quotas: dict[tuple[str, str], tuple[int, int]], size: int) -> tuple[float, float] | None:
    """What ours promises, and what its list of a thousand panels keeps of it."""
    try:
        made = sortition.lottery(people, quotas, size)
    except sortition.Impossible:
        return None
    assert not sortition.wrong(made.panels, people, quotas, size)
    return float(made.bound), float(min(one for one in made.chances(len(people)) if one))


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cases", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance, impossible, behind, wrong = random.Random(options.seed), 0, 0.0, []
    for number in range(options.cases):
        given = case(chance)
        one, other = ours(*given), theirs(*given)
        if one is None or other is None:
            impossible += one is None and other is None
            wrong += [] if one is None and other is None else [(number, one, other)]
            continue
        behind = max(behind, one[0] - one[1])
        if abs(one[0] - other) > CLOSE or one[0] - one[1] > 0.01:
            wrong.append((number, one, other))
    told = {"method": "sortition", "judge": "sortition-algorithms", "cases": options.cases, "impossible": impossible, "behind": behind, "wrong": wrong}
    print(json.dumps(told))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
