"""Papers as a file that any counter reads: orders as PrefLib writes them, marks as a table, projects with costs as Pabulib does."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import StringIO
from typing import Any

from madang.kit.counting.formats.table import PREFERENCE
from madang.kit.counting.papers import APPROVE, RANK, Question


def written(question: Question, titles: Sequence[str], papers: Sequence[tuple[int, Any]]) -> tuple[str, str]:
    """``(ending, text)``: ``toi`` for rankings, ``pb`` where projects cost something, else ``csv``. ``titles`` in the order of the options.

    ``papers`` are so many of each, as :func:`madang.kit.counting.papers.read` gives them. Options nobody ranked stand below all, as on the paper.
    """
    if question.shape == RANK:
        return "toi", _orders(question, titles, papers)
    if question.budget is not None:
        return "pb", _projects(question, titles, papers)
    return "csv", _marks(question, titles, papers)


def _orders(question: Question, titles: Sequence[str], papers: Sequence[tuple[int, Any]]) -> str:
    """PrefLib, Preferences: Format Specification (2022): a header of ``# KEY: value``, then ``count: 1,{2,3}``."""
    number = {option: str(place) for place, option in enumerate(question.options, 1)}
    lines = [
        "# FILE NAME: papers.toi",
        "# TITLE: ",
        "# DATA TYPE: toi",
        "# MODIFICATION TYPE: original",
        f"# NUMBER ALTERNATIVES: {len(titles)}",
        f"# NUMBER VOTERS: {sum(many for many, _marks in papers)}",
        f"# NUMBER UNIQUE ORDERS: {len(papers)}",
        *(f"# ALTERNATIVE NAME {place}: {title}" for place, title in enumerate(titles, 1)),
    ]
    for many, ranks in sorted(papers, key=lambda one: -one[0]):
        said = [number[rank[0]] if len(rank) == 1 else "{" + ",".join(number[option] for option in rank) + "}" for rank in ranks]
        lines.append(f"{many}: {','.join(said)}")
    return "\n".join(lines) + "\n"


def _marks(question: Question, titles: Sequence[str], papers: Sequence[tuple[int, Any]]) -> str:
    heads = list(titles)
    if all(PREFERENCE.fullmatch(title) for title in heads):  # "2025", "2026": a reader would take them for the first, the second choice
        heads = [f"{option} {title}" for option, title in zip(question.options, titles, strict=True)]
    kept = StringIO()
    writer = csv.writer(kept, lineterminator="\n")
    writer.writerow(["count", *heads])
    for many, marks in papers:
        given = dict.fromkeys(marks, 1) if question.shape == APPROVE else marks
        writer.writerow([many, *(given.get(option, "") for option in question.options)])
    return kept.getvalue()


def _projects(question: Question, titles: Sequence[str], papers: Sequence[tuple[int, Any]]) -> str:
    """Pabulib's .pb (Faliszewski et al. 2023): META, PROJECTS and VOTES; a line a voter, who is a number and nothing more."""
    kept = StringIO()
    writer = csv.writer(kept, delimiter=";", lineterminator="\n")
    voters = sum(many for many, _marks in papers)
    lines: list[Sequence[Any]] = [
        ["META"], ["key", "value"], ["num_projects", len(titles)], ["num_votes", voters], ["budget", question.budget], ["vote_type", "approval"],
        ["PROJECTS"], ["project_id", "cost", "name"], *zip(question.options, question.costs, titles, strict=True),
        ["VOTES"], ["voter_id", "vote"],
    ]  # fmt: skip
    writer.writerows(lines)
    place = 0
    for many, marks in papers:
        for _one in range(many):
            place += 1
            writer.writerow([place, ",".join(marks)])
    return kept.getvalue()
