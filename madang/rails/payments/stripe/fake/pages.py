"""The few pages of this Stripe's own: where one pays, and where one says who one is. Plain, and said to be pretence."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from madang.rails.payments.stripe.fake.world import DECLINES, No, World

Page = tuple[int, str, Mapping[str, str]]


def show(world: World, path: str) -> Page:
    """The page at ``path``."""
    _nothing, kind, ident, *_rest = [*path.split("/"), "", ""]
    try:
        if kind == "checkout":
            session = world.get("checkout.session", ident)
            said = f"{session['amount_total']} {session['currency'].upper()}"
            choices = ["pay", *DECLINES]
        elif kind == "connect":
            said, choices = f"Who is {world.get('account', ident)['id']}?", ["all of it", "only part"]
        else:
            return 404, "nothing here", {}
    except No as no:
        return no.status, "nothing here", {}
    buttons = "".join(f'<p><button name="choice" value="{escape(one)}">{escape(one)}</button></p>' for one in choices)
    head = f"<!doctype html><html lang=en><meta name=viewport content='width=device-width'><title>Pretend Stripe</title><h1>{escape(said)}</h1>"
    return 200, f"{head}<p>This is not Stripe. No money moves.</p><form method=post>{buttons}</form>", {}


def act(world: World, path: str, said: Mapping[str, str]) -> Page:
    """What was chosen there; then back."""
    _nothing, kind, ident, *_rest = [*path.split("/"), "", ""]
    choice = said.get("choice", "")
    try:
        if kind == "connect":
            world.enrolled(ident, fully=choice != "only part")
            return 303, "", {"Location": world.get("account", ident).get("_back", "/")}
        session = world.pay(ident, card="" if choice == "pay" else choice)
    except No as no:
        return no.status, "nothing here", {}
    return 303, "", {"Location": session["success_url"] if session["status"] == "complete" else path}
