"""Last month under other values is what the same jobs would have paid, and nothing is shown about fewer than five."""

from datetime import timedelta
from fractions import Fraction
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madang.coop.people.models import Person, Work
from madang.coop.rules import get
from madang.kit.splits import largest_remainder
from madang.platforms.services import actions, dryrun, free, hooks, queries
from madang.platforms.services.models import Job
from tests.platforms.services.conftest import make_world, person

pytestmark = pytest.mark.django_db
SPLIT = {"services.split": {"provider": Fraction(94, 100), "upkeep": Fraction(6, 100)}}


@pytest.fixture
def month(coop, now, pay):
    """Six finished jobs and one that was cancelled late: five workers and five clients."""
    world = make_world(coop, now, workers=5)
    homes = [world.home] + [
        actions.add_home(person(f"client{number}"), district="마포구", address=f"성미산로 {number}", bedrooms=2, bathrooms=1, has_machine=True, now=now)
        for number in range(4)
    ]
    extras = [{}, {"oven": 1}, {"windows": 3}, {"fresh-start": 1, "pet-hair": 1}, {"pet-hair": 1}, {}, {"bookshelf": 2}]
    for number, wanted in enumerate(extras):
        home = homes[number % 5]
        job = actions.book(home.client, home.pk, wanted, world.start + timedelta(days=number), worker_id=world.workers[number % 5].pk, now=world.now)
        pay(job, world.now)
        actions.accept(job.worker.person, job.pk, now=world.now)
        if number == 6:
            actions.cancel_by_client(home.client, job.pk, now=job.starts_at - timedelta(hours=3))
            continue
        actions.check_in(job.worker.person, job.pk, now=job.starts_at)
        actions.check_out(job.worker.person, job.pk, now=job.ends_at)
        actions.confirm(home.client, job.pk, now=job.ends_at)
    world.later = world.start + timedelta(days=12)
    return world


def test_nothing_is_shown_about_few(world):
    shown = get("services.split").dry_run(SPLIT, world.now)
    assert [row[1:] for row in shown.rows] == [(None, None)] * 3


def test_many_jobs_of_two_workers_for_one_client_are_few_people(world, pay):
    """What is shown of two workers together tells each what the other earned."""
    for number in range(6):
        job = actions.book(world.client, world.home.pk, {}, world.start + timedelta(days=number), now=world.now)
        pay(job, world.now)
        actions.accept(job.worker.person, job.pk, now=world.now)
        actions.check_in(job.worker.person, job.pk, now=job.starts_at)
        actions.check_out(job.worker.person, job.pk, now=job.ends_at)
        actions.confirm(world.client, job.pk, now=job.ends_at)
    later = world.start + timedelta(days=12)
    for rule in ("services.split", "services.extras"):
        shown = get(rule).dry_run({rule: get(rule).at(world.now).value}, later)
        assert {value for row in shown.rows for value in row[1:]} == {None} and "다섯 명" in str(shown.note)
    told = queries.stats(later)
    assert (told.jobs, told.hours, told.per_hour, told.worker_share, told.workers) == (None,) * 5


def test_another_split_is_what_the_releases_would_have_been(month):
    with CaptureQueriesContext(connection) as seen:
        shown = get("services.split").dry_run(SPLIT, month.later)
    assert len(seen) <= 2
    paid = [job.price - job.refunded for job in Job.objects.filter(over_at__isnull=False)]
    exact = sum(largest_remainder(one, list(SPLIT["services.split"].items()), "x")["upkeep"] for one in paid)
    before = sum(Job.objects.values_list("upkeep_part", flat=True))
    workers, funds, upkeep = shown.rows
    assert upkeep[1] == before and abs(upkeep[2] - exact) <= len(paid)
    assert workers[1] + funds[1] + upkeep[1] == workers[2] + funds[2] + upkeep[2] == sum(paid)
    assert workers[2] < workers[1] and "7" in str(shown.note) and shown.unit == "KRW"


def test_the_same_split_changes_nothing(month):
    same = {rule.key: rule.at(month.now).value for rule in (get("services.split"), get("services.org_split"))}
    shown = get("services.split").dry_run(same, month.later)
    assert all(before == after for _label, before, after in shown.rows)


def test_another_price_list_reprices_the_same_jobs(month):
    jobs = list(Job.objects.filter(state="released"))
    refresh, extras = get("services.refresh").at(month.now).value, get("services.extras").at(month.now).value
    same = get("services.extras").dry_run({"services.refresh": refresh, "services.extras": extras}, month.later)
    assert same.rows[0][1] == same.rows[0][2] == sum(job.price for job in jobs)
    windows = {**extras, "windows": {**extras["windows"], "price": extras["windows"]["price"]._replace(amount=10_000)}}
    shown = get("services.extras").dry_run({"services.extras": windows}, month.later)
    assert shown.rows[0][2] - shown.rows[0][1] == 3 * (10_000 - extras["windows"]["price"].amount)
    free = {**extras, "oven": {**extras["oven"], "free_with": "fresh-start, windows"}}
    assert get("services.extras").dry_run({"services.extras": free}, month.later).rows[0][2] == sum(job.price for job in jobs)


def test_tips_under_another_rule(month, pay):
    for job in Job.objects.filter(state="released").order_by("starts_at")[:5]:  # five clients: the sixth is the first one again
        tip = actions.tip(job.client, job.pk, 1_000, now=job.ends_at)
        pay(tip, job.ends_at)
    shown = get("services.tip_split").dry_run({"services.tip_split": {"worker": Fraction(9, 10), "fund": Fraction(1, 10), "upkeep": Fraction(0)}}, month.later)
    assert [row[1:] for row in shown.rows] == [(5_000, 4_500), (0, 500), (0, 0)]


def test_the_front_pages_figures(month):
    with CaptureQueriesContext(connection) as seen:
        shown = queries.stats(month.later)
    assert len(seen) <= 3
    done = Job.objects.filter(state="released")
    assert shown.jobs == 6 and shown.per_hour == round(Fraction(sum(job.worker_part for job in done) * 60, sum(job.minutes for job in done)))
    assert Fraction(92, 100) < shown.worker_share < Fraction(93, 100) and shown.workers == 5
    assert queries.stats(month.now).jobs is None


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(upkeep=st.integers(0, 400), fund=st.integers(0, 400), price=st.integers(1, 40))
def test_any_position_of_the_slider_is_each_release_by_itself(month, upkeep, fund, price):
    """To the unit, halves by their hash as well: small odd prices and steps of a quarter per cent leave many."""
    Job.objects.filter(over_at__isnull=False).update(price=price, refunded=0, worker_part=price, fund_part=0, upkeep_part=0)
    outer, inner = Fraction(upkeep, 400), Fraction(fund, 400)
    changes = {"services.split": {"provider": 1 - outer, "upkeep": outer}, "services.org_split": {"worker": 1 - inner, "fund": inner}}
    shown = dryrun.shares_last_month(changes, month.later)
    exact = [0, 0, 0]
    for job in Job.objects.filter(over_at__isnull=False):
        salt = f"{'cancel' if job.state == 'cancelled' else 'release'}:{job.pk}"
        first = largest_remainder(price, list(changes["services.split"].items()), salt)
        second = largest_remainder(first["provider"], list(changes["services.org_split"].items()), salt)
        for place, part in enumerate((second["worker"], second["fund"], first["upkeep"])):
            exact[place] += part
    assert [row[2] for row in shown.rows] == exact and [row[1] for row in shown.rows] == [price * 7, 0, 0]


def test_a_large_coop_is_counted_once_an_hour_and_says_so(month, monkeypatch):
    monkeypatch.setattr(dryrun, "MANY", 1)
    monkeypatch.setattr(queries, "MANY", 1)
    now = month.later.replace(minute=20)
    first, told = dryrun.shares_last_month(SPLIT, now), queries.lately(now)
    Job.objects.filter(state="released").update(over_at=month.later - timedelta(days=60))
    with CaptureQueriesContext(connection) as seen:
        again = dryrun.shares_last_month({}, now + timedelta(minutes=30))
        assert queries.lately(now + timedelta(minutes=30)) == told
    assert len(seen) == 0 and [row[1] for row in again.rows] == [row[1] for row in first.rows]
    assert now.astimezone(free.zone("Asia/Seoul")).strftime("%H:20") in str(again.note)
    turn = (now + timedelta(hours=1)).replace(minute=1)
    assert queries.lately(turn) == told and hooks._uncounted(turn, 10) == ["services.stats", "services.month"]
    hooks._count("services.stats", now=turn)
    assert queries.lately(turn).jobs is None and queries.lately(now + timedelta(hours=2)).jobs is None


def test_a_small_coops_figures_are_of_this_moment(month):
    dryrun.shares_last_month(SPLIT, month.later)
    Job.objects.filter(state="released").update(over_at=month.later - timedelta(days=60))
    assert dryrun.shares_last_month(SPLIT, month.later).rows[0][1] is None and hooks._uncounted(month.later + timedelta(hours=1), 10) == []


def own_version(org, fund):
    """The organisation's own split, as a founding sets it: only a forming co-op may be given one without a decision."""
    from madang.coop import law
    from madang.coop.rules.models import RuleVersion

    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
    data = {"worker": f"{100 - fund}%", "fund": f"{fund}%"}
    at = RuleVersion.objects.order_by("effective_from").first().effective_from
    RuleVersion.objects.create(key="services.org_split", scope=str(org.pk), data=data, effective_from=at, founding_id=law.coop().founding_id)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = DEFAULT")


@pytest.fixture
def two_houses(month):
    """Twelve more people: each of the two member co-ops has six workers and six clients, one job each."""
    world = month
    Job.objects.filter(over_at__isnull=False).update(over_at=world.start - timedelta(days=60))
    template = Job.objects.filter(state="released").first()
    for number in range(12):
        body = (world.bright, world.clear)[number % 2]
        worker = person(f"more{number}")
        place = Work.objects.create(organisation=body, person=worker, since=world.now)
        one = actions.become_worker(place.person, body, by=worker, time_zone="Asia/Seoul", now=world.now)
        client = person(f"guest{number}")
        price = 10_001 + number
        Job.objects.create(
            client=client, home=actions.add_home(client, district="마포구", address=f"길 {number}", bedrooms=1, bathrooms=1, now=world.now), worker=one,
            organisation=body, state="released", starts_at=world.start, ends_at=template.ends_at, free_at=template.free_at, bedrooms=1, bathrooms=1,
            lines=template.lines, minutes=60, price=price, unit="KRW", versions={}, booked_at=world.now, hold_until=world.now, over_at=template.ends_at,
            worker_part=price - 500 - 300, fund_part=300, upkeep_part=500,
        )  # fmt: skip
    return world


FUND = {"services.org_split": {"worker": Fraction(9, 10), "fund": Fraction(1, 10)}}


def own_fund_of(org, now):
    """What its fund would have got under ``FUND``, job by job."""
    jobs = Job.objects.filter(over_at__gt=now, organisation=org)
    return sum(largest_remainder(job.worker_part + job.fund_part, list(FUND["services.org_split"].items()), f"release:{job.pk}")["fund"] for job in jobs)


def test_an_organisations_own_split_is_tried_out_in_its_own_work_only(two_houses):
    shown = dryrun.shares_last_month(FUND, two_houses.later, org=two_houses.bright)
    paid = sum(10_001 + number - 500 for number in range(0, 12, 2))
    fund = own_fund_of(two_houses.bright, two_houses.now)
    assert [row[1:] for row in shown.rows] == [(paid - 6 * 300, paid - fund), (6 * 300, fund)]
    assert "Brightly" in str(shown.note) and "6" in str(shown.note)


def test_an_organisation_with_its_own_split_keeps_it(two_houses):
    own_version(two_houses.clear, 3)
    shown = dryrun.shares_last_month(FUND, two_houses.later)
    assert shown.rows[1][1:] == (12 * 300, own_fund_of(two_houses.bright, two_houses.now) + 6 * 300)
    assert sum(row[1] for row in shown.rows) == sum(row[2] for row in shown.rows)


def test_a_small_organisation_shows_nothing_and_neither_does_what_is_left_beside_it(two_houses):
    mine = Job.objects.filter(over_at__gt=two_houses.now, organisation=two_houses.clear)
    mine.exclude(pk__in=list(mine.values_list("pk", flat=True)[:4])).update(over_at=None, state="accepted")
    for org in (two_houses.clear, two_houses.bright):
        shown = dryrun.shares_last_month(FUND, two_houses.later, org=org)
        assert {value for row in shown.rows for value in row[1:]} == {None} and str(shown.note) == str(dryrun.FEW_APART)
    assert dryrun.shares_last_month(FUND, two_houses.later).rows[1][2] is not None
    own_version(two_houses.clear, 3)
    assert dryrun.shares_last_month(FUND, two_houses.later).rows[1][2] is None
    assert dryrun.shares_last_month(SPLIT, two_houses.later).rows[1][2] is not None


def third_house(world, slug, heads):
    """One more member co-op, of which so many people worked for as many clients."""
    from madang.coop.members.models import MemberClass, Membership
    from madang.coop.people.models import Organisation

    body, moments = Organisation.objects.create(name=slug.title(), slug=slug, created_at=world.now), ("applied_at", "admitted_at", "active_from")
    member_class = MemberClass.objects.get(key="provider")
    Membership.objects.create(member_class=member_class, organisation=body, state="active", **dict.fromkeys(moments, world.now))
    for number in range(heads):
        worker = person(f"{slug}{number}")
        Work.objects.create(organisation=body, person=worker, since=world.now)
        one = actions.become_worker(worker, body, by=worker, time_zone="Asia/Seoul", now=world.now)
        client = person(f"{slug}-guest{number}")
        like = Job.objects.filter(organisation=world.clear, over_at__gt=world.now).first()
        like.pk, like.client, like.worker, like.organisation = uuid4(), client, one, body
        like.home = actions.add_home(client, district="마포구", address=f"{slug} {number}", bedrooms=1, bathrooms=1, now=world.now)
        like.save(force_insert=True)
    return body


def test_what_two_houses_show_does_not_show_a_third_by_subtraction(two_houses):
    def shown(org):
        return {value for row in dryrun.shares_last_month(FUND, two_houses.later, org=org).rows for value in row[1:]} != {None}

    assert shown(two_houses.bright) and shown(two_houses.clear)
    third = third_house(two_houses, "third", 1)
    assert not shown(two_houses.bright) and not shown(two_houses.clear) and not shown(third), "everyone's less these two is one worker's"
    assert dryrun.shares_last_month(FUND, two_houses.later).rows[1][2] is not None
    fourth = third_house(two_houses, "fourth", 4)
    assert shown(two_houses.bright) and shown(two_houses.clear), "what is left beside them is five people's"
    assert not shown(third) and not shown(fourth)
    own_version(fourth, 3)
    assert not shown(two_houses.bright), "those with a split of their own can be told from the others: each side must hold five or nobody"


def test_a_large_coop_counts_each_organisation_once_an_hour(two_houses, monkeypatch):
    monkeypatch.setattr(dryrun, "MANY", 1)
    now = two_houses.later.replace(minute=20)
    first = dryrun.shares_last_month(FUND, now, org=two_houses.bright)
    dryrun.shares_last_month(FUND, now)
    with CaptureQueriesContext(connection) as seen:
        assert dryrun.shares_last_month(FUND, now, org=two_houses.bright).rows == first.rows
    assert len(seen) == 0


def test_the_ballot_of_an_organisation_holds_its_own_figures(two_houses):
    """What is frozen with the proposal: through the kind, as ``try_out`` does it."""
    from madang.coop.decisions.kinds import change_rules

    changes = [{"rule": "services.org_split", "scope": str(two_houses.bright.pk), "from": None, "value": {"worker": "90%", "fund": "10%"}}]
    made = change_rules.dry_run(changes, two_houses.later, two_houses.bright)
    assert [row[2] for row in made.rows] == [row[2] for row in dryrun.shares_last_month(FUND, two_houses.later, org=two_houses.bright).rows]


# -- for one person, and how it is spread ------------------------------------------------------------------------------------------


def test_ones_own_part_is_what_the_releases_gave(month):
    worker = month.workers[0]
    ((_label, before, after),) = get("services.split").own(SPLIT, worker.person, month.later)
    jobs = Job.objects.filter(worker=worker, over_at__gte=month.later - dryrun.MONTH)
    assert before == sum(job.worker_part for job in jobs) > after > before * 94 // 95 - 10
    same = {"services.split": get("services.split").at(month.later).value}
    ((_label, first, second),) = get("services.split").own(same, worker.person, month.later)
    assert abs(first - second) <= len(jobs), "at most half a unit a job, which a hash would draw"
    assert get("services.split").own(SPLIT, month.client, month.later) == []


def test_all_own_parts_together_are_what_is_told_of_all(month):
    told = get("services.split").dry_run(SPLIT, month.later).rows[0]
    own = [get("services.split").own(SPLIT, worker.person, month.later) for worker in month.workers]
    assert sum(row[1] for rows in own for row in rows) == told[1]
    assert abs(sum(row[2] for rows in own for row in rows) - told[2]) <= 7


def test_the_spread_of_few_is_their_average_and_of_fewer_nothing(month):
    ((_label, before, after),) = get("services.split").spread(SPLIT, month.later)
    told = get("services.split").dry_run(SPLIT, month.later).rows[0]
    assert abs(before * 5 - told[1]) <= 5 and after < before
    assert get("services.split").spread(SPLIT, month.later + timedelta(days=90)) == []
    assert get("services.split").spread(SPLIT, month.later, org=month.workers[0].organisation) == []


def test_thirds_are_everybody_so_that_nothing_is_left_to_subtract(month, monkeypatch):
    from madang.platforms.services import dryrun_people

    monkeypatch.setattr(dryrun_people, "_each", lambda *_args: [(number, number - 1) for number in range(1, 18)])
    rows = get("services.split").spread(SPLIT, month.later)
    assert [row[1] for row in rows] == [3, 8, 14] and [row[2] for row in rows] == [2, 8, 14]


def test_a_clients_own_visits_at_other_prices(month):
    value = get("services.refresh").at(month.later).value
    dearer = {"services.refresh": get("services.refresh").parse({**get("services.refresh").type.dump(value), "base": "30000"}, currency="KRW")}
    client = month.client
    ((_label, before, after),) = get("services.refresh").own(dearer, client, month.later)
    jobs = Job.objects.filter(client=client, state="released")
    assert before == sum(job.price for job in jobs) and after == before + 6000 * len(jobs)
    assert get("services.refresh").own(dearer, month.workers[0].person, month.later) == []


def test_it_stands_on_the_ballot_for_oneself_alone(month, client_for, monkeypatch):
    from madang.coop.decisions import actions as decisions
    from madang.coop.law import clock

    monkeypatch.setattr(clock, "now", lambda: month.later)
    worker = month.workers[0].person
    change = {"rule": "services.split", "value": {"provider": "94%", "upkeep": "6%"}}
    founder = Person.objects.get(email="f1@example.org")
    one = decisions.draft(founder, "change_rules", "Upkeep to 6 %", "", [change], now=month.later)
    one = decisions.open_discussion(one, founder, now=month.later)
    assert len(one.dry_run["rows"]) == 4, "workers, funds, upkeep, and a worker on average"
    page = client_for(worker).get(f"/decisions/{one.pk}/").content.decode()
    assert 'id="own"' in page and "지난달 일한 몫으로 나에게" in page
    other = client_for(founder).get(f"/decisions/{one.pk}/", headers={"accept-language": "en"}).content.decode()
    assert 'id="own"' not in other
