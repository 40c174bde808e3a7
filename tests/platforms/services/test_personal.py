"""Everything a person gave can be taken along, and what identifies them can be erased; figures stay."""

import json

import pytest
from django.core.serializers.json import DjangoJSONEncoder

from madang.kit.errors import Refused
from madang.platforms.services import actions, checks, personal
from madang.platforms.services.models import Home, Job, Problem, Rating

pytestmark = pytest.mark.django_db


def test_export_and_erase(world, pay):
    job = actions.book(world.client, world.home.pk, {}, world.start, note="열쇠는 화분 밑에", now=world.now)
    with pytest.raises(Refused):
        personal.erase_homes(world.client, now=world.now)
    pay(job, world.now)
    who = job.worker.person
    actions.accept(who, job.pk, now=world.now)
    actions.check_in(who, job.pk, now=job.starts_at)
    actions.check_out(who, job.pk, now=job.ends_at)
    actions.confirm(world.client, job.pk, now=job.ends_at)
    actions.rate(world.client, job.pk, 5, "고맙습니다", now=job.ends_at)
    for person, needle in ((world.client, "성미산로"), (world.client, "열쇠는"), (world.client, "고맙습니다"), (who, "Brightly"), (who, "worker_part")):
        whole = json.dumps([one.export(person) for one in personal.PERSONAL], cls=DjangoJSONEncoder, ensure_ascii=False)
        assert needle in whole or (needle == "Brightly" and "Clear Water" in whole), needle
    for person in (world.client, who):
        for one in personal.PERSONAL:
            one.erase(person, now=job.ends_at)
            one.erase(person, now=job.ends_at)
            assert str(one.keep)
    assert Home.objects.get().address == "" and Job.objects.get().client_note == "" and Rating.objects.get().words == ""
    assert Job.objects.get().price == 52_000
    assert [*checks.overlaps(), *checks.held(), *checks.parts()] == []


def test_what_was_said_about_a_problem_goes_with_either_side(world, pay):
    job = actions.book(world.client, world.home.pk, {}, world.start, now=world.now)
    pay(job, world.now)
    who = job.worker.person
    actions.accept(who, job.pk, now=world.now)
    Problem.objects.create(
        job=job, reporter=world.client, side="client", words="He broke a vase", reported_at=world.now, settled_by=world.coordinator, answer="We paid for it"
    )
    told = {person.pk: json.dumps(personal.export_jobs(person), cls=DjangoJSONEncoder) for person in (world.client, who, world.coordinator)}
    assert "vase" in told[world.client.pk] and "vase" not in told[who.pk] and all("We paid for it" in one for one in told.values())
    assert '"by_you": true' in told[world.coordinator.pk]
    personal.erase_jobs(who, now=world.now)
    assert (Problem.objects.get().words, Problem.objects.get().answer) == ("", "")
