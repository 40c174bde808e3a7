"""What is someone else's is not there: every address and every API route that holds an id, as nobody and as three kinds of outsiders.

A new page or route that holds something fails here until one says whose it is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.site import walking
from tests.site.living import lived
from tests.site.walking import Address, everything_stored, sample

pytestmark = pytest.mark.django_db
OUTSIDERS = ("stranger", "colleague", "member")
ELSEWHERE = ("music", "music-rest")
"""Platforms that the co-op of these tests does not run: tests/platforms/music/test_privacy.py asks the same of theirs."""


def addresses() -> list[Address]:
    """Every address of the house but of what this co-op does not run."""
    return [one for one in walking.addresses() if one.name.partition(":")[0] not in ELSEWHERE]


# Open to everyone, or opened by a secret in the address itself.
PUBLIC = {
    "record:leaf", "record:tile", "record:receipt", "rules:rule", "rules:try", "people:organisation", "members:apply", "decisions:decision",
    "charter:founder", "members:invitation", "payments:webhook", "payments:pretend_bank", "web:be", "account_reset_password_from_key",
    "web:source_file", "ledger:statement_month", "ledger:lines", "ledger:year", "tax:kept",  # one's own
    "decisions:amend",  # only what is discussed is amended, and by those who decide: tests/coop/decisions/test_amending.py
    "decisions:panel-list",  # numbers without names: tests/coop/decisions/test_panels.py
    "decisions:calendar", "decisions:open-data", "decisions:papers",  # tests/coop/decisions/test_opendata.py says what is not in them
    "capital:certificate",  # its address stands on the paper, and the page tells no name
    "ledger:books_line",  # sums of the whole co-op, for members: tests/coop/ledger/books says who reads them
    # every member sees what the members met for, others are sent to the door: tests/coop/meetings/test_pages.py
    "meetings:meeting", "meetings:edit", "meetings:agenda", "meetings:live", "meetings:come", "meetings:vote", "meetings:chair", "meetings:pulse",
    "meetings:screen", "meetings:minutes", "meetings:minutes-text", "meetings:calendar",
    "ledger:inspection",  # every member sees who asked for what (not why), others get a 404: tests/coop/ledger/openbooks
}  # fmt: skip
# Whose it is, and what stands in the address. "chair" is a founder with a draft, an office and a membership.
PRIVATE: dict[str, tuple[str, Callable[[SimpleNamespace], dict[str, Any]]]] = {
    "services:job": ("owner", lambda it: {"job_id": it.job.pk}),
    "services:receipt": ("owner", lambda it: {"job_id": it.job.pk}),
    "services:home_edit": ("owner", lambda it: {"home_id": it.home.pk}),
    "payments:charge": ("owner", lambda it: {"charge": it.charge.pk}),
    "payments:returned": ("owner", lambda it: {"charge": it.charge.pk}),
    "payments:give_up": ("owner", lambda it: {"charge": it.open.pk}),
    "payments:by_bank": ("owner", lambda it: {"charge": it.open.pk}),
    "payments:portone": ("owner", lambda it: {"ref": it.window.ref}),
    "payments:transfer": ("owner", lambda it: {"code": it.transfer.ref}),
    "payments:reconciliation": ("treasurer", lambda it: {"rail": "sandbox", "day": it.report.day.isoformat()}),
    "payments:wish": ("owner", lambda it: {"charge": it.open.pk}),
    "tax:paper": ("owner", lambda it: {"paper": it.paper.pk}),
    "tax:einvoice": ("owner", lambda it: {"paper": it.paper.pk}),
    "tax:filing": ("treasurer", lambda it: {"filing": it.filing.pk}),
    "payments:give_back": ("chair", lambda it: {"paper": it.paper.pk}),
    "payments:batch": ("chair", lambda it: {"batch": it.batch.pk}),
    "payments:batch_file": ("chair", lambda it: {"batch": it.batch.pk}),
    "payments:payout": ("chair", lambda it: {"payout": it.batch.payouts.first().pk}),
    "payments:by_hand": ("chair", lambda it: {"refund": it.by_hand.pk}),
    "payments:go": ("owner", lambda it: {"charge": it.open.pk}),
    "payments:dispute": ("treasurer", lambda it: {"dispute": it.dispute.pk}),
    "payments:receipt": ("owner", lambda it: {"charge": it.charge.pk}),
    "ledger:why": ("maker", lambda it: {"transfer": it.line.pk}),
    "ledger:receipt": ("maker", lambda it: {"transfer": it.line.pk}),
    "ledger:inspected": ("owner", lambda it: {"id": it.inspection.pk, "thing": "minutes"}),
    "ledger:inspection_copy": ("owner", lambda it: {"id": it.inspection.pk, "thing": "minutes"}),
    "ledger:organisation_statement": ("maker", lambda it: {"slug": it.place.slug}),
    "ledger:organisation_statement_month": ("maker", lambda it: {"slug": it.place.slug, "year": it.now.year, "month": it.now.month}),
    "members:leave": ("chair", lambda it: {"membership_id": it.membership.pk}),
    "members:primary": ("chair", lambda it: {"membership_id": it.membership.pk}),
    "members:shown": ("chair", lambda it: {"membership_id": it.membership.pk}),
    "members:resign": ("chair", lambda it: {"term_id": it.term.pk}),
    "members:end_term": ("chair", lambda it: {"term_id": it.term.pk}),
    "members:answer": ("chair", lambda it: {"membership_id": it.joining.pk}),
    "members:fill": ("chair", lambda it: {"key": "coordinator"}),
    "members:organisation": ("maker", lambda it: {"slug": it.place.slug}),
    "members:withdraw": ("maker", lambda it: {"invitation_id": it.invitation.pk}),
    "members:end_work": ("maker", lambda it: {"work_id": it.work.pk}),
    "capital:offer": ("chair", lambda it: {"offer": it.offer.pk}),  # a draft; once open it is everyone's
    "capital:offer_edit": ("chair", lambda it: {"offer": it.offer.pk}),
    "capital:offer_do": ("chair", lambda it: {"offer": it.offer.pk}),
    "capital:take_back": ("owner", lambda it: {"application": it.joining.pk}),  # no such application
    "capital:certificate_pdf": ("chair", lambda it: {"certificate": it.certificate.pk}),
    "capital:dead": ("chair", lambda it: {"report": it.dead.pk}),
    "capital:heirs": ("treasurer", lambda it: {"claim": it.heirs.pk}),
    "capital:buy": ("chair", lambda it: {"membership": it.membership.pk}),
    "decisions:edit": ("chair", lambda it: {"id": it.draft.pk}),
    "decisions:vote": ("chair", lambda it: {"id": it.draft.pk}),
    "decisions:comment": ("chair", lambda it: {"id": it.draft.pk}),
    "decisions:support": ("chair", lambda it: {"id": it.draft.pk}),
    "decisions:discuss": ("chair", lambda it: {"id": it.draft.pk}),
    "decisions:answer": ("chair", lambda it: {"id": it.proxy.pk}),
    "decisions:pin": ("chair", lambda it: {"id": it.draft.pk, "comment": it.draft.pk}),
    "decisions:amendment": ("chair", lambda it: {"id": it.draft.pk, "amendment": it.draft.pk}),
    "decisions:veto": ("chair", lambda it: {"id": it.draft.pk}),
    "decisions:at-meeting": ("chair", lambda it: {"id": it.draft.pk}),
    "decisions:withdraw": ("chair", lambda it: {"id": it.draft.pk}),
    "decisions:go-back": ("chair", lambda it: {"id": it.draft.pk}),
    "decisions:stand": ("chair", lambda it: {"id": it.draft.pk}),
    "decisions:volunteer": ("chair", lambda it: {"id": it.draft.pk}),
    "decisions:step-down": ("chair", lambda it: {"id": it.draft.pk}),
    "decisions:nominate": ("chair", lambda it: {"id": it.draft.pk}),
    "decisions:keep": ("chair", lambda it: {"id": it.draft.pk}),
    "people:revoke_key": ("owner", lambda it: {"token_id": it.token.pk}),
    "mfa_remove_webauthn": ("owner", lambda it: {"pk": it.key.pk}),
    "mfa_edit_webauthn": ("owner", lambda it: {"pk": it.key.pk}),
}
SKIPPED = {"services:"}  # a redirect to services:job for everyone
NOT_THERE = {404, 405}  # 405: the page knows no such method, for anyone

API_PUBLIC = {"/api/record/leaves/{index}", "/api/rules/{key}", "/api/rules/{key}/history", "/api/rules/{key}/try", "/api/people/organisations/{slug}"}
API_SECRET = {"/api/charter/founders/{token}/accept", "/api/members/invitations/accept/{token}"}
API_OWN = {"/api/services/work/day/{day}", "/api/ledger/statement/year/{year}"}  # one's own day, one's own year
API_OWN |= {"/api/ledger/inspections/{inspection}"}  # every member sees who asked for what (not why): tests/coop/ledger/openbooks
API_TOLD = {"/api/members/terms/{term_id}/end": 409}  # who fills which office stands on a public page, and so does "not you"
API: dict[str, Callable[[SimpleNamespace], Any]] = {
    "inspection": lambda it: it.inspection.pk,
    "thing": lambda it: "minutes",
    "job_id": lambda it: it.job.pk, "home_id": lambda it: it.home.pk, "charge": lambda it: it.open.pk, "transfer": lambda it: it.line.pk,
    "membership": lambda it: it.membership.pk, "membership_id": lambda it: it.membership.pk, "term_id": lambda it: it.term.pk, "slug": lambda it: it.place.slug,
    "invitation_id": lambda it: it.invitation.pk, "work_id": lambda it: it.work.pk, "id": lambda it: it.draft.pk, "worker_id": lambda it: it.worker.pk,
    "token_id": lambda it: it.token.pk, "time_off_id": lambda it: it.off.pk, "code": lambda _it: 110, "year": lambda it: it.now.year,
    "delegation": lambda it: it.delegation.pk, "proxy": lambda it: it.proxy.pk,
    "sum": lambda it: it.draft.pk,
    "amendment": lambda it: it.draft.pk,
    "item": lambda it: it.draft.pk, "comment": lambda it: it.draft.pk,  # of what is not theirs to see: any will do
}  # fmt: skip


@pytest.fixture
def it(coop: Any, now: datetime, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The small life, and the clock standing at its end."""
    from allauth.mfa.models import Authenticator

    from madang.coop.decisions.models import Delegation, Proxy
    from madang.coop.ledger.inspection.models import Inspection
    from madang.coop.members.models import Membership
    from madang.coop.people import tokens

    made = lived(coop, now)
    monkeypatch.setattr("madang.coop.law.clock.now", lambda: made.now)
    made.token, _key = tokens.make_key(made.owner, "calendar", now=made.now)
    made.batch, made.transfer = _at_the_bank(made)
    made.inspection = Inspection.objects.create(
        person=made.owner, standing="claimed", things=["minutes"], asked_at=made.now, answer_by=made.now + timedelta(days=1),
    )  # fmt: skip
    made.inspection.state, made.inspection.answered_at, made.inspection.until = "opened", made.now, made.now + timedelta(days=1)
    made.inspection.save()
    made.window = _at_portone(made, monkeypatch)
    made.treasurer, made.report = _held_against_the_books(made)
    made.paper = _paper(made)
    made.filing = _refused(made)
    made.proxy = Proxy.objects.create(
        giver=Membership.objects.filter(person=made.chair).first(), holder=made.chair, given_at=made.now, until=made.now + timedelta(days=9)
    )
    made.delegation = Delegation.objects.create(
        giver=Membership.objects.filter(person=made.chair).first(), holder=made.chair, given_at=made.now, until=made.now + timedelta(days=9)
    )
    made.dead, made.heirs = _after_a_death(made)
    made.key = Authenticator.objects.create(user=made.owner, type=Authenticator.Type.WEBAUTHN, data={"name": "phone", "credential": {}})
    return made


def _at_the_bank(made: SimpleNamespace) -> tuple[Any, Any]:
    """What the worker earned, in a batch for the bank; and a transfer that the client still has to make."""
    from madang.coop import ledger
    from madang.coop.payments import accounts, batches, disputes, queries
    from madang.coop.payments.models import Charge, Refund
    from madang.coop.people.models import Person
    from madang.rails.bank.codes import code_for
    from madang.rails.payments import Dispute as Told

    treasurer = Person.objects.get(email="f2@example.org")
    ours = accounts.propose_ours(holder="Co-op", bank="004", number="123456-04-123456", by=treasurer, now=made.now)
    accounts.confirm_ours(ours.pk, by=made.chair, now=made.now)
    accounts.set_account(ledger.owner_of(made.maker), holder="Maker", bank="088", number="110-123-456789", by=made.maker, now=made.now)
    accounts.set_account(ledger.owner_of(made.place), holder="Place", bank="088", number="110-123-456780", by=made.maker, now=made.now)
    wishes = [(one.owner, one.amount) for one in queries.to_pay_out("KRW") if accounts.account_of(one.owner)]
    batch = batches.make(wishes, on=made.now.date() + timedelta(days=1), by=treasurer, key="privacy", now=made.now)
    transfer = Charge.objects.create(
        key="transfer", purpose="job", subject=f"job:{made.job.pk}", payer=made.owner, amount=5, unit="KRW", rail="bank", ref=code_for("t"),
        created_at=made.now, expires_at=made.now + timedelta(days=5),
    )  # fmt: skip
    told = Told("dp_privacy", made.charge.ref, "open", made.charge.amount, "KRW", due_at=made.now + timedelta(days=5))
    made.by_hand = Refund.objects.create(
        charge=made.charge, amount=1, unit="KRW", key="by-hand", state="failed", asked_by=treasurer, created_at=made.now
    )  # fmt: skip
    made.treasurer, made.dispute = treasurer, disputes.learn("sandbox", told, now=made.now)
    return batch, transfer


def _at_portone(made: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A payment whose window the client still has to open; PortOne is set up, and nobody asks it."""
    from madang.coop.payments.models import Charge

    monkeypatch.setattr("django.conf.settings.PORTONE", {"secret": "s", "store": "st", "channel": "ch", "webhook_secret": "", "test": True}, raising=False)
    return Charge.objects.create(
        key="window", purpose="job", subject=f"job:{made.job.pk}", payer=made.owner, amount=5, unit="KRW", rail="portone", ref="m1w5", created_at=made.now,
        expires_at=made.now + timedelta(days=5),
    )  # fmt: skip


def _held_against_the_books(made: SimpleNamespace) -> tuple[Any, Any]:
    """A report of the pretend bank's first days, for who pays out."""
    from madang.coop.payments import reconciling
    from madang.coop.people.models import Person

    (report,) = reconciling.reconcile("sandbox", now=made.now + timedelta(days=1))
    return Person.objects.get(email="f2@example.org"), report



def _after_a_death(made: SimpleNamespace) -> tuple[Any, Any]:
    """What was written down of a member's death, and a claim that would come of it."""
    from madang.coop import ledger
    from madang.coop.capital import dying
    from madang.coop.capital.models import Claim
    from madang.coop.members.models import Membership
    from madang.coop.people.models import Person

    one = Membership.objects.get(person__email="f3@example.org", primary=True)
    account = ledger.account("claims", ledger.owner_of(one), "KRW")
    report = dying.report(Person.objects.get(pk=one.person_id), made.now.date(), by=made.treasurer, now=made.now)
    return report, Claim.objects.create(membership=one, origin="death", account=account, amount=1, unit="KRW", made_at=made.now, due_on=made.now.date())


def _paper(made: SimpleNamespace) -> Any:
    """The owner's invoice, as if the co-op had been registered on the day of the visit."""
    from madang.coop.ledger.models import Entry
    from madang.coop.tax.models import Paper

    entry = Entry.objects.get(key=f"release:{made.job.pk}")
    day = made.now.date()
    return Paper.objects.create(
        kind="invoice", series="2026-I", number=1, owner=f"person:{made.owner.pk}", subject=f"job:{made.job.pk}", title={"en": "A visit"}, entry=entry,
        net=10, tax=1, unit="KRW", rate="1/10", citation="-", issued_on=day, supplied_on=day, at=made.now, supplier={"number": "120-81-47521", "name": "-"},
        customer={"number": "124-81-00998", "name": "-"},
    )  # fmt: skip



def _refused(made: SimpleNamespace) -> Any:
    """A cash receipt of the owner's that the tax service did not take."""
    from madang.coop.tax.models import Filing

    return Filing.objects.create(
        kind="cash-receipt", key="privacy", subject=f"job:{made.job.pk}", owner=f"person:{made.owner.pk}", use="income", net=10, tax=1, unit="KRW",
        tail="5678", state="refused", reason="number", created_at=made.now,
    )  # fmt: skip


def browser(person: Any) -> Client:
    client = Client(raise_request_exception=False)
    if person is not None:
        client.force_login(person)
    return client


def outsiders(it: SimpleNamespace) -> dict[str, Client]:
    """Nobody and the three outsiders, each signed in."""
    return {"nobody": browser(None)} | {who: browser(getattr(it, who)) for who in OUTSIDERS}


def to_the_door(answer: Any) -> bool:
    return answer.status_code == 302 and answer.headers["Location"].startswith("/accounts/login/")


def test_every_page_that_holds_something_is_listed_here() -> None:
    held = {one.name for one in addresses() if one.holds and not one.name.startswith("api:")}
    assert held - PUBLIC - set(PRIVATE) - SKIPPED == set(), "say whose these pages are: PUBLIC or PRIVATE"
    assert set(PRIVATE) - held == set(), "these are no pages any more"


def test_someone_elses_page_is_not_there(it: SimpleNamespace) -> None:
    visitors = outsiders(it)
    before = everything_stored()
    wrong = []
    for name, (_whose, address) in PRIVATE.items():
        url = reverse(name, kwargs=address(it))
        for who, visitor in visitors.items():
            for method in ("get", "post"):
                answer = getattr(visitor, method)(url)
                fine = answer.status_code in NOT_THERE or (who == "nobody" and to_the_door(answer))
                if not fine:
                    wrong.append(f"{who} {method} {url} ({name}) → {answer.status_code} {answer.headers.get('Location', '')}")
    assert not wrong, "\n".join(wrong)
    after = everything_stored()
    assert [table for table in before if before[table] != after[table]] == []


def test_ones_own_page_is_there(it: SimpleNamespace) -> None:
    """So that the test above cannot pass by everything being missing."""
    missing = []
    for name, (whose, address) in PRIVATE.items():
        url = reverse(name, kwargs=address(it))
        answer = browser(getattr(it, whose)).get(url)
        if answer.status_code not in (200, 302, 405):
            missing.append(f"{whose} {url} ({name}) → {answer.status_code}")
    assert not missing, "\n".join(missing)


def test_a_draft_is_its_authors(it: SimpleNamespace) -> None:
    url = reverse("decisions:decision", args=[it.draft.pk])
    assert browser(it.chair).get(url).status_code == 200
    for who in (None, it.stranger, it.colleague, it.member):
        assert browser(who).get(url).status_code == 404


def routes() -> Iterator[tuple[str, str, dict[str, Any], dict[str, Any]]]:
    """(method, path, operation, the whole description) of the API."""
    from madang.site.api import api

    house = api.get_openapi_schema()
    for path, operations in house["paths"].items():
        if path.split("/")[2] in ELSEWHERE:
            continue
        for method, operation in operations.items():
            yield method, path, operation, house


def body_of(operation: dict[str, Any], house: dict[str, Any]) -> Any:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    return sample(content["schema"], house) if content else None


def test_every_api_route_that_holds_something_is_listed_here() -> None:
    held = {path for _m, path, operation, _h in routes() if "{" in path}
    unknown = [path for path in held - API_PUBLIC - API_SECRET - API_OWN if not all(part["name"] in API for part in _parts(path))]
    assert unknown == []


def _parts(path: str) -> list[dict[str, str]]:
    return [{"name": part.strip("{}")} for part in path.split("/") if part.startswith("{")]


def test_someone_elses_thing_is_not_there_for_programs(it: SimpleNamespace) -> None:
    visitors = outsiders(it)
    before = everything_stored()
    wrong = []
    for method, path, operation, house in routes():
        needs_sign_in = bool(operation.get("security"))
        body = body_of(operation, house)
        url = path
        for part in _parts(path):
            url = url.replace("{" + part["name"] + "}", str(API.get(part["name"], lambda _it: "x")(it)))
        sent = {"data": json.dumps(body), "content_type": "application/json"} if body is not None else {}
        if needs_sign_in:
            answer = getattr(visitors["nobody"], method)(url, **sent)
            if answer.status_code != 401:
                wrong.append(f"nobody {method} {url} → {answer.status_code}")
        if "{" not in path or path in API_PUBLIC | API_SECRET | API_OWN:
            continue
        for who in OUTSIDERS:
            answer = getattr(visitors[who], method)(url, **sent)
            if answer.status_code != API_TOLD.get(path, 404):
                wrong.append(f"{who} {method} {url} ({body}) → {answer.status_code} {answer.content[:200]!r}")
    assert not wrong, "\n".join(wrong)
    after = everything_stored()
    assert [table for table in before if before[table] != after[table]] == []


def test_lists_hold_only_ones_own(it: SimpleNamespace) -> None:
    """Pages and API lists without an id show an outsider nothing of the owner's, and someone who is no member no member's name."""
    from madang.coop.decisions.kinds import all_kinds
    from madang.coop.members.queries import is_member

    secrets = [str(it.job.pk), str(it.coming.pk), str(it.home.pk), str(it.charge.pk), it.home.address, str(it.draft.pk), "A secret thought", it.owner.email]
    of_members = [it.chair.name, str(it.chair.pk)]
    told = []
    pages = [one for one in addresses() if not one.holds and not one.name.startswith("api:")]
    urls = ["/" + one.route for one in pages if "^" not in one.route]
    urls += [path for method, path, _o, _h in routes() if method == "get" and "{" not in path]
    urls += [f"/decisions/new/?kind={kind.key}" for kind in all_kinds() if not kind.by_house]
    for who, visitor in outsiders(it).items():
        for url in urls:
            if url in ("/outbox/", "/accounts/logout/"):
                continue  # a demo's outbox shows all mail, and says so
            answer = visitor.get(url)
            assert answer.status_code < 500, f"{who} {url} → {answer.status_code}"
            text = b"".join(answer.streaming_content) if answer.streaming else answer.content
            hidden = secrets if is_member(getattr(it, who, None), it.now) else secrets + of_members
            told += [f"{who} reads {secret} on {url}" for secret in hidden if secret.encode() in text]
    assert not told, "\n".join(told)


def test_the_outbox_is_closed_in_a_real_coop(it: SimpleNamespace) -> None:
    from madang.coop.law.models import Coop

    Coop.objects.update(demo=False)
    from madang.coop import law

    law.request_ended()
    for who in (None, it.stranger, it.member):
        answer = browser(who).get("/outbox/")
        assert answer.status_code == 404 or to_the_door(answer)
    for path in ("/wheel/", "/demo/clock/", "/demo/be/client/", "/demo/others/"):
        assert browser(None).post(path).status_code == 404


EXCUSED = {"payments:webhook"}  # signed by the rail instead


def test_every_post_needs_its_token(it: SimpleNamespace) -> None:
    """A form another site sends in a member's name changes nothing."""
    strict = Client(enforce_csrf_checks=True, raise_request_exception=False)
    strict.force_login(it.owner)
    before = everything_stored()
    wrong = []
    for one in addresses():
        if one.name.startswith("api:") or "^" in one.route:
            continue
        url = _filled(one, it)
        answer = strict.post(url)
        if one.name in EXCUSED:
            assert answer.status_code in (400, 404), answer.status_code
        elif answer.status_code not in (403, 405) and not (answer.status_code in (302, 301, 410) and one.name in READ_ONLY):
            wrong.append(f"{url} ({one.name}) → {answer.status_code}")
    for method, path, operation, house in routes():
        if method == "get" or not operation.get("security"):
            continue
        url = path
        for part in _parts(path):
            url = url.replace("{" + part["name"] + "}", str(API.get(part["name"], lambda _it: "x")(it)))
        answer = getattr(strict, method)(url, data=json.dumps(body_of(operation, house)), content_type="application/json")
        if answer.status_code not in (401, 403):
            wrong.append(f"API {method} {url} → {answer.status_code}")
    assert not wrong, "\n".join(wrong)
    after = everything_stored()
    assert [table for table in before if before[table] != after[table]] == []


READ_ONLY = {"", "services:"}  # plain redirects


def _filled(one: Address, it: SimpleNamespace) -> str:
    if one.name in PRIVATE:
        return reverse(one.name, kwargs=PRIVATE[one.name][1](it))
    known = {
        "index": 0, "line": 0, "path": "0/000.p/1", "key": "client" if "<slug:key>" in one.route else "services.split", "slug": it.place.slug,
        "provider": "sandbox", "ref": "x", "token": "x", "year": 2026, "month": 3, "code": 110, "id": it.draft.pk, "job_id": it.job.pk, "name": "README.md",
            "thing": "minutes",
        "certificate": it.certificate.pk, "sort": "earned",
    }  # fmt: skip
    url = "/" + one.route
    for name in one.holds:
        start = next(part for part in (f"<{kind}{name}>" for kind in ("uuid:", "int:", "str:", "slug:", "path:", "uuidstr:", "")) if part in url)
        url = url.replace(start, str(known[name]))
    return url


def test_every_page_forbids_what_is_inline_and_framed(it: SimpleNamespace) -> None:
    wrong = []
    for who in (None, it.owner, it.chair):
        visitor = browser(who)
        for one in addresses():
            if "^" in one.route or one.name == "account_logout" or (one.name.startswith("api:") and one.holds):
                continue
            answer = visitor.get(_filled(one, it))
            heads = answer.headers
            policy = heads.get("Content-Security-Policy", "")
            if "script-src 'self'" not in policy or "frame-ancestors 'none'" not in policy or "unsafe" in policy:
                wrong.append(f"{one.route}: policy {policy!r}")
            for head, value in (("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "same-origin"), ("X-Frame-Options", "DENY")):
                if heads.get(head) != value:
                    wrong.append(f"{one.route}: {head} {heads.get(head)!r}")
            if who is not None and "no-store" not in heads.get("Cache-Control", "") and "public" not in heads.get("Cache-Control", ""):
                wrong.append(f"{one.route}: cached: {heads.get('Cache-Control')!r}")
    assert not wrong, "\n".join(sorted(set(wrong)))


def test_the_source_page_shows_source_only(it: SimpleNamespace) -> None:
    """What is published is the program: no key, no data folder, nothing above it."""
    import io
    import tarfile

    visitor = browser(None)
    for name in ("var/test/secret_key", "../../../etc/passwd", "..%2f..%2f..%2fetc%2fpasswd", "%2fetc%2fpasswd", ".git/config", ".venv/pyvenv.cfg", "%00"):
        assert visitor.get(f"/source/{name}").status_code == 404, name
    answer = visitor.get("/source/madang.tar.gz")
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    with tarfile.open(fileobj=io.BytesIO(body)) as tar:
        names = tar.getnames()
    assert any(name.endswith("madang/cli.py") for name in names)
    bad = [name for name in names if any(part in ("var", ".venv", ".git", "node_modules", "secret_key", "record.key", "shots") for part in name.split("/"))]
    assert bad == []
