"""The same walk as JSON, and what a program is told that asks for nonsense."""

import json
from datetime import timedelta

import pytest

from madang.platforms.services import states
from madang.platforms.services.models import Job

pytestmark = pytest.mark.django_db


@pytest.fixture
def ask(client_for, world, monkeypatch):
    """``ask(person, "post", path, **body)`` at the world's ``now``."""
    from madang.coop.law import clock

    world.clock = world.now
    monkeypatch.setattr(clock, "now", lambda: world.clock)

    def call(person, verb, path, /, **body):
        browser = client_for(person)
        more = {"data": json.dumps(body, default=str), "content_type": "application/json"} if verb != "get" else {"data": body}
        return getattr(browser, verb)(f"/api/services{path}", **more)

    return call


def test_the_whole_walk(world, ask, pay):
    quote = ask(None, "post", "/quote", bedrooms=2, bathrooms=1, extras={"oven": 1}).json()
    assert quote["total"] == 66_000 and quote["lines"][0]["version"]
    free = ask(None, "get", "/slots", minutes=quote["minutes"], days=7).json()["starts"]
    assert free
    job = ask(world.client, "post", "/jobs", home=str(world.home.pk), start=free[0], extras={"oven": 1}, expected=66_000).json()
    assert job["state"] == states.HELD and job["charge"]
    pay(Job.objects.get(pk=job["id"]), world.now)
    worker = Job.objects.get(pk=job["id"]).worker.person
    assert ask(worker, "get", "/work/offers").json()[0]["why"]
    assert ask(worker, "get", f"/jobs/{job['id']}").json()["address"] is None
    taken = ask(worker, "post", f"/jobs/{job['id']}/accept").json()
    assert taken["state"] == states.ACCEPTED and taken["address"] == world.home.address and taken["charge"] is None
    started = Job.objects.get(pk=job["id"])
    world.clock = started.starts_at
    assert ask(worker, "post", f"/jobs/{job['id']}/check-in").json()["state"] == states.IN_PROGRESS
    line = started.checklist[0]
    assert ask(worker, "post", f"/jobs/{job['id']}/tick", room=line["room"], item=line["item"]).json()["checklist"][0]["at"]
    world.clock = started.ends_at
    assert ask(worker, "post", f"/jobs/{job['id']}/check-out").json()["can"] == ["report"]
    done = ask(world.client, "post", f"/jobs/{job['id']}/confirm").json()
    assert done["state"] == states.RELEASED and set(done["can"]) == {"rate", "tip"}
    assert ask(world.client, "post", f"/jobs/{job['id']}/rate", stars=5, words="고맙습니다").json()["visible"] is False
    assert ask(world.client, "post", f"/jobs/{job['id']}/tip", amount=2_000).json()["charge"]


def test_every_answer_is_described(client):
    """What a program is told, its own tools can know beforehand."""
    told = client.get("/api/openapi.json").json()
    vague = []
    for path, operations in told["paths"].items():
        for method, operation in operations.items():
            if not path.startswith("/api/services/") or method == "delete":
                continue
            schema = operation["responses"]["200"].get("content", {}).get("application/json", {}).get("schema", {})
            if "$ref" not in schema and "$ref" not in schema.get("items", {}) and not schema.get("items"):
                vague.append(f"{method} {path}")
    assert vague == []
    shapes = told["components"]["schemas"]
    assert set(shapes["CatalogueOut"]["properties"]) == {"unit", "refresh", "extras", "versions"}
    assert shapes["SlotsOut"]["properties"]["starts"]["items"] == {"type": "string", "format": "date-time"}
    assert shapes["OfferOut"]["properties"]["why"]["type"] == "string"


def test_the_lists_of_a_walk(world, ask, pay):
    """Routes the walk above does not ask: they answer in their own shape."""
    told = ask(None, "get", "/catalogue").json()
    assert told["unit"] == "KRW" and told["refresh"]["base"] > 0 and {"oven"} <= {one["code"] for one in told["extras"]} and told["versions"]
    start = ask(None, "get", "/slots", minutes=120, days=7).json()["starts"][0]
    job = ask(world.client, "post", "/jobs", home=str(world.home.pk), start=start).json()
    assert job["lines"][0]["title"]["ko"] and job["checklist"][0]["at"] is None
    listed = ask(world.client, "get", "/jobs").json()
    assert [(one["id"], one["price"], one["starts_at"]) for one in listed] == [(job["id"], job["price"], start)]
    pay(Job.objects.get(pk=job["id"]), world.now)
    worker = Job.objects.get(pk=job["id"]).worker.person
    ask(worker, "post", f"/jobs/{job['id']}/accept")
    day = ask(worker, "get", f"/work/day/{Job.objects.get(pk=job['id']).starts_at:%Y-%m-%d}").json()
    assert [(one["id"], one["district"]) for one in day] == [(job["id"], world.home.district)]
    off = ask(worker, "post", "/work/time-off", since=world.now + timedelta(days=20), until=world.now + timedelta(days=21)).json()
    assert off["id"] and off["since"] < off["until"]
    assert ask(worker, "put", "/work", time_zone="Asia/Seoul").json()["active"] is True


def test_refusals_have_a_code_and_a_field(world, ask):
    bad = ask(None, "post", "/quote", bedrooms=99, bathrooms=1)
    assert (bad.status_code, bad.json()["code"], bad.json()["field"]) == (409, "size", "bedrooms")
    past = ask(world.client, "post", "/jobs", home=str(world.home.pk), start=world.now - timedelta(days=1))
    assert (past.status_code, past.json()["code"]) == (409, "past")
    naive = ask(world.client, "post", "/jobs", home=str(world.home.pk), start="2026-03-05T09:00:00")
    assert naive.json()["code"] == "time-zone"
    for other in world.workers:
        from tests.platforms.services.conftest import person

        neighbour = person(f"n{other.pk.hex[:6]}")
        home = ask(neighbour, "post", "/homes", district="x", address="y", bedrooms=2, bathrooms=1).json()
        assert ask(neighbour, "post", "/jobs", home=home["id"], start=world.start).status_code == 200
    taken = ask(world.client, "post", "/jobs", home=str(world.home.pk), start=world.start)
    assert (taken.status_code, taken.json()["code"]) == (409, "taken") and taken.json()["free"]
    assert ask(world.client, "post", "/homes", district="x" * 61, address="y", bedrooms=1, bathrooms=1).json()["field"] == "district"
    assert ask(None, "get", "/slots", minutes=120, time_zone="Mars/Base").json()["code"] == "time-zone"


def test_what_is_not_yours_is_404_and_nobody_books_without_signing_in(world, ask, pay):
    from tests.platforms.services.conftest import person

    job = ask(world.client, "post", "/jobs", home=str(world.home.pk), start=world.start).json()
    stranger = person("stranger")
    assert ask(stranger, "get", f"/jobs/{job['id']}").status_code == 404
    for verb in ("accept", "check-in", "check-out", "confirm", "cancel-by-client"):
        assert ask(stranger, "post", f"/jobs/{job['id']}/{verb}").status_code == 404
        assert ask(None, "post", f"/jobs/{job['id']}/{verb}").status_code in (401, 403)
    assert ask(stranger, "put", f"/homes/{world.home.pk}", district="x", address="y", bedrooms=1, bathrooms=1).status_code == 404


def test_a_workers_week(world, ask):
    who = world.workers[0].person
    week = ask(who, "put", "/work/week", windows=[[0, 540, 720], [0, 720, 900], [3, 600, 660]]).json()
    assert week == [[0, 540, 900], [3, 600, 660]]
    assert ask(who, "put", "/work/week", windows=[[0, 541, 720]]).json()["field"] == "availability"
    off = ask(who, "post", "/work/time-off", since=world.now + timedelta(days=1), until=world.now + timedelta(days=2)).json()
    assert ask(who, "post", "/work/time-off", since=world.now, until=world.now + timedelta(days=2)).json()["code"] == "overlap"
    assert ask(world.client, "delete", f"/work/time-off/{off['id']}").status_code == 404
    assert ask(who, "delete", f"/work/time-off/{off['id']}").status_code == 204


def test_the_office_and_its_workers(world, ask, pay):
    from madang.coop.people.models import Work
    from madang.platforms.services import actions
    from madang.platforms.services.models import Worker
    from tests.platforms.services.conftest import person

    worker = world.workers[0]
    speaker, fresh, outsider = (person(name) for name in ("speaker", "fresh", "outsider"))
    place, other = worker.organisation, next(one.organisation for one in world.workers if one.organisation_id != worker.organisation_id)
    Work.objects.create(organisation=place, person=speaker, role=Work.REPRESENTATIVE, since=world.now)
    Work.objects.create(organisation=place, person=fresh, role=Work.WORKER, since=world.now)
    job = actions.book(world.client, world.home.pk, {}, world.start, now=world.now)
    pay(job, world.now)
    for path in ("/board", "/workers", f"/jobs/{job.pk}/workers"):
        assert ask(outsider, "get", path).status_code == 404, path
    board = ask(world.coordinator, "get", "/board").json()
    assert [one["id"] for one in board["asking"]] == [str(job.pk)] and board["today"] in (0, 1)
    assert {one["organisation"] for one in ask(world.coordinator, "get", "/workers").json()} >= {place.slug, other.slug}
    assert ask(world.coordinator, "get", f"/jobs/{job.pk}/workers").json()
    (mine,) = ask(speaker, "get", "/workers").json()
    assert mine["organisation"] == place.slug and str(fresh.pk) in [one["id"] for one in mine["people"]]
    wish = {"organisation": place.slug, "person": str(fresh.pk), "time_zone": "Asia/Seoul"}
    assert ask(outsider, "post", "/workers", **wish).status_code == ask(world.coordinator, "post", "/workers", **wish).status_code == 404
    assert ask(speaker, "post", "/workers", **{**wish, "person": str(outsider.pk)}).status_code == 404
    assert ask(speaker, "post", "/workers", **wish).json()["name"] == str(fresh)
    assert Worker.objects.get(person=fresh).organisation == place
    assert ask(fresh, "get", "/ratings").json() == {"average": None, "count": None, "latest": []}


def test_another_organisation_cannot_take_a_worker_over(world, ask):
    from madang.coop.people.models import Work
    from tests.platforms.services.conftest import person

    worker = world.workers[0]
    other = next(one.organisation for one in world.workers if one.organisation_id != worker.organisation_id)
    greedy = person("greedy")
    Work.objects.create(organisation=other, person=greedy, role=Work.REPRESENTATIVE, since=world.now)
    Work.objects.create(organisation=other, person=worker.person, role=Work.WORKER, since=world.now)
    wish = {"organisation": other.slug, "person": str(worker.person_id)}
    answer = ask(greedy, "post", "/workers", **wish)
    assert (answer.status_code, answer.json()["code"]) == (409, "elsewhere")
    assert ask(worker.person, "post", "/work", organisation=other.slug).json()["organisation"] == other.slug
