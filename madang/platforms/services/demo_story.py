"""Who is in the demo, when they come, and what they decide together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from madang.coop import law, rules
from madang.coop.capital import actions as capital
from madang.coop.charter import actions as charter
from madang.coop.charter.models import FounderInvitation
from madang.coop.decisions import actions as decisions
from madang.coop.decisions import states as course
from madang.coop.decisions import ways
from madang.coop.decisions.models import Elector, Proposal
from madang.coop.members import actions as members
from madang.coop.members import queries as register
from madang.coop.members.models import MemberClass, Membership
from madang.coop.payments import outgoing
from madang.coop.people import actions as people
from madang.coop.people.models import Organisation, Person
from madang.platforms.services import actions, demo_capital
from madang.platforms.services import demo_people as invented
from madang.platforms.services.models import Worker

if TYPE_CHECKING:
    from madang.platforms.services.demo import Life

JOINING_DAYS = 45
WEEKS: Sequence[Sequence[tuple[int, int, int]]] = (
    [(day, 8 * 60, 18 * 60) for day in range(5)],
    [(day, 9 * 60, 15 * 60) for day in range(5)],
    [(day, 13 * 60, 20 * 60) for day in range(6)],
    [(day, 8 * 60, 20 * 60) for day in (0, 2, 4, 5)],
    [(day, 9 * 60, 19 * 60) for day in (1, 3, 5, 6)],
    [(day, 8 * 60, 13 * 60) for day in range(6)],
    [(day, 10 * 60, 18 * 60) for day in (0, 1, 2, 3, 5)],
)


def begin(life: Life) -> None:
    """Put into the queue what starts the story: founders, member co-ops, workers, clients, decisions, payouts."""
    _founders(life, life.start)
    organisations = _organisations(life, life.start + timedelta(hours=2))
    _workers(life, organisations)
    life.progress("members and workers", 100)
    for number in range(life.clients):
        days = life.dice.triangular(1, JOINING_DAYS, 6)
        at = life.awake(life.start + timedelta(days=days, minutes=life.dice.randint(0, 700)))
        life.at(at, lambda then, number=number: _client(life, number, then), lane=int(number % 8 > 2))
    span = (life.now - life.start).days
    if span > 70:
        life.at(life.awake(life.start + timedelta(days=24, hours=3)), lambda then: _passed(life, then))
        life.at(life.awake(life.start + timedelta(days=52, hours=5)), lambda then: _failed(life, then))
    demo_capital.begin(life)
    for month in range(1, span // 30 + 1):
        life.at(life.awake(life.start + timedelta(days=30 * month - 2, hours=6)), lambda then, month=month: _payouts(life, month, then))


def _class(key: str, holder: str = MemberClass.PERSON) -> MemberClass | None:
    """The class with this key, else the first one of this kind of holder."""
    kinds = list(MemberClass.objects.filter(holder=holder))
    return next((one for one in kinds if one.key == key), kinds[0] if kinds else None)


def _pay_shares(life: Life, membership: Membership, payer: Person, at: datetime, extra: int = 0) -> None:
    charge = capital.buy_shares(membership, max(1, membership.member_class.min_shares) + extra, payer, now=at)
    life.pay(charge.pk, at)


def _founders(life: Life, at: datetime) -> None:
    """Each founder opens their link, accepts, and pays."""
    for invitation in FounderInvitation.objects.select_related("person", "membership__member_class").order_by("pk"):
        token = charter.renew_link(invitation.person.email or "", now=at).path.split("/")[2]
        membership = charter.accept(token, by=invitation.person, now=at)
        if membership.state != "active" and membership.member_class.share_price:
            _pay_shares(life, membership, invitation.person, at)
        at += timedelta(minutes=20)
    law.forget()


def _join(life: Life, holder: Person | Organisation, kind: MemberClass | None, by: Person, at: datetime) -> None:
    """Apply, be admitted by whoever may, pay."""
    if kind is None:
        return
    membership = members.apply(holder, kind.key, by=by, now=at)
    if membership.state == "applied" and kind.admission.startswith("office:"):
        officer = next(iter(register.holders(kind.admission.removeprefix("office:"), at)), None)
        if officer is None:
            return
        membership = members.admit(membership, by=officer, now=at + timedelta(minutes=30))
    if membership.state == "applied" and kind.admission.startswith("vote:"):
        _admission(life, membership, by)
    if membership.state == "admitted":
        _pay_shares(life, membership, by, at + timedelta(hours=1), extra=life.dice.choice((0, 0, 0, 1, 4)))


def _admission(life: Life, membership: Membership, payer: Person) -> None:
    """The members vote on an application, nearly all for it; then the shares are paid."""
    proposal = Proposal.objects.get(kind="admit", details__membership=str(membership.pk))
    way = ways.parse(proposal.way)
    opens = proposal.opens_at or life.start
    life.at(opens + timedelta(hours=9), lambda then: _ballots(life, proposal, (94, 2, 4), then))
    paid = opens + way.voting + way.notice + timedelta(days=1, hours=2)
    life.at(paid, lambda then: _pay_shares(life, Membership.objects.select_related("member_class").get(pk=membership.pk), payer, then))


def _organisations(life: Life, at: datetime) -> list[Organisation]:
    """The member co-ops: those that founded, else two that join, each spoken for by a founder who works."""
    made = []
    for one in Membership.objects.filter(state="active", organisation__isnull=False).select_related("organisation").order_by("applied_at", "pk"):
        if one.organisation is not None:
            for speaker in _speakers(one.organisation)[:1]:
                _take_jobs(life, speaker, one.organisation, speaker, at)
            made.append(one.organisation)
    if made:
        return made
    working = _working_founders()
    for number, (name, about) in enumerate(invented.ORGANISATIONS):
        speaker = working[number % len(working)]
        body = members.found_organisation(name, by=speaker, about=about, now=at)
        _join(life, body, _class("provider", MemberClass.ORGANISATION), speaker, at)
        _take_jobs(life, speaker, body, speaker, at)
        made.append(body)
    for number, person in enumerate(working[len(made):]):
        body, speaker = made[number % len(made)], working[number % len(made)]
        people.start_work(person, body, now=at)
        _take_jobs(life, person, body, speaker, at)
    return made


def _working_founders() -> list[Person]:
    rows = Membership.objects.filter(person__isnull=False).select_related("person", "member_class").order_by("applied_at", "pk")
    found = [one.person for one in rows if one.member_class.key == "worker" and one.person is not None]
    return found or [one.person for one in rows if one.person is not None][:2]


def _take_jobs(life: Life, person: Person, body: Organisation, speaker: Person, at: datetime) -> None:
    about = life.dice.choice(invented.ABOUT)
    actions.become_worker(person, body, by=speaker, about=about, now=at)
    actions.set_availability(person, life.dice.choice(WEEKS), now=at)


def _name(life: Life, taken: set[str]) -> str:
    while True:
        given = invented.WOMEN if life.chance(72) else invented.MEN
        name = life.dice.choice(invented.FAMILY) + life.dice.choice(given)
        if name not in taken:
            taken.add(name)
            return name


def _workers(life: Life, organisations: list[Organisation]) -> None:
    """The rest of the workers: invited by their co-op in the first days, members soon after."""
    taken = set(Person.objects.values_list("name", flat=True))
    speakers = {body.pk: next(iter(_speakers(body)), None) for body in organisations}
    for number in range(life.workers - Worker.objects.count()):
        body = organisations[number % len(organisations)]
        speaker = speakers[body.pk]
        if speaker is None:
            continue
        at = life.start + timedelta(hours=4 + number // 8 * 20, minutes=number % 8 * 17)
        further = number < len(invented.FROM_FURTHER)
        name = invented.FROM_FURTHER[number] if further else _name(life, taken)
        person = people.register(f"worker{number + 1}@example.org", name, language="ko", confirmed=True, now=at)
        _invitation, token = members.invite(body, person.email or "", by=speaker, now=at)
        members.accept_invitation(token, by=person, now=at + timedelta(minutes=9))
        _take_jobs(life, person, body, speaker, at + timedelta(minutes=12))
        _join(life, person, _class("worker"), person, at + timedelta(minutes=20))
        life.progress("members and workers", number * 100 // max(1, life.workers))


def _speakers(body: Organisation) -> list[Person]:
    return [work.person for work in body.work.filter(role="representative", until=None).select_related("person").order_by("since")]


def _client(life: Life, number: int, at: datetime) -> None:
    """Someone signs up, describes their home, and books; one in five becomes a member."""
    dice = life.dice
    name = dice.choice(invented.FAMILY) + dice.choice(invented.WOMEN + invented.MEN)
    english = number % 25 == 7
    if english:
        name = dice.choice(("Emma Wilson", "Daniel Park", "Chloé Martin", "Tom Becker", "Grace Lee", "Noah Smith"))
    person = people.register(f"client{number + 1}@example.org", name, language="en" if english else "ko", confirmed=True, now=at)
    district, streets = dice.choice(invented.PLACES)
    bedrooms = dice.choices((0, 1, 2, 3, 4), (8, 22, 38, 26, 6))[0]
    home = actions.add_home(
        person, district=district, address=f"{dice.choice(streets)} {dice.randint(2, 240)}, {dice.randint(1, 15)}0{dice.randint(1, 6)}호",
        bedrooms=bedrooms, bathrooms=2 if bedrooms > 2 and life.chance(70) else 1, directions=dice.choice(invented.DIRECTIONS),
        has_ladder=life.chance(30), has_machine=life.chance(85), now=at,
    )  # fmt: skip
    life.becomes_client(person, home, at)
    if number % 5 == 2:
        _join(life, person, _class("client"), person, at + timedelta(hours=2))


# -- decisions ------------------------------------------------------------------------------------------------------------


def _passed(life: Life, at: datetime) -> None:
    """A worker finds windows underpaid; most agree."""
    rule = rules.get("services.extras")
    live = rule.at(at)
    windows = live.value.get("windows")
    if windows is None:
        return
    old = windows["price"].amount
    step = 500 if law.coop().currency == "KRW" else 50
    new = old + max(step, old // 9 // step * step)
    value = [{**row, "price": {**row["price"], "amount": new}} if row["key"] == "windows" else row for row in live.data]
    title, reason, said = invented.PASSED
    _propose(life, title, reason.format(old=f"{old:,}", new=f"{new:,}"), said, {"rule": rule.key, "value": value}, (78, 14, 8), at)


def _failed(life: Life, at: datetime) -> None:
    """Someone wants a part of the tips for the fund; most do not."""
    title, reason, said = invented.FAILED
    value = {"worker": "90%", "fund": "10%", "upkeep": "0%"}
    _propose(life, title, reason, said, {"rule": "services.tip_split", "value": value}, (27, 64, 9), at)


def _propose(life: Life, title: str, reason: str, said: Sequence[str], change: dict[str, Any], lean: tuple[int, int, int], at: datetime) -> None:
    """A worker proposes to change a rule."""
    voters = [one.person for one in register.voters(at) if one.person is not None]
    author = life.dice.choice([one for one in voters if Worker.objects.filter(person=one).exists()] or voters)
    propose(life, author, "change_rules", title, reason, said, lean, at, changes=[change])


def propose(
    life: Life, author: Person, kind: str, title: str, reason: str, said: Sequence[str], lean: tuple[int, int, int], at: datetime, *,
    changes: Sequence[dict[str, Any]] = (), details: dict[str, Any] | None = None,
) -> None:  # fmt: skip
    """Draft, discuss, and plan the ballots; opening, counting and taking effect fall due by themselves."""
    voters = [one for one in register.voters(at) if one.person is not None]
    proposal = decisions.draft(author, kind, title, reason, list(changes), details=details, now=at)
    proposal = decisions.open_discussion(proposal, author, now=at)
    for number, text in enumerate(said):
        who = life.dice.choice(voters).person
        life.at(life.awake(at + timedelta(hours=3 + 9 * number)), lambda then, who=who, text=text: decisions.comment(proposal, who, text, now=then))
    opens = proposal.opens_at or at
    life.at(opens + timedelta(hours=9), lambda then: _ballots(life, proposal, lean, then))


def _ballots(life: Life, proposal: Proposal, lean: tuple[int, int, int], at: datetime) -> None:
    """About two thirds of the voters vote, each when they find the time."""
    state, closes = Proposal.objects.values_list("state", "closes_at").get(pk=proposal.pk)
    if state == course.DISCUSSION:  # the sweep that opens it has not been yet
        life.at(at + timedelta(hours=3), lambda then: _ballots(life, proposal, lean, then))
    if closes is None:
        return
    left = int((closes - at).total_seconds() // 60) - 120
    for elector in Elector.objects.filter(proposal=proposal).select_related("person").order_by("person__email", "pk"):
        if not life.chance(66) or left < 10:
            continue
        choice = life.dice.choices(("for", "against", "abstain"), lean)[0]
        when = min(life.awake(at + life.minutes(5, left)), closes - timedelta(minutes=5))
        life.at(when, lambda then, one=elector, choice=choice: decisions.cast(proposal, one.person, choice, elector=one.pk, now=then))


def _payouts(life: Life, month: int, at: datetime) -> None:
    """Whoever pays out sends what people earned to their banks."""
    payer = next(iter(register.on_duty(outgoing.PAYOUTS, at)), None)
    unit = law.coop().currency
    for worker in Worker.objects.order_by("since", "pk"):
        owner = f"person:{worker.person_id}"
        if payer is not None and (amount := outgoing.owed(owner, unit)) > 0:
            outgoing.pay_out(owner, amount, unit, by=payer, key=f"demo-{month}:{owner}", now=at)
