"""Bank accounts: the co-op's own, which two people set, and where each person or organisation wants to be paid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from madang.coop import law, ledger, notices
from madang.coop.law.texts import in_language
from madang.coop.members import queries as members
from madang.coop.members.models import Office, OfficeTerm
from madang.coop.members.queries import holding_at
from madang.coop.payments import sealing
from madang.coop.payments.models import BankAccount
from madang.coop.people.models import Person
from madang.kit.errors import Missing, Refused
from madang.rails.bank import accounts as numbers

PAYOUTS = "payouts"
KINDS = ("iban", "kr")
OURS = "our-account"  # the task of whoever may confirm the co-op's account


@dataclass(frozen=True)
class Place:
    """An account in the clear, for the file and for who must see it."""

    kind: str
    holder: str
    bank: str
    number: str

    @property
    def bank_name(self) -> str:
        """The Korean bank's name, or the BIC."""
        return numbers.KR_BANKS.get(self.bank, self.bank)

    @property
    def spaced(self) -> str:
        """The number as people read it aloud: an IBAN in groups of four, a Korean one as it is."""
        return " ".join(self.number[at : at + 4] for at in range(0, len(self.number), 4)) if self.kind == "iban" else self.number


def kind_for(unit: str) -> str:
    """Korean accounts for won, IBANs for everything else."""
    return "kr" if unit == "KRW" else "iban"


def second_people(first: Person, now: datetime) -> tuple[list[Person], bool]:
    """Who may approve what ``first`` made: others who pay out; where there is nobody else, the board (then True). At most 2 queries."""
    others = [one for one in members.on_duty(PAYOUTS, now) if one.pk != first.pk]
    if others:
        return others, False
    terms = OfficeTerm.objects.filter(holding_at(now), office__role=Office.DIRECTOR, person__erased_at=None).exclude(person=first)
    return list({term.person_id: term.person for term in terms.select_related("person").order_by("since", "id")}.values()), True


def require_second(first: Person, by: Any, now: datetime) -> None:
    """Raises ``Refused``: ``four-eyes`` for the same person, ``office`` for one who may not approve."""
    if by.pk == first.pk:
        raise Refused("four-eyes", _("You made this yourself, so somebody else has to approve it. Nothing was changed."))
    if by.pk not in {one.pk for one in second_people(first, now)[0]}:
        raise Refused("office", _("Only whoever pays out, or the board where nobody else does, can approve this. Nothing was changed."))


def require_not_alone(first: Any, now: datetime) -> None:
    """Raises ``Refused("alone")`` when nobody could approve what ``first`` makes: says which office is to be filled."""
    if second_people(first, now)[0]:
        return
    offices = [in_language(one.title) for one in Office.objects.order_by("order", "key") if PAYOUTS in one.does or one.role == Office.DIRECTOR]
    words = _("You are the only one who could sign this, and no money goes out on one signature. Elect somebody else first: %(offices)s. Nothing was sent.")
    raise Refused("alone", words % {"offices": ", ".join(dict.fromkeys(offices))})


def require_payouts(by: Any, now: datetime) -> None:
    """Raises ``Refused("office")`` unless this person has the duty to pay out."""
    if not members.has_duty(by, PAYOUTS, now):
        raise Refused("office", _("Only whoever holds the office that pays out can do this. Nothing was sent."))


def _checked(kind: str, holder: str, bank: str, number: str) -> tuple[str, str, str]:
    """(holder, bank, number) as they are kept. Raises ``Refused`` at the field that is wrong."""
    name = " ".join(holder.split())
    if not 0 < len(name) <= 70:
        raise Refused("holder", _("Please give the name of the account's holder as the bank knows it."), "holder")
    try:
        plain = numbers.iban(number) if kind == "iban" else numbers.kr_account(number)
    except ValueError:
        wrong = _("This IBAN is not right: please check it digit by digit.") if kind == "iban" else _("An account number has 10 to 16 digits. Please check it.")
        raise Refused("number", wrong, "number") from None
    try:
        if kind == "kr":
            if bank not in numbers.KR_BANKS:
                raise ValueError(bank)
            return name, bank, plain
        return name, numbers.bic(bank) if bank.strip() else "", plain
    except ValueError:
        raise Refused("bank", _("Please choose the bank, or check its BIC."), "bank") from None


def _new(owner: str, kind: str, holder: str, bank: str, number: str, by: Person, now: datetime) -> BankAccount:
    name, place, plain = _checked(kind, holder, bank, number)
    return BankAccount(owner=owner, kind=kind, holder=name, bank=place, sealed=sealing.seal(plain.encode()), tail=plain[-4:], by=by, at=now)


@transaction.atomic
def set_account(owner: str, *, holder: str, bank: str, number: str, by: Person, now: datetime) -> BankAccount:
    """Where ``owner`` wants to be paid from now on: oneself, or an organisation one speaks for. The old one ends.

    Raises ``Missing`` for somebody else's, ``Refused`` at the field that is wrong. A batch that was made keeps what it was made with.
    """
    if owner not in owners_of(by, now):
        raise Missing("not yours")
    new = _new(owner, kind_for(law.coop().currency), holder, bank, number, by, now)
    Person.objects.select_for_update().get(pk=by.pk)
    end_account(owner, now=now)
    new.save()
    return new


@transaction.atomic
def set_once(owner: str, *, holder: str, bank: str, number: str, by: Person, now: datetime) -> BankAccount:
    """Whoever pays out says where somebody who has no sign-in here (an heir) is paid, for one payment: ``owner`` is ``claim:<id>``.

    It is wiped once the bank has paid. Raises ``Refused``: ``office``, and at the field that is wrong.
    """
    require_payouts(by, now)
    new = _new(owner, kind_for(law.coop().currency), holder, bank, number, by, now)
    Person.objects.select_for_update().get(pk=by.pk)
    end_account(owner, now=now)
    new.save()
    return new


def end_account(owner: str, *, now: datetime) -> None:
    """Forget where an owner is paid: the number is wiped, that there was one stays."""
    BankAccount.objects.filter(owner=owner, ended_at=None).exclude(owner="").update(ended_at=now, sealed=b"", holder="-", tail="")


def owners_of(person: Person, now: datetime) -> list[str]:
    """Whose account a person may set: their own and of organisations they speak for. One query."""
    from madang.coop.people import queries as people

    return [ledger.owner_of(person), *(ledger.owner_of(one) for one in people.represented_by(person, now))]


def account_of(owner: str) -> BankAccount | None:
    """Where an owner is paid, if they said so. One query."""
    return BankAccount.objects.filter(owner=owner, ended_at=None).exclude(owner="").first()


def place(account: BankAccount) -> Place:
    """An account in the clear. Raises ``Refused("sealed")``."""
    return Place(account.kind, account.holder, account.bank, sealing.unseal(account.sealed).decode())


@transaction.atomic
def propose_ours(*, holder: str, bank: str, number: str, by: Person, now: datetime) -> BankAccount:
    """Whoever pays out names the co-op's account; it counts once a second person confirmed it. Raises ``Refused``."""
    require_payouts(by, now)
    new = _new("", kind_for(law.coop().currency), holder, bank, number, by, now)
    BankAccount.objects.filter(owner="", confirmed_at=None, ended_at=None).update(ended_at=now)
    new.save()
    notices.close_task(OURS, now)
    for person in second_people(by, now)[0]:
        notices.open_task(person, OURS, "payments.account", url=reverse("payments:our_account"), params={"name": by}, now=now)
    return new


@transaction.atomic
def confirm_ours(account_id: Any, *, by: Person, now: datetime) -> BankAccount:
    """A second person says the account is the co-op's; the one before ends. Raises ``Missing``, ``Refused`` (``four-eyes``, ``office``)."""
    found = BankAccount.objects.select_for_update(of=("self",)).select_related("by").filter(pk=account_id, owner="", ended_at=None).first()
    if found is None:
        raise Missing("no such account")
    if found.confirmed_at:
        return found
    require_second(found.by, by, now)
    BankAccount.objects.filter(owner="", ended_at=None, confirmed_at__isnull=False).update(ended_at=now)
    found.confirmed_by, found.confirmed_at = by, now
    found.save(update_fields=["confirmed_by", "confirmed_at"])
    notices.close_task(OURS, now)
    return found


def ours() -> BankAccount | None:
    """The co-op's account, once two people named it. One query."""
    return BankAccount.objects.filter(owner="", ended_at=None, confirmed_at__isnull=False).first()


def proposed() -> BankAccount | None:
    """An account that waits for a second person. One query."""
    return BankAccount.objects.select_related("by").filter(owner="", ended_at=None, confirmed_at=None).first()


def no_account_words() -> str:
    """What to say while the co-op has no account."""
    return _("First name the co-op's bank account and have it confirmed. Nothing was booked.")
