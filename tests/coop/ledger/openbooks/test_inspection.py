"""Inspection by law: who may ask for what, who answers, what happens when nobody does, and that each look is written down."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from madang.coop import law, ledger
from madang.coop.law import profiles
from madang.coop.law.models import Coop
from madang.coop.ledger import Move, explain, owner_of
from madang.coop.ledger.inspection import actions, contents, opens, queries
from madang.coop.ledger.inspection.models import Examiner, Inspection, InspectionLook
from madang.coop.ledger.openbooks import reading
from madang.coop.members.models import OfficeTerm
from madang.coop.notices.due import run_due
from madang.coop.notices.models import Notice, Task
from madang.coop.people.models import Person
from madang.coop.record.models import LeafLine, PendingLeaf
from madang.kit.errors import Missing, Refused

pytestmark = pytest.mark.django_db
WHY = "I want to see what the co-op spent on upkeep."
DAY = timedelta(days=1)


def by(number: int) -> Person:
    return Person.objects.get(email=f"f{number}@example.org")


def plain(now) -> Person:
    """A member who answers nothing."""
    those = queries.answerers(now)
    return next(one for one in map(by, (1, 2, 3, 4)) if one not in those)


def stranger(name: str = "Nobody") -> Person:
    return Person.objects.create_user(f"{name}@example.net", name, language="en", time_zone="Asia/Seoul")


@pytest.fixture
def korean(coop, now):
    """The small co-op under the Korean Act; f1 sits on its board and answers."""
    Coop.objects.update(law="kr-general")
    law.forget()
    return coop


def asked(person, now, things=("books", "members"), **more) -> Inspection:
    return actions.ask(person, list(things), WHY, id=uuid4(), now=now, **more)


class TestTheLaw:
    @pytest.mark.parametrize(("key", "article"), [("kr-general", "art. 49"), ("kr-social", "art. 96")])
    def test_korea_opens_four_things_to_members_and_creditors(self, coop, now, key, article):
        Coop.objects.update(law=key)
        law.forget()
        for standing in (opens.MEMBER, opens.CREDITOR, opens.CLAIMED):
            found = opens.right(standing, now)
            assert found.things == ("articles", "minutes", "members", "books") and article in found.citation
            assert found.by_itself == (standing != opens.CLAIMED)
        assert set(opens.refusable(opens.MEMBER, now)) == {"just-cause"} and set(opens.refusable(opens.CLAIMED, now)) == {"just-cause", "not-proved"}

    @pytest.mark.parametrize("key", ["uk-coop", "uk-cbs"])
    def test_britain_opens_the_register_and_ones_own_account_and_no_ground_refuses(self, coop, now, key):
        Coop.objects.update(law=key)
        law.forget()
        found = opens.right(opens.MEMBER, now)
        assert found.things == ("own", "members") or set(found.things) == {"own", "members"}
        assert "s. 103" in found.citation and found.grounds == () and found.by_itself

    def test_without_a_law_members_may_ask_and_silence_opens_nothing(self, coop, now):
        Coop.objects.update(law="plain")
        law.forget()
        found = opens.right(opens.MEMBER, now)
        assert "books" in found.things and found.citation == "" and not found.by_itself and opens.right(opens.CREDITOR, now) is None
        with pytest.raises(Refused) as no:
            asked(stranger(), now)
        assert no.value.code == "no-right"

    def test_every_thing_and_ground_a_profile_names_is_known(self):
        for key in profiles.keys():
            for bound in profiles.profile(key).bounds:
                known = {"inspection.members": opens.THINGS, "inspection.creditors": opens.THINGS, "inspection.refusal": opens.GROUNDS}.get(bound.name)
                assert known is None or set(str(bound.value).split()) <= set(known), (key, bound.name)


class TestStanding:
    def test_by_the_ledger(self, korean, now):
        person = stranger()
        assert opens.standing(by(5), now) == opens.MEMBER and opens.standing(person, now) == opens.CLAIMED
        payable, upkeep = ledger.account("payable", owner_of(person), "KRW"), ledger.account("upkeep", "", "KRW")
        ledger.post("t", [Move(upkeep, payable, 1, "t")], key="t", subject="", now=now)
        assert opens.standing(person, now) == opens.CREDITOR
        ledger.post("t", [Move(payable, upkeep, 1, "t")], key="t2", subject="", now=now)
        assert opens.standing(person, now) == opens.CLAIMED  # paid: no creditor any more

    def test_a_refund_on_its_way_to_who_paid(self, korean, now):
        payer = stranger()
        back, rail = ledger.account("refunds", f"charge:{uuid4()}", "KRW"), ledger.account("clearing", "rail:sandbox", "KRW")
        ledger.post("t", [Move(rail, back, 5, "t")], key="t", subject="", payer=owner_of(payer), now=now)
        assert opens.standing(payer, now) == opens.CREDITOR and opens.standing(stranger("Other"), now) == opens.CLAIMED

    def test_who_only_says_so_has_to_say_how(self, korean, now):
        person = stranger()
        with pytest.raises(Refused) as no:
            asked(person, now)
        assert no.value.field == "proof"
        made = asked(person, now, proof="Invoice 12 for paint, unpaid since May.")
        assert made.standing == "claimed" and made.proof


class TestAsking:
    def test_once_with_reasons_and_within_limits(self, korean, now):
        id = uuid4()
        first = actions.ask(by(5), ["books"], WHY, id=id, now=now)
        assert actions.ask(by(5), ["books"], "Another reason altogether", id=id, now=now) == first and Inspection.objects.count() == 1
        for wrong, code in (({"things": []}, "things"), ({"things": ["books", "diary"]}, "things"), ({"reason": "short"}, "reason")):
            with pytest.raises(Refused) as no:
                actions.ask(by(5), wrong.get("things", ["books"]), wrong.get("reason", WHY), id=uuid4(), now=now)
            assert no.value.code == code
        with pytest.raises(Refused) as no:
            actions.ask(plain(now), ["books"], WHY, id=id, now=now)
        assert no.value.code == "used"
        asked(by(5), now)
        asked(by(5), now)
        with pytest.raises(Refused) as no:
            asked(by(5), now)
        assert no.value.code == "at-once"

    def test_it_waits_for_the_directors_not_for_who_asks(self, korean, now):
        asked(by(5), now)
        directors = set(queries.answerers(now))
        assert directors and {one.person for one in Task.objects.filter(message="ledger.inspection", closed_at=None)} == directors
        one = directors.pop()
        own = asked(one, now)
        assert directors and not queries.may_answer(own, one, now) and all(queries.may_answer(own, other, now) for other in directors)

    def test_a_new_director_finds_it_and_one_who_goes_loses_it(self, korean, now):
        from madang.coop.members import actions as offices
        from madang.coop.members.models import Office

        made = asked(by(5), now)
        term = OfficeTerm.objects.filter(office__role="director").select_related("office", "person").first()
        term.office.does = ["inspections"]
        term.office.save()
        offices.end_term(term, by=term.person, now=now + DAY)
        assert not Task.objects.filter(person=term.person, key=f"inspection:{made.pk}", closed_at=None).exists()
        assert Office.objects.filter(role="director").exists()


class TestAnswering:
    def test_opened_seen_copied_and_closed_again(self, korean, now):
        made, director = asked(by(5), now), queries.answerers(now)[0]
        with pytest.raises(Missing):
            actions.look(made.pk, "books", by=by(5), now=now)
        actions.open_books(made.pk, by=director, now=now + DAY)
        assert actions.open_books(made.pk, by=director, now=now + DAY).until == now + 15 * DAY
        actions.look(made.pk, "books", by=by(5), part="2026-03", now=now + DAY)
        actions.look(made.pk, "members", by=by(5), copied=True, part="csv", now=now + DAY)
        for who, thing, when in ((plain(now), "books", now + DAY), (by(5), "minutes", now + DAY), (by(5), "books", now + 15 * DAY)):
            with pytest.raises(Missing):
                actions.look(made.pk, thing, by=who, now=when)
        assert [(one.thing, one.copied) for one in InspectionLook.objects.order_by("at", "copied")] == [("books", False), ("members", True)]
        assert PendingLeaf.objects.filter(subject=f"inspection:{made.pk}").count() == 4  # asked, opened, seen, copied
        run_due(now + 15 * DAY)
        made.refresh_from_db()
        assert made.state == "ended" and made.ended_at
        assert Notice.objects.filter(message="ledger.inspection_told").count() == queries.members.people(now).count() - 1

    def test_what_is_written_down_names_nobody(self, korean, now):
        made = asked(by(5), now)
        body = LeafLine.objects.get(written=PendingLeaf.objects.get(subject=f"inspection:{made.pk}").pk).body
        assert WHY not in body and str(by(5).pk) not in body and str(by(5)) not in body

    def test_a_look_is_never_changed(self, korean, now):
        made = asked(by(5), now)
        actions.open_books(made.pk, by=queries.answerers(now)[0], now=now)
        seen = actions.look(made.pk, "books", by=by(5), now=now)
        for change in (lambda: InspectionLook.objects.filter(pk=seen.pk).update(thing="minutes"), lambda: InspectionLook.objects.filter(pk=seen.pk).delete()):
            with pytest.raises(Exception, match="ledger_inspectionlook"), transaction.atomic():
                change()

    def test_only_a_ground_of_the_law_refuses_and_only_by_who_answers(self, korean, now):
        made, director = asked(by(5), now), queries.answerers(now)[0]
        with pytest.raises(Refused) as no:
            actions.refuse(made.pk, by=plain(now), ground="just-cause", words=WHY, now=now)
        assert no.value.code == "office"
        for ground, words, code in (("rules", WHY, "ground"), ("not-proved", WHY, "ground"), ("just-cause", "no", "words")):
            with pytest.raises(Refused) as no:
                actions.refuse(made.pk, by=director, ground=ground, words=words, now=now)
            assert no.value.code == code
        actions.refuse(made.pk, by=director, ground="just-cause", words=WHY, now=now)
        actions.refuse(made.pk, by=director, ground="just-cause", words=WHY, now=now)
        with pytest.raises(Refused):
            actions.open_books(made.pk, by=director, now=now)

    def test_silence_opens_to_a_member_and_not_to_who_only_claims(self, korean, now):
        member, claimed = asked(by(5), now), asked(stranger(), now, proof="Invoice 12 for paint, unpaid since May.")
        run_due(now + 7 * DAY - timedelta(seconds=1))
        assert {one.state for one in Inspection.objects.all()} == {"asked"}
        run_due(now + 7 * DAY)
        member.refresh_from_db()
        claimed.refresh_from_db()
        assert (member.state, member.answered_by, claimed.state) == ("opened", None, "overdue")
        auditor = by(3)
        assert queries.may_answer(claimed, auditor, now + 7 * DAY)
        assert Task.objects.filter(person=auditor, key=f"inspection:{claimed.pk}", closed_at=None).exists()
        actions.refuse(claimed.pk, by=auditor, ground="not-proved", words="No such invoice came to us.", now=now + 8 * DAY)

    def test_the_database_refuses_what_can_never_be(self, korean, now):
        made = asked(by(5), now)
        for change in ({"state": "opened"}, {"state": "refused"}, {"state": "lost"}, {"standing": "king"}, {"answer_by": now}):
            with pytest.raises(IntegrityError), transaction.atomic():
                Inspection.objects.filter(pk=made.pk).update(**{"until": now, "answered_at": now, **change})


class TestSeeing:
    def test_the_whole_book_with_names_and_no_why_of_others(self, month):
        who = contents.book_reader(month.workers[0])
        told = reading.read(who, month.first)
        whose = {place.whose for one in told.events for move in one.moves for place in (move.debit, move.credit)}
        assert told.named and {"Worker 1", "Client 2"} <= whose and told.withheld == 0
        assert {move.why is None for one in told.events for move in one.moves if "Worker 3" in (move.credit.whose, move.debit.whose)} == {True}

    def test_the_pages_from_asking_to_a_copy(self, korean, now, client_for, monkeypatch):
        monkeypatch.setattr("madang.coop.law.clock.now", lambda: now)
        director = queries.answerers(now)[0]
        mine, theirs, other = client_for(by(5)), client_for(director), client_for(plain(now))
        assert mine.get("/treasury/inspections/").status_code == mine.get("/treasury/inspections/new/").status_code == 200
        form = {"id": str(uuid4()), "things": ["articles", "minutes", "members", "books"], "reason": WHY}
        assert mine.post("/treasury/inspections/new/", {**form, "reason": ""}).status_code == 400
        page = f"/treasury/inspections/{form['id']}/"
        assert mine.post("/treasury/inspections/new/", form)["Location"] == page
        assert WHY in mine.get(page).content.decode() and WHY in theirs.get(page).content.decode() and WHY not in other.get(page).content.decode()
        assert theirs.post(page, {"do": "refuse", "ground": "just-cause", "words": ""}).status_code == 400
        assert other.post(page, {"do": "open"}).status_code == 409 and mine.get(f"{page}books/").status_code == 404
        assert theirs.post(page, {"do": "open"}).status_code == 302
        for thing in form["things"]:
            assert mine.get(f"{page}{thing}/").status_code == 200 and theirs.get(f"{page}{thing}/").status_code == 404
        copied = mine.post(f"{page}members/copy/", {"format": "csv"})
        assert str(plain(now)) in copied.content.decode("utf-8-sig") and "csv" in copied["Content-Disposition"]
        assert "account " in mine.post(f"{page}books/copy/", {"format": "hledger", "at": f"{now:%Y-%m}"}).content.decode()
        assert mine.post(f"{page}articles/copy/", {"format": "csv"}).status_code == 404
        assert mine.post(f"{page}members/copy/", {"format": "hledger"}).status_code == 404
        assert InspectionLook.objects.filter(copied=False).count() == 4 and InspectionLook.objects.filter(copied=True).count() == 2
        listed = other.get("/treasury/inspections/").content.decode()
        assert str(by(5)) in listed
        assert client_for(stranger()).get(page).status_code == 404 and client_for(None).get(page).status_code == 302
        assert "/why/" not in other.get(page).content.decode()
        treasury = client_for(None).get("/treasury/", headers={"accept-language": "en"}).content.decode()
        assert "asked under the law to inspect" in treasury and str(by(5)) not in treasury

    def test_erasing_who_asked(self, korean, now):
        made = asked(by(5), now)
        actions.erase(by(5), now=now)
        made.refresh_from_db()
        assert (made.reason, made.proof, made.state) == ("", "", "withdrawn")
        assert not Task.objects.filter(key=f"inspection:{made.pk}", closed_at=None).exists()


class TestExaminers:
    def test_a_decision_lets_them_see_for_a_time(self, month, client_for, monkeypatch):
        person, now = stranger("Accountant"), month.now
        assert not explain.keeps(person, now)
        actions.name_examiner(person, until=now + 30 * DAY, decision_id=uuid4(), now=now)
        assert explain.keeps(person, now) and explain.keeps(person, now + 29 * DAY) and not explain.keeps(person, now + 30 * DAY)
        assert reading.reader(person, now).named
        monkeypatch.setattr("madang.coop.law.clock.now", lambda: now)
        browser = client_for(person)
        page = browser.get("/treasury/books/examine/", headers={"accept-language": "en"})
        assert page.status_code == 200 and "Worker 3" in page.content.decode() and "Everything counted here agrees" in page.content.decode()
        whole = b"".join(browser.get("/treasury/books/journal/file/?format=hledger&at=all")).decode()
        assert "Worker-3" in whole
        assert browser.get("/treasury/books/").status_code in (200, 302)
        member = client_for(month.member)
        assert member.get("/treasury/books/examine/").status_code == 404
        assert member.get("/treasury/books/journal/file/?format=hledger&at=all").status_code == 404

    def test_from_the_proposal_to_effect(self, coop, now):
        from madang.coop.decisions.kinds import get

        kind = get("examiner")
        outsider = stranger("Accountant")
        made = kind.prepare([], {"person": "", "email": outsider.email.upper(), "months": 3}, None, now)
        assert made.details == {"person": str(outsider.pk), "months": 3}
        for wrong in ({"email": "nobody@example.net", "months": 3}, {"email": outsider.email, "months": 13}, {"email": outsider.email, "months": True}):
            with pytest.raises(Refused):
                kind.prepare([], wrong, None, now)
        from types import SimpleNamespace

        decision = SimpleNamespace(pk=uuid4(), details=made.details)
        kind.effect(decision, now)
        kind.effect(decision, now)
        (examiner,) = Examiner.objects.all()
        assert examiner.person == outsider and (examiner.until.month - now.month) % 12 == 3
        (line,) = kind.lines(decision, "en")
        assert str(outsider) in line.label and "3" in line.after

    def test_the_count_finds_a_balance_that_is_off(self, month, settings):
        from django.db import connection

        from madang.coop.ledger.inspection import examining

        assert examining.examine().wrong == 0 and examining.examine("220").rows
        with connection.cursor() as sql:
            sql.execute("ALTER TABLE ledger_balance DISABLE TRIGGER USER")
            sql.execute("UPDATE ledger_balance SET credits = credits + 1 WHERE account_id = (SELECT id FROM ledger_account WHERE kind = 'upkeep' LIMIT 1)")
        told = examining.examine()
        assert told.wrong >= 2 and [one.code for one in told.rows if not one.right] == [410]
        with pytest.raises(Missing):
            examining.examine("22x")


class TestHeldByTheDatabase:
    def test_the_course_of_a_request(self, korean, now):
        one = asked(plain(now), now)
        wrong = [
            {"state": "ended", "until": now + DAY, "answered_at": now}, {"things": ["articles"]}, {"law": "none"}, {"standing": "creditor"},
            {"answer_by": now + 90 * DAY}, {"reason": "Something else was wanted."}, {"asked_at": now - DAY},
        ]  # fmt: skip
        for change in wrong:
            with pytest.raises(IntegrityError), transaction.atomic():
                Inspection.objects.filter(pk=one.pk).update(**change)
        with pytest.raises(IntegrityError), transaction.atomic():
            Inspection.objects.filter(pk=one.pk).delete()
        actions.open_books(one.pk, by=by(1), now=now)
        for change in ({"until": now + 900 * DAY}, {"state": "asked"}, {"answered_by": by(2)}, {"ground": "just-cause"}):
            with pytest.raises(IntegrityError), transaction.atomic():
                Inspection.objects.filter(pk=one.pk).update(**change)
        actions.erase(one.person, now=now + DAY)
        assert Inspection.objects.get(pk=one.pk).reason == ""
        with pytest.raises(IntegrityError), transaction.atomic():
            Inspection.objects.filter(pk=one.pk).update(state="opened", ended_at=None)

    def test_an_opened_request_cannot_be_put_there(self, korean, now):
        fields = {"person": by(4), "standing": "member", "things": ["books"], "law": "x", "asked_at": now, "answer_by": now + DAY}
        with pytest.raises(IntegrityError), transaction.atomic():
            Inspection.objects.create(**fields, state="opened", answered_at=now, until=now + DAY)

    def test_an_examiner_can_only_end_earlier(self, korean, now):
        one = actions.name_examiner(by(4), until=now + 30 * DAY, decision_id=uuid4(), now=now)
        for change in ({"until": now + 31 * DAY}, {"person": by(5)}, {"since": now - DAY}):
            with pytest.raises(IntegrityError), transaction.atomic():
                Examiner.objects.filter(pk=one.pk).update(**change)
        Examiner.objects.filter(pk=one.pk).update(until=now + DAY)


class TestForPrograms:
    def test_from_asking_to_a_copy(self, korean, now, client_for, monkeypatch):
        monkeypatch.setattr("madang.coop.law.clock.now", lambda: now)
        who, board = plain(now), client_for(by(1))
        me, base, key = client_for(who), "/api/ledger/inspections", str(uuid4())

        def send(client, path, **body):
            return client.post(base + path, body, content_type="application/json")

        right = me.get(base + "/right").json()
        assert right["things"] == ["articles", "minutes", "members", "books"] and right["by_itself"] and "49" in right["citation"]
        wish = {"id": key, "things": ["books"], "reason": WHY}
        assert send(me, "", **wish).json() == send(me, "", **wish).json() and Inspection.objects.count() == 1
        assert send(me, "", id=str(uuid4()), things=["safe"], reason=WHY).status_code == 409
        assert send(me, f"/{key}/copies/books?format=csv").status_code == 404  # not open yet
        assert send(me, f"/{key}/open").status_code == 404  # nobody answers themselves
        opened = send(board, f"/{key}/open").json()
        assert opened["state"] == "opened" and opened["reason"] == WHY
        other = next(one for one in map(by, (2, 3, 4, 5)) if one != who and not queries.may_answer(Inspection.objects.get(), one, now))
        assert client_for(other).get(f"{base}/{key}").json()["reason"] == ""
        copied = send(me, f"/{key}/copies/books?format=hledger")
        assert copied.status_code == 200 and InspectionLook.objects.get().copied
        assert send(me, f"/{key}/copies/books?format=pdf").status_code == 404
        assert client_for(stranger()).get(f"{base}/{key}").status_code == 404
        assert client_for(None).get(base).status_code in (401, 403)


class TestAnExaminerByBallot:
    def test_drafted_discussed_voted_counted_and_in_force(self, korean, now, client_for, monkeypatch):
        from madang.coop.decisions import actions as decisions

        outsider = stranger("Accountant")
        one = decisions.draft(by(1), "examiner", "An examiner", "Because.", details={"person": "", "email": outsider.email, "months": 3}, now=now)
        one = decisions.open_discussion(one, by(1), now=now)
        one = decisions.open_voting(one, now=one.opens_at)
        for number in range(1, 6):
            decisions.cast(one, by(number), "for", now=one.opens_at)
        one = decisions.close(one, now=one.closes_at)
        assert not Examiner.objects.exists()
        one = decisions.take_effect(one, now=one.effect_at)
        examiner = Examiner.objects.get()
        assert one.state == "in_force" and examiner.decision_id == one.pk and examiner.person == outsider
        for moment, status in ((one.effect_at, 200), (examiner.until, 404)):
            monkeypatch.setattr("madang.coop.law.clock.now", lambda moment=moment: moment)
            assert client_for(outsider).get("/treasury/books/examine/").status_code == status
