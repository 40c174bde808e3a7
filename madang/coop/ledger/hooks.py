"""What the ledger adds to the house."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext as now_in_words
from django.utils.translation import gettext_lazy as _

from madang.coop.ledger import checks as must_hold
from madang.coop.ledger import explain, pendings
from madang.coop.ledger.books import checks as books
from madang.coop.ledger.books import export
from madang.coop.ledger.books.chart import OTHERS, OWN, AccountKind, Side
from madang.coop.ledger.flows import Flow
from madang.coop.ledger.inspection import actions as inspections
from madang.coop.ledger.inspection import queries as inspected
from madang.coop.ledger.models import Examiner, Inspection, Transfer
from madang.coop.ledger.owners import owner_of
from madang.coop.ledger.queries import balances
from madang.coop.people.models import Person
from madang.kit.errors import Refused
from madang.kit.house import Check, Command, DueWork, Duty, Message, NavItem, Personal
from madang.kit.money import format_amount

append_only = [
    "ledger_account", "ledger_entry", "ledger_transfer", "ledger_pendingpost", "ledger_carried", "ledger_closing", "ledger_inspectionlook",
]  # fmt: skip

kept_sums = ["ledger_balance", "ledger_period", "ledger_dayflow", "ledger_party"]

checks = [
    Check("balances equal sums", must_hold.balances_equal_sums),
    Check("units sum to zero", must_hold.units_sum_to_zero),
    Check("holds match", must_hold.holds_match),
    Check("days equal sums", must_hold.days_equal_sums),
    Check("periods equal sums", must_hold.periods_equal_sums),
    Check("pendings match", must_hold.pendings_match),
    Check("reversals mirror", must_hold.reversals_mirror),
    Check("transfers are as recorded", must_hold.transfers_are_as_recorded),
    Check("the statements agree with the books", books.statements_agree),
]

due = [
    DueWork("ledger: promises that expire", pendings.expired, pendings.expire),
    DueWork("ledger: inspections whose time is over", inspections.due, inspections.fall_due),
]

seated = [inspections.seated]

unseated = [inspections.unseated]

messages = [
    Message("ledger.inspection", _("Answer who asks to inspect the books"), _("Open what was asked for, or refuse on a ground the law knows.")),
    Message("ledger.inspection_opened", _("What you asked to inspect is open"), _("You can look and take copies until {until}.")),
    Message("ledger.inspection_refused", _("Your request to inspect was refused"), _("The ground and the words of who answered stand there.")),
    Message("ledger.inspection_overdue", _("Your request was not answered in time"), _("It now lies with the directors and auditors as well.")),
    Message(
        "ledger.inspection_told", _("Books with names in them were opened to somebody"),
        _("Somebody asked for it under the law. You can see who, what for how long, and each look and copy, until {until} and after."),
    ),
    Message("ledger.examiner", _("You are examiner of the books"), _("The members let you see the whole book, with names, until {until}.")),
]  # fmt: skip

navigation = [
    NavItem(_("Treasury"), "ledger:treasury", 50, "all"),
    NavItem(_("My statement"), "ledger:statement", 30, "member"),
]

duties = [
    Duty(explain.BOOKS, _("sees every line of the books"), needed=False),
    Duty(inspected.ANSWERS, _("answers who asks to inspect the books"), needed=False),
]

account_kinds = [
    AccountKind("exchange", 120, Side.ASSETS, _("Money changed into another currency")),
    AccountKind("finer", 265, Side.LIABILITIES, _("Kept in parts of a coin")),
    AccountKind("carried", 260, Side.LIABILITIES, _("Left-over units, carried to the next settlement")),
    AccountKind("hold", 210, Side.LIABILITIES, _("Held until the work is done")),
    AccountKind("payable", 220, Side.LIABILITIES, _("Earnings to be paid out")),
    AccountKind("fund", 250, Side.LIABILITIES, _("Common funds of member organisations"), OTHERS),
    AccountKind("fund", 350, Side.EQUITY, _("Common funds of the co-op"), OWN),
    AccountKind("upkeep", 410, Side.INCOME, _("Upkeep income"), OWN),
    AccountKind("goodwill", 520, Side.EXPENSES, _("Amends to clients"), OWN),
]

commands = [Command("books", "Write the whole journal for hledger, ledger, beancount or a spreadsheet.", export.add_arguments, export.run)]

money_flows = [
    Flow("release", _("work done: the price is shared out"), 6, _("The work is done, so the money that was kept is shared out.")),
    Flow("hold", _("kept until the work is done"), 5, _("Money that was paid is kept until the work is done.")),
    Flow("refund", _("back to who paid"), 80),
    Flow("finer", _("coins and parts of coins"), 84, _("The same money, counted in coins on one side and in millionths of the currency on the other.")),
    Flow("exchange", _("changed into another currency"), 85, _("Money was changed at the rate that stands in the line.")),
]


def _export(person: Person) -> list[dict[str, Any]]:
    """Every line of a person's own accounts, and those they paid for; amounts in the smallest unit, plus is theirs."""
    mine = owner_of(person)
    rows = Transfer.objects.filter(Q(debit__owner=mine) | Q(credit__owner=mine) | Q(entry__payer=mine)).select_related("debit", "credit").order_by("at", "pk")
    return [
        {
            "kind": row.kind, "at": row.at, "amount": row.amount, "unit": row.unit, "note": row.note,
            "from": "me" if row.debit.owner == mine else row.debit.kind, "to": "me" if row.credit.owner == mine else row.credit.kind,
        }
        for row in rows.iterator(chunk_size=2_000)
    ]  # fmt: skip


def _inspected(person: Person) -> list[dict[str, Any]]:
    """What a person asked to inspect with each look, what they answered, and when they were examiner."""
    asked = [
        {
            "kind": "asked", "things": one.things, "law": one.law, "reason": one.reason, "proof": one.proof, "state": one.state, "asked_at": one.asked_at,
            "answered_at": one.answered_at, "until": one.until, "ground": one.ground, "words": one.words,
            "looks": [{"thing": look.thing, "part": look.part, "copied": look.copied, "at": look.at} for look in one.looks.order_by("at")],
        }
        for one in Inspection.objects.filter(person=person).prefetch_related("looks").order_by("asked_at")
    ]  # fmt: skip
    answered = Inspection.objects.filter(answered_by=person).order_by("answered_at")
    asked += [{"kind": "answered", "state": one.state, "answered_at": one.answered_at, "ground": one.ground, "words": one.words} for one in answered]
    return asked + [{"kind": "examiner", "since": one.since, "until": one.until} for one in Examiner.objects.filter(person=person).order_by("since")]


def _erase(person: Person, *, now: datetime) -> None:
    """The books keep amounts under a number; whose number it was is known to the person's own row only, and goes with its name.

    Raises ``Refused("money-left")`` while the co-op owes them something: nobody could be paid any more.
    """
    left = [(account, amount) for account, amount in balances(owner_of(person), "payable") if amount > 0]
    if left:
        account, amount = left[0]
        shown = format_amount(amount, account.unit, get_language() or "en")
        words = now_in_words("There is still %(amount)s for you here. Ask the office that pays out to send it; then you can be erased.")
        raise Refused("money-left", words % {"amount": shown})


personal = [
    Personal(
        "ledger", _export, _erase,
        _("the books, and their lines in the record, ten years, as tax law asks; without your name once your data is erased"),
        ("ledger.Account", "ledger.Entry", "ledger.Hold", "ledger.Pending", "ledger.Carried", "ledger.Party"),
    ),
    Personal(
        "inspections", _inspected, inspections.erase,
        _("that somebody asked to inspect the books, and each look, as long as the books; without your name and your words once your data is erased"),
        ("ledger.Inspection", "ledger.InspectionLook", "ledger.Examiner"),
    ),
]  # fmt: skip
