"""The verbs of the way out: a member who stays asks shares back, the board may hold it, whoever pays out pays who is next."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from madang.coop import law, ledger, notices
from madang.coop.capital import moving, queries, rules
from madang.coop.capital import queue as line
from madang.coop.capital.models import Claim, Suspension, Withdrawal
from madang.coop.decisions import emergency
from madang.coop.law.models import Coop
from madang.coop.law.texts import say_citation
from madang.coop.members import asking
from madang.coop.members import queries as members
from madang.coop.members.models import Membership, Office, OfficeTerm
from madang.coop.notices import texts
from madang.coop.payments import accounts, outgoing, rails
from madang.coop.payments import actions as payments
from madang.coop.payments.models import Payout
from madang.coop.people.actions import clean_text
from madang.coop.people.models import Person
from madang.kit.errors import Missing, Refused

REASON_MAX = 2000
TASK = "withdrawals"


def locked(membership_id: UUID) -> Membership:
    """The membership's row, nobody else's to change until we are done: every verb that takes shares away begins here."""
    rows = Membership.objects.select_for_update(of=("self",)).select_related("member_class", "person", "organisation")
    found = rows.filter(pk=membership_id).first()
    if found is None:
        raise Missing("no such membership")
    return found


def theirs(membership: Membership, person: Person, now: datetime) -> bool:
    """Whether it is this person's, or of an organisation they speak for."""
    if membership.person_id:
        return bool(membership.person_id == person.pk)
    return membership.organisation is not None and members.represents(person, membership.organisation, now)


def free(membership: Membership) -> int:
    """How many shares can be used for something: held, and not asked back already. Three SQL queries."""
    return max(0, queries.holding(membership).count - queries.waiting_count(membership))


def may_take(membership: Membership) -> int:
    """How many shares a member who stays can ask back: all but the least their class asks for."""
    return max(0, free(membership) - int(membership.member_class.min_shares))


@transaction.atomic
def ask(membership: Membership, count: int, *, by: Person, key: UUID, now: datetime) -> Withdrawal:
    """Ask ``count`` shares back while staying a member; the same ``key`` twice is one wish. They stay capital until they are paid.

    Raises ``Missing`` for somebody else's, ``Refused``: "not-admitted" (no member now), "law" (it gives members who stay nothing back),
    "count" (more than is free above the least of the class), "key-used".
    """
    one = locked(membership.pk)
    if not theirs(one, by, now):
        raise Missing("not your membership")
    if there := Withdrawal.objects.filter(pk=key).first():
        if (there.membership_id, there.count) != (one.pk, count):
            raise Refused("key-used", _("You asked for something else with this form before. Nothing was changed; please begin again."))
        return there
    emergency.require("capital.withdrawals", now)
    if one.state != "active":
        raise Refused("not-admitted", _("Only a member can ask for shares back here. Nothing was changed."))
    bound = law.profile().bound("withdrawal.as_member", now)
    if not bound.yes():
        words = _("The law gives shares back to those who leave; while you are a member they stay ({citation}).")
        raise Refused("law", words.format(citation=say_citation(bound.citation, get_language() or "en")))
    most = may_take(one)
    if not 0 < count <= most:
        words = _("You can ask for at most {most} shares back: your class asks every member to keep {least}. To take out all, leave.")
        raise Refused("count", words.format(most=most, least=one.member_class.min_shares), "count")
    version, day = rules.notice.at(now), line.today(now)
    made = Withdrawal.objects.create(
        pk=key, membership=one, count=count, asked_at=now, asked_on=day, ready_on=line.today(now + version.value), version_id=version.id
    )
    _ask_who_pays(now)
    return made


def _ask_who_pays(now: datetime) -> None:
    """Whoever pays out has something waiting: once, while it is open."""
    for person in members.on_duty(outgoing.PAYOUTS, now):
        notices.open_task(person, TASK, "capital.withdrawals", url=reverse("capital:claims"), now=now)


@transaction.atomic
def take_back(withdrawal: Withdrawal, *, by: Person, now: datetime) -> Withdrawal:
    """Keep the shares after all: what is not paid yet is asked for no more. Repeating it changes nothing. Raises ``Missing``, ``Refused``."""
    one = locked(withdrawal.membership_id)
    if not theirs(one, by, now):
        raise Missing("not your membership")
    found = Withdrawal.objects.select_for_update().get(pk=withdrawal.pk)
    if found.state == "undone":
        return found
    found.to("undone")
    found.ended_at = now
    found.save()
    _settled(now)
    return found


def stopped(membership: Membership) -> list[Withdrawal]:
    """The open wishes of someone who leaves, oldest first, locked: their places in the queue go on as claims."""
    return list(Withdrawal.objects.select_for_update().filter(membership=membership, state="waiting").order_by("asked_on", "pk"))


@transaction.atomic
def claim_it(claim: Claim, *, by: Person, now: datetime) -> Claim:
    """Whose it is asks for it: from here on it does not lapse. Repeating it changes nothing.

    Raises ``Missing`` for somebody else's, ``Refused``: "too-early", "lapsed".
    """
    found = Claim.objects.select_for_update(of=("self",)).select_related("membership__organisation").filter(pk=claim.pk).first()
    if found is None or not theirs(found.membership, by, now):
        raise Missing("not yours")
    if found.claimed_at or found.paid_at:
        return found
    require_claimable(found, now)
    found.claimed_at = now
    found.save(update_fields=["claimed_at"])
    _ask_who_pays(now)
    return found


def require_claimable(claim: Claim, now: datetime) -> None:
    """Raise ``Refused`` before its day ("too-early") and once it is gone ("lapsed")."""
    day = line.today(now)
    if day < claim.due_on:
        raise Refused("too-early", _("This can be paid back from %(day)s on. Nothing was sent.") % {"day": claim.due_on.isoformat()})
    if claim.lapsed_at is not None or line.gone(claim, day):
        raise Refused("lapsed", _("This claim lapsed on %(day)s. Nothing was sent.") % {"day": (claim.lapses_on or day).isoformat()})


@transaction.atomic
def pay(item: Claim | Withdrawal, *, by: Person, now: datetime) -> Payout:
    """Pay out what may go out to this place of the queue today: all of it, or what the year's cap leaves. For the duty "payouts".

    Real money leaves on two people's word: it waits for the bank's next batch, or for whoever approves it (``payments.pay_out``).
    One at a time for the whole co-op, so that two of them do not use the same rest of the cap. Raises ``Refused``: "office", "too-early", "lapsed",
    "resolution", "suspended", "debts", "cap".
    """
    _one_at_a_time()
    membership = locked(item.membership_id)
    if isinstance(item, Claim):
        claim = Claim.objects.select_for_update(of=("self",)).select_related("account", "payout").get(pk=item.pk)
        if claim.payout is not None:
            return claim.payout
        require_claimable(claim, now)
        _require_payouts(by, now)
        amount, _place = _now(claim, now)
        if amount < claim.amount:
            _cut(claim, amount)
        return _send(claim, by, now)
    wish = Withdrawal.objects.select_for_update().get(pk=item.pk)
    _require_payouts(by, now)
    if wish.state != "waiting":
        raise Refused("not-waiting", _("Nothing is waiting here any more. Nothing was sent."))
    amount, place = _now(wish, now)
    return _send(_drawn(wish, membership, amount, place, now), by, now)


@transaction.atomic
def pay_next(*, by: Person, limit: int = 100, now: datetime) -> list[Payout]:
    """Pay out all that may go out today, first asked, first paid, at most ``limit`` places of the queue at once: it is worked out once for all of them.

    A place that cannot be paid (it is not known where, a debt) keeps its place, and the next one is paid; what it was is not spent on others.
    Raises ``Refused("office")``.
    """
    _require_payouts(by, now)
    _one_at_a_time()
    made: list[Payout] = []
    for place in [one for one in line.queue(now).places if one.now]:
        if len(made) == limit:
            break
        try:
            with transaction.atomic():
                made.append(_paid(place, by, now))
        except Refused:
            continue  # it says why when it is paid on its own
    return made


def _paid(place: line.Place, by: Person, now: datetime) -> Payout:
    """Pay what a place of a queue that is locked may have now."""
    membership = locked(place.item.membership_id)
    if isinstance(place.item, Claim):
        claim = Claim.objects.select_for_update(of=("self",)).select_related("account", "payout", "membership").get(pk=place.item.pk)
        require_claimable(claim, now)
        if place.now < claim.amount:
            _cut(claim, place.now)
        return _send(claim, by, now)
    wish = Withdrawal.objects.select_for_update().get(pk=place.item.pk)
    return _send(_drawn(wish, membership, place.now, place, now), by, now)


def _require_payouts(by: Person, now: datetime) -> None:
    if not members.has_duty(by, outgoing.PAYOUTS, now):
        raise Refused("office", _("Only whoever holds the office that pays out can do this. Nothing was sent."))


def _one_at_a_time() -> None:
    """Only one at a time pays out or holds, in the whole co-op."""
    Coop.objects.select_for_update().only("pk").get(pk=law.coop().pk)


def _now(item: Claim | Withdrawal, now: datetime) -> tuple[int, line.Place]:
    """What may go out today to this place. Raises ``Refused`` with what holds it."""
    found = next((one for one in line.queue(now).places if one.key == line.key_of(item)), None)
    if found is None:
        raise Refused("not-waiting", _("Nothing is waiting here any more. Nothing was sent."))
    if not found.now:
        raise Refused(found.why, _held(found))
    return found.now, found


def _held(place: line.Place) -> str:
    return {
        "notice": _("The notice runs until {day}. Nothing was sent."),
        "year": _("This can be paid back from {day} on. Nothing was sent."),
        "resolution": _("The members have to decide first that it is paid back. Nothing was sent."),
        "suspended": _("The board has suspended paying back. Nothing was sent."),
        "debts": _("They still owe the co-op something. Nothing was sent."),
        "cap": _("What may leave this year is used up. Nothing was sent."),
    }[place.why].format(day=place.ready.isoformat())


def _cut(claim: Claim, amount: int) -> None:
    """One claim becomes two with the same place and dates: ``amount``, which is paid now, and the rest."""
    rest = claim.amount - amount
    claim.amount, claim.par = amount, None
    claim.save(update_fields=["amount", "par"])
    Claim.objects.create(
        membership=claim.membership, origin=claim.origin, account=claim.account, amount=rest, unit=claim.unit, made_at=claim.made_at, asked_on=claim.asked_on,
        due_on=claim.due_on, lapses_on=claim.lapses_on, citation=claim.citation, resolution_id=claim.resolution_id, claimed_at=claim.claimed_at,
    )  # fmt: skip


def _drawn(wish: Withdrawal, membership: Membership, amount: int, place: line.Place, now: datetime) -> Claim:
    """Whole shares of one who stays become a claim, to be paid at once."""
    held = queries.holding(membership)
    count = min(wish.left, line.whole_shares(held, amount, membership.member_class.share_price))
    if not count:
        raise Refused("cap", _("What may leave this year is less than one share. Nothing was sent."))
    owner, account = ledger.owner_of(membership), moving.place("claims", membership, held.unit)
    moves = moving.out(membership, held, count, account, "shares-drawn")
    worth = moving.value(held, count, membership.member_class.share_price)
    ledger.post("withdrawal", moves, key=f"withdrawal:{wish.pk}:{wish.paid_count}", subject=owner, now=now)
    wish.paid_count += count
    if wish.paid_count == wish.count:
        wish.to("paid")
        wish.ended_at = now
    wish.save()
    day = line.today(now)
    return Claim.objects.create(
        membership=membership, origin="stay", account=account, amount=worth, unit=held.unit, made_at=now, asked_on=place.asked_on, due_on=day, claimed_at=now
    )


def _send(claim: Claim, by: Person, now: datetime) -> Payout:
    before = Payout.objects.filter(source=claim.account, state="failed").count()
    key = f"claim:{claim.pk}" + (f":{before}" if before else "")
    whose = claim.membership.holder_key if claim.origin != "death" else heirs_place(claim)
    payout = payments.pay_out(claim.account.owner, claim.amount, claim.unit, by=by, key=key, kind="share-refund", source="claims", now=now, whose=whose)
    claim.payout, claim.paid_at = payout, now
    claim.save(update_fields=["payout", "paid_at"])
    for person in asking.people_of(claim.membership, now):
        params = {"amount": texts.money(claim.amount, claim.unit)}
        told = "capital.paid_back" if payout.next_at else "capital.paid_soon"
        notices.tell(person, told, url=reverse("capital:shares"), params=params, now=now)
    _settled(now)
    return payout


def heirs_place(claim: Claim) -> str:
    """Whose account a claim after a death is paid to: one that was given for it. Raises ``Refused("heirs")`` where money is real and none was."""
    whose = f"claim:{claim.pk}"
    if not rails.pretends() and accounts.account_of(whose) is None:
        raise Refused("heirs", _("First say where those who are entitled to it are to be paid. Nothing was sent."))
    return whose


def came_back(payout: Payout, *, now: datetime) -> None:
    """The bank did not take it, or its batch was cancelled: the claim stands again, and whoever pays out is asked once more."""
    if Claim.objects.filter(payout=payout).update(payout=None, paid_at=None):
        _ask_who_pays(now)


def _settled(now: datetime) -> None:
    """When nobody waits any more, nobody is asked to pay."""
    if not _somebody_asks():
        notices.close_task(TASK, now)


def _somebody_asks() -> bool:
    """Whether anyone asked for shares and is not paid. At most two SQL queries."""
    asked = Claim.objects.filter(paid_at=None, lapsed_at=None, amount__gt=0, claimed_at__isnull=False)
    return Withdrawal.objects.filter(state="waiting").exists() or asked.exists()


def may_suspend(person: Person, now: datetime) -> bool:
    """Whether this person sits on the board, and the law lets the board hold paying back. Two SQL queries."""
    if law.profile().bound("withdrawal.suspended_by", now).value == "debts":
        return False
    return OfficeTerm.objects.filter(members.holding_at(now), person=person, office__role=Office.DIRECTOR).exists()


def _require_board(person: Person, now: datetime) -> None:
    bound = law.profile().bound("withdrawal.suspended_by", now)
    if bound.value == "debts":
        words = _("The law lets the co-op hold back only what is owed to someone who owes it something ({citation}).")
        raise Refused("law", words.format(citation=say_citation(bound.citation, get_language() or "en")))
    if not may_suspend(person, now):
        raise Refused("office", _("Only a director can do this, for the board. Nothing was changed."))


@transaction.atomic
def suspend(reason: str, *, by: Person, now: datetime) -> Suspension:
    """The board holds all paying back until it says otherwise; everyone who waits, and the rest of the board, reads why. Twice is once.

    Raises ``Refused``: "law" (Korea: only for debts), "office", "reason".
    """
    _require_board(by, now)
    _one_at_a_time()
    if there := line.suspension():
        return there
    words = clean_text(reason, REASON_MAX * 2, "reason")
    if not words or len(words) > REASON_MAX:
        raise Refused("reason", _("Say why, in at most {n} characters: everyone who waits reads it.").format(n=REASON_MAX), "reason")
    made = Suspension.objects.create(since=now, reason=words, by=by)
    _tell_all("capital.suspended", {"reason": words}, by, now)
    return made


@transaction.atomic
def resume(*, by: Person, now: datetime) -> None:
    """Paying back goes on, in the old order. Twice is once. Raises ``Refused("office")``."""
    _require_board(by, now)
    found = Suspension.objects.select_for_update().filter(running=True).first()
    if found is None:
        return
    found.running, found.until, found.ended_by = False, now, by
    found.save()
    _tell_all("capital.resumed", {}, by, now)


def _tell_all(message: str, params: dict[str, str], by: Person, now: datetime) -> None:
    """Everyone who waits, the board, and whoever pays out."""
    terms = OfficeTerm.objects.filter(members.holding_at(now), office__role=Office.DIRECTOR, person__erased_at=None).select_related("person")
    people = {term.person_id: term.person for term in terms} | {one.pk: one for one in members.on_duty(outgoing.PAYOUTS, now)}
    for place in line.named(line.queue(now).places):
        people |= {one.pk: one for one in asking.people_of(place.membership, now)}
    people.pop(by.pk, None)
    notices.tell_all(list(people.values()), message, url=reverse("capital:shares"), params=params, now=now)


def seated(term: OfficeTerm, *, now: datetime) -> None:
    """Whoever begins to pay out finds who waits."""
    if outgoing.PAYOUTS in term.office.does and _somebody_asks():
        notices.open_task(term.person, TASK, "capital.withdrawals", url=reverse("capital:claims"), now=now)


def unseated(term: OfficeTerm, *, now: datetime) -> None:
    """Who pays out no more is not asked to."""
    if outgoing.PAYOUTS in term.office.does and not members.has_duty(term.person, outgoing.PAYOUTS, now):
        notices.close_tasks(term.person, ["capital.withdrawals"], now)
