"""Who may ask, and what is said to who may not."""

from __future__ import annotations

from madang.platforms.music.subsonic.check.finding import Absent, check, expect
from madang.platforms.music.subsonic.check.speaking import Account, Heard
from madang.platforms.music.subsonic.check.talk import Talk


def _named(talk: Talk) -> Account:
    if talk.account.way == "key":
        raise Absent("the sign-in given is an API key: no name and password to try")
    return talk.account


def _as(talk: Talk, account: Account) -> Heard:
    return talk.raw("ping", sign=account.params())


@check("signing in")
def wrong_password(talk: Talk) -> None:
    """A wrong password, or a token made of one, is error 40; so is a name that nobody has."""
    account = _named(talk)
    for user, password in ((account.user, account.password + "x"), (account.user + "-nobody", account.password)):
        heard = _as(talk, Account(account.way, user, password))
        expect(heard.code == 40, f"{'wrong password' if user == account.user else 'unknown name'}: {heard.short()}")


@check("signing in")
def nobody(talk: Talk) -> None:
    """Without any sign-in it is error 10: a required parameter is missing."""
    heard = talk.raw("ping", sign={})
    expect(heard.code == 10, heard.short())


@check("signing in")
def half_a_sign_in(talk: Talk) -> None:
    """A name without a password or a token is error 10; so is a password without a name, and a token without its salt."""
    account = _named(talk)
    cases = [{"u": account.user}, {"p": account.password}]
    if account.way == "token":
        cases += [{name: value for name, value in account.params().items() if name != gone} for gone in ("t", "s")]
    for sign in cases:
        heard = talk.raw("ping", sign=sign)
        expect(heard.code == 10, f"only {', '.join(sign)}: {heard.short()}")


@check("signing in")
def token(talk: Talk) -> None:
    """From 1.13.0 on a token is taken, md5(password + salt); a server that takes none says error 41."""
    account = _named(talk)
    if not talk.speaks("1.13.0"):
        raise Absent(f"the server speaks {talk.about.get('version')}: tokens came with 1.13.0")
    heard = _as(talk, Account("token", account.user, account.password))
    expect(heard.code in (None, 41) and heard.json is not None, heard.short())


@check("signing in")
def password_plain_and_hexadecimal(talk: Talk) -> None:
    """A password is taken as it is and as "enc:" and hexadecimal; a server that takes none says error 42."""
    account = _named(talk)
    for sign in ({"u": account.user, "p": account.password}, Account("password", account.user, account.password).params()):
        heard = talk.raw("ping", sign=sign)
        expect(heard.code in (None, 42) and heard.json is not None, f"{sign['p'][:4]}…: {heard.short()}")


@check("signing in")
def wrong_key(talk: Talk) -> None:
    """With apiKeyAuthentication, a key that is nobody's is error 44."""
    talk.need("apiKeyAuthentication")
    for call in ("ping", "tokenInfo"):
        heard = talk.raw(call, sign={"apiKey": "nobody-has-this-key"})
        expect(heard.code == 44, f"{call}: {heard.short()}")


@check("signing in")
def two_ways_at_once(talk: Talk) -> None:
    """With apiKeyAuthentication, a key beside a name, a password or a token is error 43; so is a password beside a token."""
    talk.need("apiKeyAuthentication")
    for sign in ({"apiKey": "k", "u": "someone"}, {"apiKey": "k", "p": "x"}, {"u": "a", "p": "x", "t": "0" * 32, "s": "abcdef"}):
        heard = talk.raw("ping", sign=sign)
        expect(heard.code == 43, f"{' and '.join(sign)}: {heard.short()}")


@check("signing in")
def token_info(talk: Talk) -> None:
    """tokenInfo says whose key it is; asked with none, it says an error."""
    talk.need("apiKeyAuthentication")
    if talk.account.way != "key":
        raise Absent("the sign-in given is no API key")
    expect(talk.element("tokenInfo").get("username"), "no username")


@check("signing in")
def user(talk: Talk) -> None:
    """getUser tells a person about themselves; another's account only to an administrator (else error 50, or 70 where there is none)."""
    if not talk.username:
        raise Absent("whose key this is, is not known")
    mine = talk.element("getUser", username=talk.username)
    expect(mine.get("username") == talk.username, f"username {mine.get('username')!r}")
    heard = talk.raw("getUser", username=talk.username + "-nobody")
    expect(heard.code in (50, 70), f"another's: {heard.short()}")
