"""The record for people (plain words) and for programs (C2SP tlog-tiles)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from madang.coop.record import keys, queries, words
from madang.coop.record.checking import check
from madang.coop.record.forms import ReceiptForm
from madang.coop.record.models import Leaf
from madang.kit import tiles
from madang.kit.errors import Missing

PAGE = 12
_FOREVER = "public, max-age=31536000, immutable"
_BRIEFLY = "public, max-age=2"


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What the record is, how long it is, and what was recorded last. Five queries."""
    kind, before = words.known_kind(request.GET.get("kind", "")), request.GET.get("before", "")
    latest = queries.latest()
    found = queries.leaves(kind=kind, before=int(before[:18]) if before.isascii() and before.isdigit() else None, limit=PAGE + 1)
    return render(
        request,
        "record/home.html",
        {
            "latest": latest,
            "waiting": queries.pending(),
            "leaves": _rows(found[:PAGE]),
            "older": found[PAGE - 1].index if len(found) > PAGE else None,
            "paged": bool(before),
            "kind": kind,
            "kinds": [(name, words.kind_name(name)) for name in queries.kinds()],
            "key": latest.key if latest else None,
            "root": bytes(latest.root).hex() if latest else None,
        },
    )


def _rows(leaves: list[Leaf]) -> list[dict[str, object]]:
    bodies = queries.first_bodies(leaves)
    return [
        {
            "index": leaf.index,
            "title": words.kind_name(leaf.kind),
            "about": words.headline(bodies[leaf.index]) if leaf.index in bodies else "",
            "at": leaf.at,
            "public": leaf.public,
        }
        for leaf in leaves
    ]


@require_safe
def leaf(request: HttpRequest, index: int) -> HttpResponse:
    """One leaf: what it is, its words if they are public, and its proof. A handful of queries."""
    found = queries.leaf(index)
    latest = queries.latest()
    if latest is None:
        raise Missing(str(index))
    lines = queries.lines(found)
    return render(
        request,
        "record/leaf.html",
        {
            "leaf": found,
            "title": words.kind_name(found.kind),
            "lines": [{"number": line.number, "rows": words.said(line.body) if line.body is not None else None, "hash": line.hash.hex()} for line in lines],
            "entry": bytes(found.entry).decode(),
            "hash": bytes(found.leaf_hash).hex(),
            "root": bytes(latest.root).hex(),
            "path": [item.hex() for item in queries.proof(found, latest).path],
            "latest": latest,
            "previous": index - 1,
            "next": index + 1,
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def check_receipt(request: HttpRequest) -> HttpResponse:
    """Bring a receipt and see what it proves. Nothing is kept of it."""
    form = ReceiptForm(request.POST or None, request.FILES or None)
    finding = None
    if request.method == "POST":
        form = ReceiptForm(request.POST, request.FILES)
        if form.is_valid():
            finding = check(form.cleaned_data["receipt"])
    return render(request, "record/check.html", {"form": form, "finding": finding, "key": keys.verifier()})


@require_safe
def checkpoint(request: HttpRequest) -> HttpResponse:
    """``/record/checkpoint``: the newest checkpoint, for programs."""
    latest = queries.latest()
    if latest is None:
        raise Missing("checkpoint")
    return _plain(latest.note, _BRIEFLY)


@require_safe
def key(request: HttpRequest) -> HttpResponse:
    """The verification key as text."""
    latest = queries.latest()
    if latest is None:
        raise Missing("key")
    return _plain(f"{latest.key}\n", _BRIEFLY)


@require_safe
def tile(request: HttpRequest, path: str) -> HttpResponse:
    """``/record/tile/…``: tiles and entry bundles, for programs. They never change. Two queries."""
    try:
        which = tiles.parse_path(f"tile/{path}")
    except ValueError:
        raise Missing(path) from None
    latest = queries.latest()
    if latest is None:
        raise Missing(path)
    response = HttpResponse(queries.tile(which, latest.size), content_type="application/octet-stream")
    response["Cache-Control"] = _FOREVER
    return response


@require_safe
def receipt(request: HttpRequest, index: int, line: int) -> HttpResponse:
    """The receipt for a line that is public. Others are given where it is known whose they are (the statement)."""
    found = queries.leaf(index)
    if not found.public:
        raise Missing(str(index))
    response = _plain(queries.receipt_of(found, line), "no-store")
    response["Content-Disposition"] = f'attachment; filename="receipt-{index}-{line + 1}.txt"'
    return response


def _plain(text: str, caching: str) -> HttpResponse:
    response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = caching
    return response
