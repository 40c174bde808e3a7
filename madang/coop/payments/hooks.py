"""What payments adds to the house."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as now_in_words
from django.utils.translation import gettext_lazy as _

from madang.coop.ledger import owner_of
from madang.coop.ledger.books.chart import OWN, AccountKind, Side
from madang.coop.ledger.flows import Flow, Subject
from madang.coop.ledger.queries import balances
from madang.coop.payments import (
    accounts,
    actions,
    authorising,
    debts,
    disputes,
    outgoing,
    payees,
    questions,
    rails,
    reconcile_command,
    reconciling,
    resolving,
    sandbox,
    statements,
)  # fmt: skip
from madang.coop.payments.models import (
    BankAccount,
    BankLine,
    BankStatement,
    Batch,
    BatchCopy,
    CashCount,
    Charge,
    Dispute,
    Draw,
    Payee,
    Payout,
    Refund,
    Resolution,
    SandboxEvent,
)  # fmt: skip
from madang.coop.people.models import Person
from madang.kit.errors import Refused
from madang.kit.house import Check, Command, DueWork, Duty, Message, NavItem, Personal, Stop


def _sandbox_post(now: datetime, limit: int) -> list[str]:
    if not rails.pretends():
        return []
    return list(SandboxEvent.objects.filter(delivered_at=None, deliver_at__lte=now).order_by("deliver_at").values_list("event_id", flat=True)[:limit])


def _bring(key: str, *, now: datetime) -> None:
    sandbox.deliver(now, only=key)


due = [
    DueWork("payments: what the pretend bank sends", _sandbox_post, _bring),
    DueWork("payments: stored web hooks", actions.find_messages, actions.act_on),
    DueWork("payments: charges nobody heard of", actions.find_quiet, actions.look_after),
    DueWork("payments: money on its way out", outgoing.find_open, outgoing.tell_again),
    DueWork("payments: what the rails are still to be asked", questions.find, questions.again),
    DueWork("payments: answers to disputes", disputes.find_wishes, disputes.tell_again),
    DueWork("payments: debts taken from earnings", debts.find_owed, debts.collect),
    DueWork("payments: words of disputes no longer needed", disputes.find_old_words, disputes.forget),
    DueWork("payments: services held against the books", reconciling.find, reconciling.look_after),
    DueWork("payments: words of the bank no longer needed", statements.forget_words, statements.forget),
]

messages = [
    Message("payments.refunded", _("{amount} is on its way back to you"), _("It should be on your account in a few days.")),
    Message("payments.late", _("Your payment came too late: {amount} goes back to you"), _("What you paid for was no longer open. You need not do anything.")),
    Message(
        "payments.account",
        _("The co-op's bank account waits for a second pair of eyes"),
        _("{name} named it. Compare it with the bank's own letter, then confirm it."),
        urgent=True,
    ),
    Message(
        "payments.batch",
        _("Payouts of {amount} wait for a second pair of eyes"),
        _("{name} made them. Look through them, then approve or cancel."),
        urgent=True,
    ),
    Message(
        "payments.batch_copy",
        _("The file of a batch of {amount} is wanted once more"),
        _("{name} says why. Ask the bank first whether it has taken it in: given twice, everybody is paid twice."),
        urgent=True,
    ),
    Message(
        "payments.by_hand",
        _("A refund of {amount} is to be sent by hand and waits for a second pair of eyes"),
        _("{name} wants to send it. Look at whom it goes to and why, then approve."),
        urgent=True,
    ),
    Message("payments.came_back", _("{amount} could not be paid to your account"), _("Please check the account you gave. The money stands to your credit.")),
    Message(
        "payments.refund_failed",
        _("A refund of {amount} could not be sent"),
        _("The payment service would not send it. Please look at it and settle it by hand."),
        urgent=True,
    ),
    Message(
        "payments.dispute",
        _("A payer's bank has taken back {amount}"),
        _("Say what was done, with whatever shows it. Without an answer by the day named here the money is lost."),
        urgent=True,
    ),
    Message(
        "payments.dispute_payer",
        _("Your bank took back your payment of {amount}"),
        _("If you did not ask it to, please tell your bank. The co-op answers it; what you paid for is not changed by this."),
    ),
    Message("payments.dispute_won", _("{amount} that a payer's bank took is the co-op's again"), _("The bank decided for the co-op.")),
    Message("payments.dispute_lost", _("{amount} that a payer's bank took is lost"), _("The page says whose loss it is, and why.")),
    Message(
        "payments.debt",
        _("You owe the co-op {amount}"),
        _("A payment for your work was taken back by the payer's bank. Nothing is asked of you: it comes out of what you earn next, before it is paid out."),
    ),
    Message("payments.payee_ready", _("The payment service can pay you now"), _("It knows all that it needs.")),
    Message("payments.payee_stopped", _("The payment service cannot pay you any more"), _("It wants to know something. Please go there once more.")),
    Message(
        resolving.MESSAGE,
        _("{rail} and the books do not agree"),
        _("Each difference is named there. Please settle it: book what was forgotten, or say why the books are right."),
        urgent=True,
    ),
]

navigation = [
    NavItem(_("Payouts"), "payments:out", order=80, audience=f"duty:{outgoing.PAYOUTS}"),
    NavItem(_("Bank"), "payments:bank", order=81, audience=f"duty:{outgoing.PAYOUTS}"),
    NavItem(_("Where you are paid"), "payments:account", order=67, audience="member"),
]

stops = [Stop("payments.payouts", _("Money going out to people")), Stop(authorising.STOP, _("Crediting what was decided to be spent"))]
duties = [Duty(outgoing.PAYOUTS, _("sends out what people earned, and the shares of those who left"))]

seated = [outgoing.seated, disputes.seated, resolving.seated]
unseated = [outgoing.unseated, disputes.unseated, resolving.unseated]

append_only = [
    "payments_railitem", "payments_reconciliation", "payments_difference", "payments_resolution", "payments_cashcount",
]  # fmt: skip

commands = [
    Command("reconcile", "Hold what each payment service says against the books, now.", reconcile_command.add_arguments, reconcile_command.run),
]

checks = [
    Check("payments: every report's differences add up", resolving.unproved),
    Check("payments: services hold what the books say", resolving.unsettled),
]

account_kinds = [
    AccountKind("clearing", 110, Side.ASSETS, _("Money at payment services")),
    AccountKind("disputed", 130, Side.ASSETS, _("Payments taken back, not decided yet")),
    AccountKind("debt", 140, Side.ASSETS, _("Owed by those who were paid")),
    AccountKind("refunds", 230, Side.LIABILITIES, _("Refunds to be sent")),
    AccountKind("suspense", 290, Side.LIABILITIES, _("Money nobody can name yet"), OWN),
    AccountKind("card-costs", 510, Side.EXPENSES, _("Card costs"), OWN),
    AccountKind("other-income", 440, Side.INCOME, _("Other income"), OWN, running=True),
    AccountKind("wages", 540, Side.EXPENSES, _("Wages and social insurance"), OWN, running=True),
    AccountKind("rent", 541, Side.EXPENSES, _("Rent and rooms"), OWN, running=True),
    AccountKind("purchases", 542, Side.EXPENSES, _("Goods and services"), OWN, running=True),
    AccountKind("bank-fees", 543, Side.EXPENSES, _("Bank fees"), OWN, running=True),
    AccountKind("other-costs", 549, Side.EXPENSES, _("Other running costs"), OWN, running=True),
    AccountKind("dispute-losses", 530, Side.EXPENSES, _("Payments lost to disputes"), OWN),
]

money_flows = [
    Subject("spending", authorising.about),
    Flow(
        authorising.KIND, _("spending the members decided"), 71,
        _("The members decided to spend this: the decision says how much at most and until when. Whoever pays out put it to this credit."),
    ),
    Flow("charge", _("a payment came in"), 4, _("Somebody paid.")),
    Flow("card-cost", _("card costs"), 70, _("What the payment service keeps of each payment. It is borne by upkeep.")),
    Flow("spend", _("running costs"), 72, _("What the co-op itself spends: wages, rent, goods, fees. Whoever pays out booked it from the bank's statement.")),
    Flow("own-income", _("other income of the co-op"), 73, _("What came in at the bank and is no payment for anything here: interest, a grant.")),
    Flow("spend-moved", _("a cost under another heading"), 74, _("It was booked under the wrong heading before.")),
    Flow("refund-sent", _("sent back to who paid"), 82, _("Money that was put aside to go back was sent.")),
    Flow("overpaid", _("paid too much, goes back"), 83, _("More came than was asked for. The rest goes back.")),
    Flow(
        "reconciled", _("found when services were held against the books"), 89,
        _("The service holds another amount than was booked. A person looked at it and booked this."),
    ),
    Flow("to-bank", _("sent on to the co-op's bank"), 85, _("The payment service sent this to the co-op's own bank account.")),
    Flow("to-bank-returned", _("the co-op's bank sent it back"), 85, _("What the payment service had sent to the co-op's bank account came back to it.")),
    Flow("late-money", _("paid too late, goes back"), 84, _("What it was for was no longer open when the payment came.")),
    Flow("payout", _("paid out"), 90, _("The co-op sent this to the bank account.")),
    Flow(
        "dispute-taken",
        _("taken back by the payer's bank"),
        71,
        _("The payer told their bank that this payment was not right. The bank took it back until it decides."),
    ),
    Flow("dispute-given-back", _("given back by the payer's bank"), 72, _("The payer's bank decided for the co-op.")),
    Flow("dispute-fee", _("cost of a dispute"), 73, _("What the payment service asks for a dispute, whoever is right. It is borne by upkeep.")),
    Flow("dispute-fee-back", _("cost of a dispute, given back"), 74, _("The payment service gives back what it asked for the dispute.")),
    Flow("dispute-refund", _("was to go back to the payer, taken by their bank"), 75, _("This was put aside for the payer. Their bank has taken it already.")),
    Flow(
        "dispute-borne",
        _("lost dispute, borne by who was paid"),
        76,
        _("The payer's bank took the payment back for good. The members decided what share of it those bear who were paid."),
    ),
    Flow(
        "dispute-lost",
        _("lost dispute, borne by the co-op"),
        77,
        _("The payer's bank took the payment back for good. What nobody else bears is the co-op's loss."),
    ),
    Flow("debt-repaid", _("taken for what was owed"), 86, _("What is owed to the co-op is taken from earnings before they are paid out.")),
    Flow("debt-forgiven", _("debt given up"), 87, _("Whoever pays out gave up what was owed.")),
    Flow("recalled", _("called back from a payout"), 88, _("Part of a payout was called back for what was owed to the co-op.")),
    Flow("refund-returned", _("the refund came back"), 89, _("The payer's bank would not take the refund, so it is put aside again.")),
    Flow("payout-returned", _("the bank returned it"), 91, _("The bank did not take the payout, so it stands here again.")),
]


def _export(person: Person) -> list[dict[str, Any]]:
    """Every payment a person was asked for, every one that was sent to them, and those they sent to others in an office."""
    sent = Payout.objects.filter(Q(owner=owner_of(person)) | Q(by=person) | Q(approved_by=person)).order_by("created_at")
    payouts = [
        {
            "kind": "payout" if one.owner == owner_of(person) else "payout you ordered or approved", "amount": one.amount, "unit": one.unit, "state": one.state,
            "created_at": one.created_at,
        }
        for one in sent
    ]  # fmt: skip
    return _accounts(person) + payouts + [
        {
            "kind": "charge", "purpose": one.purpose, "amount": one.amount, "unit": one.unit, "state": one.state,
            "created_at": one.created_at, "settled_at": one.settled_at, "refunded": sum(back.amount for back in one.refunds.all()),
        }
        for one in Charge.objects.filter(payer=person).prefetch_related("refunds")
    ]  # fmt: skip


def _number(account: BankAccount) -> str:
    """The number, or its last four digits where this installation can no longer read it."""
    try:
        return accounts.place(account).number
    except Refused:
        return account.tail


def _accounts(person: Person) -> list[dict[str, Any]]:
    """Where a person wanted to be paid; what the bank wrote of their transfers; what they did in the office that pays out."""
    kept = [
        {"kind": "where you are paid", "holder": one.holder, "number": _number(one), "bank": one.bank, "since": one.at}
        for one in BankAccount.objects.filter(owner=owner_of(person), ended_at=None)
    ]
    ended = BankAccount.objects.filter(owner=owner_of(person)).exclude(ended_at=None)
    kept += [{"kind": "where you were paid", "since": one.at, "until": one.ended_at} for one in ended]
    kept += [
        {"kind": "bank line", "booked": one.booked, "amount": one.amount, "unit": one.unit, "name": one.name, "reference": one.reference, "text": one.text}
        for one in BankLine.objects.filter(Q(charge__payer=person) | Q(payout__owner=owner_of(person)))
    ]
    kept += [
        {"kind": "batch of payouts you made or approved", "amount": one.total, "unit": one.unit, "state": one.state, "made_at": one.made_at}
        for one in Batch.objects.filter(Q(made_by=person) | Q(approved_by=person) | Q(taken_by=person))
    ]
    kept += [
        {"kind": "copy of a batch's file you asked for, allowed or took", "why": one.why if one.asked_by_id == person.pk else "", "at": one.asked_at}
        for one in BatchCopy.objects.filter(Q(asked_by=person) | Q(allowed_by=person) | Q(taken_by=person))
    ]
    kept += [
        {"kind": "known to the payment service", "as": one.ref, "ready": one.ready, "since": one.made_at, "until": one.ended_at}
        for one in Payee.objects.filter(Q(owner=owner_of(person)) | Q(by=person))
    ]
    kept += [
        {"kind": "dispute", "amount": one.amount, "unit": one.unit, "state": one.state, "opened_at": one.opened_at, "words": one.words}
        for one in Dispute.objects.filter(Q(charge__payer=person) | Q(by=person))
    ]
    read = BankStatement.objects.filter(by=person)
    kept += [{"kind": "refund you sent by hand", "amount": one.amount, "unit": one.unit, "at": one.done_at} for one in Refund.objects.filter(by=person)]
    kept += [
        {"kind": "refund by hand you asked for or approved", "amount": one.amount, "unit": one.unit, "at": one.created_at}
        for one in Refund.objects.filter(Q(asked_by=person) | Q(approved_by=person))
    ]
    kept += [
        {"kind": "decided spending put to your credit" if one.owner == owner_of(person) else "decided spending you booked", "amount": one.amount,
         "what": one.authorised.title, "at": one.at}
        for one in Draw.objects.filter(Q(owner=owner_of(person)) | Q(by=person)).select_related("authorised")
    ]  # fmt: skip
    kept += [{"kind": "difference you settled", "how": one.how, "words": one.words, "at": one.at} for one in Resolution.objects.filter(by=person)]
    kept += [{"kind": "cash you counted", "amount": one.amount, "unit": one.unit, "at": one.at} for one in CashCount.objects.filter(by=person)]
    return kept + [{"kind": "bank statement you read", "since": one.since, "until": one.until, "at": one.at} for one in read]


def _erase(person: Person, *, now: datetime) -> None:
    """The books keep amounts and dates as long as tax law asks; the name stands at the person only, and goes with it.

    Raises ``Refused``: ``payout-open`` while money is on its way to their bank (it may come back, and would be nobody's); ``debt-open`` while they
    owe the co-op something; ``dispute-open`` while their bank decides about a payment of theirs.
    """
    mine = [owner_of(person), *(owner_of(one) for one in person.memberships.all())]
    if Payout.objects.filter(owner__in=mine, state="created").exists():
        raise Refused("payout-open", now_in_words("Money is on its way to your bank. Once it is there you can be erased."))
    if any(account.kind == "debt" and amount < 0 for account, amount in balances(owner_of(person), "debt")):
        raise Refused("debt-open", now_in_words("You owe the co-op something. Ask the office that pays out to settle it with you; then you can be erased."))
    if Dispute.objects.filter(charge__payer=person, ended_at=None).exists():
        raise Refused("dispute-open", now_in_words("Your bank is still deciding about a payment of yours. Once it has, you can be erased."))
    Dispute.objects.filter(charge__payer=person).update(words="", sealed=None, file_name="", file_type="")
    payees.erase(person.pk, now=now)
    accounts.end_account(owner_of(person), now=now)
    BankLine.objects.filter(Q(charge__payer=person) | Q(payout__owner=owner_of(person))).update(name="", reference="", text="")
    Payout.objects.filter(Q(owner=owner_of(person)) | Q(whose=owner_of(person))).update(name="", to="")


personal: Sequence[Personal] = [
    Personal(
        "payments", _export, _erase,
        _("amounts and dates ten years, as tax law asks, without your name once your data is erased; your account number until you change it"),
        (
            "payments.Charge", "payments.Payout", "payments.BankAccount", "payments.Batch", "payments.BatchCopy", "payments.BankStatement", "payments.BankLine",
            "payments.Dispute", "payments.Payee", "payments.Refund",
            "payments.Resolution", "payments.CashCount", "payments.Draw",
        ),
    )
]  # fmt: skip

from madang.coop.payments import budget_kind, spend_kind  # noqa: E402, F401  (kinds of decision: they register themselves)
