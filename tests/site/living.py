"""A small life to be curious about: a client's paid and finished visit, a worker's statement, an application, an invitation, a draft."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from tests.platforms.services.conftest import make_world, person


def lived(coop: Any, now: datetime) -> SimpleNamespace:
    """The world of ``make_world`` after one whole visit. ``owner`` is the client whose things they are, ``maker`` the worker who came,
    ``chair`` f1; ``stranger``, ``colleague`` (a worker of another member co-op) and ``member`` f5 have no business here."""
    from madang.coop import record
    from madang.coop.capital.certificates.models import Certificate
    from madang.coop.capital.offers.models import Offer
    from madang.coop.decisions import actions as decisions
    from madang.coop.ledger.models import Transfer
    from madang.coop.members import actions as members
    from madang.coop.members import work
    from madang.coop.members.models import Membership, OfficeTerm
    from madang.coop.payments import sandbox
    from madang.coop.payments.models import Charge
    from madang.coop.people.models import Person, Work
    from madang.platforms.services import actions
    from madang.platforms.services.models import Job

    world = make_world(coop, now)

    def visit(days: int) -> Any:
        job = actions.book(world.client, world.home.pk, {}, world.start + timedelta(days=days), worker_id=world.workers[0].pk, now=now)
        sandbox.pay(Charge.objects.get(pk=job.charge_id), now=now)
        job.refresh_from_db()
        assert job.worker is not None
        actions.accept(job.worker.person, job.pk, now=now)
        return Job.objects.get(pk=job.pk)

    job, coming = visit(0), visit(2)
    maker = job.worker.person
    actions.check_in(maker, job.pk, now=job.starts_at)
    actions.check_out(maker, job.pk, now=job.ends_at)
    actions.confirm(world.client, job.pk, now=job.ends_at)
    later = job.ends_at + timedelta(hours=1)
    off = actions.add_time_off(maker, later + timedelta(days=5), later + timedelta(days=6), now=later)
    colleague = next(worker.person for worker in world.workers if worker.person_id != maker.pk)
    chair, member = (Person.objects.get(email=f"f{n}@example.org") for n in (1, 5))
    joining = members.apply(world.client, "worker", by=world.client, now=later)
    thought = [{"rule": "services.split", "value": {"provider": "94%", "upkeep": "6%"}}]
    draft = decisions.draft(chair, "change_rules", "A secret thought", changes=thought, now=later)
    place = job.worker.organisation
    Work.objects.create(organisation=place, person=maker, role=Work.REPRESENTATIVE, since=now)
    invitation, _token = work.invite(place, "new@example.org", by=maker, now=later)
    mine = Membership.objects.select_related("member_class").get(person=chair)
    certificate = Certificate.objects.create(number=1, membership=mine, name="f1", count=1, price=10_000, unit="KRW", issued_at=later)
    record.write("certificate", f"certificate:{certificate.pk}", [{"number": 1}], now=later)
    offer = Offer.objects.create(
        title={"ko": "비밀 모집"}, kind="open", unit="KRW", price=10_000, person_class=mine.member_class, opens_at=later, author=chair, created_at=later
    )
    record.seal(later)
    charge = Charge.objects.get(pk=job.charge_id)
    unpaid = actions.book(world.client, world.home.pk, {}, world.start + timedelta(days=4), now=later)
    return SimpleNamespace(
        world=world, now=later, job=job, coming=coming, home=world.home, charge=charge, open=Charge.objects.get(pk=unpaid.charge_id),
        owner=world.client, maker=maker, chair=chair, stranger=person("stranger"), colleague=colleague, member=member,
        certificate=certificate, offer=offer, joining=joining, draft=draft, place=place, invitation=invitation, off=off,
        line=Transfer.objects.get(kind="worker", entry__subject=f"job:{job.pk}"),
        work=Work.objects.filter(person=maker, role=Work.WORKER).get(), term=OfficeTerm.objects.filter(person=chair).first(),
        membership=Membership.objects.get(person=chair), worker=job.worker,
    )  # fmt: skip
