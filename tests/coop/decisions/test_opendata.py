"""Open data: no names, hidden figures stay hidden, spreadsheets run no formula, and the ballots can be counted again."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys

import pytest

from madang.coop.decisions import actions, opendata
from madang.coop.members.models import Office
from tests.coop.decisions.test_options import everybody, propose, voted

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


@pytest.mark.parametrize("signed_in", [False, True])
def test_whom_an_election_was_about_is_not_in_it_either(yard, client_for, signed_in) -> None:
    Office.objects.filter(key="board").delete()
    Office.objects.create(key="board", title={"en": "Director"}, filled_by="vote:policy", seats=1, term_months=24)
    author = yard.people["client"][5]
    one = actions.draft(author, "election", "A new board", "", details={"office": "board", "seats": 1}, now=yard.now)
    one = actions.open_discussion(one, author, now=yard.now)
    for person in yard.people["worker"][:3]:
        actions.stand(one, person, "Me.", now=yard.now)
    one = actions.open_voting(one, now=one.opens_at)
    for person in everybody(yard):
        actions.cast(one, person, "marked", marks=[["n1"], ["n2"]], now=one.opens_at)
    one = actions.close(one, now=one.closes_at)
    assert one.tally["winners"] == ["n1"]
    client = client_for(author if signed_in else None)
    everything = "".join(get(client, what) for what in ("decisions.csv", "decisions.json")) + client.get(f"/decisions/{one.pk}/papers/").content.decode()
    assert "13: 1,2" in everything and everything.count("1") > 2
    assert not any(person.name in everything for person in yard.people["worker"][:3])


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
