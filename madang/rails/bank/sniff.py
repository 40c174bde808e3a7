"""Which format is this file? Told from what stands in it, never from its name."""

from __future__ import annotations

from types import ModuleType

from madang.rails.bank import BadFile, Statement, camt053, check_size, krcsv, mt940, ofx
from madang.rails.bank.accounts import compact

READERS: tuple[ModuleType, ...] = (camt053, ofx, mt940, krcsv)
"""A new format is one file with ``NAME``, ``is_it`` and ``read``, named here."""


def read(data: bytes) -> list[Statement]:
    """The statements of a bank's file, one an account. Raises :class:`BadFile`: ``format`` when nobody knows it."""
    check_size(data)
    if b"\0" in data:
        raise BadFile("format", "a null character")
    for reader in READERS:
        if reader.is_it(data):
            found: list[Statement] = reader.read(data)
            return found
    raise BadFile("format", "unknown")


def read_ours(data: bytes, account: str, unit: str) -> Statement:
    """The statement of our account in a file. Raises :class:`BadFile`: ``account`` when it is of others only, ``unit`` when of another currency.

    Banks write one number in several ways (an IBAN; bank code and number; with the currency behind), so the end of ours must be there.
    A file that names no account comes back with ``account`` "": a person must say that it is ours.
    """
    ours = compact(account)
    found = [one for one in read(data) if one.account == "" or same_account(one.account, ours, one.unit)]
    if not found:
        raise BadFile("account", "of another account")
    right = [one for one in found if one.unit == unit]
    if len(right) != 1:
        raise BadFile("unit" if not right else "account", "another currency" if not right else "several accounts")
    return right[0]


def same_account(theirs: str, ours: str, unit: str = "") -> bool:
    """Whether two ways of writing an account mean the same one: equal, or one is the other's IBAN without country and check digits."""
    one, other = compact(theirs).removesuffix(unit), compact(ours)
    if one == other:
        return True
    short, long = sorted((one, other), key=len)
    if len(long) <= 15 or not (long[:2].isalpha() and long[2:4].isdecimal()) or not short.isdecimal():
        return False
    plain = short.lstrip("0")
    return (len(plain) >= 8 and long[4:].endswith(plain)) or (len(short) >= 12 and _old_pair(short, long))


def _old_pair(short: str, long: str) -> bool:
    """Bank code and number as older German files have them (``BLZ/number``): the zeros between are left out."""
    number = short[8:].lstrip("0")
    return long[4:12] == short[:8] and len(number) >= 4 and long[12:].lstrip("0") == number
