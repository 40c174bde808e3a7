"""Open data: no names, hidden figures stay hidden, spreadsheets run no formula, and the ballots can be counted again."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys

import pytest

from madang.coop.decisions import actions, opendata
from tests.coop.decisions.test_options import propose, voted

pytestmark = pytest.mark.django_db


def get(client, what: str) -> str:
    return b"".join(client.get(f"/decisions/open/{what}").streaming_content).decode("utf-8-sig")


def test_the_table_tells_what_the_pages_tell(yard, client) -> None:
    done = yard.run(yard.propose(title="=cmd|' /C calc'!A0"), worker="ffffffa", client="ffo---")
    (row,) = csv.DictReader(io.StringIO(get(client, "decisions.csv")))
    assert row["title"] == "'=cmd|' /C calc'!A0" and row["state"] == done.state == "passed" and row["passed"] == "yes"
    by_class = {one["class"]: one for one in csv.DictReader(io.StringIO(get(client, "classes.csv")))}
    shown = done.tally["classes"]
    for key, one in by_class.items():
        assert one["for"] == str(shown.get(key, {}).get("for", "")), "three ballots of clients would tell who"
    assert row["for"] == ("" if done.tally["totals"] is None else str(done.tally["totals"]["for"]))


def test_nobody_is_named_and_drafts_are_not_in_it(yard, client) -> None:
    yard.run(yard.propose(), worker="fffffff", client="ffffff")
    actions.draft(yard.people["worker"][0], "resolve", "Mine alone", "", details={"text": "x"}, now=yard.now)
    everything = "".join(get(client, what) for what in ("decisions.csv", "classes.csv", "decisions.json"))
    assert "Mine alone" not in everything
    for people in yard.people.values():
        for person in people:
            assert str(person.pk) not in everything and person.name not in everything
    (one,) = json.loads(get(client, "decisions.json"))
    assert one["cast"] == 13 and one["voters"] == 13 and one["changes"] and one["tally"]["passed"] is True


def test_the_papers_are_counted_again_by_the_command(yard, client, tmp_path) -> None:
    sheets = [[["o1"], ["o2"]], [["o1"], ["o2"]], [["o2"], ["o3"]], [["o3"], ["o2"]], [["o3"], ["o2"]], [["o2"], ["o1", "o3"]]]
    done = voted(yard, propose(yard), *sheets)
    answer = client.get(f"/decisions/{done.pk}/papers/")
    file = tmp_path / answer["Content-Disposition"].split('"')[1]
    file.write_bytes(answer.content)
    said = subprocess.run([sys.executable, "-m", "madang.cli", "count", str(file), "--method", "schulze", "--json"], capture_output=True, check=True)
    counted = json.loads(said.stdout)
    assert counted["winners"] == ["Green"] and done.tally["winners"] == ["o2"] and counted["valid"] == "6"


def test_too_few_papers_are_not_shown(yard, client) -> None:
    done = voted(yard, propose(yard), *[[["o1"]]] * 4)
    assert client.get(f"/decisions/{done.pk}/papers/").status_code == 404
    assert client.get(f"/decisions/{yard.propose().pk}/papers/").status_code == 404


def test_nothing_decided_is_an_empty_table(yard, client) -> None:
    assert get(client, "decisions.csv").strip() == ",".join(opendata.COLUMNS) and json.loads(get(client, "decisions.json")) == []
