"""A small co-op's record, made without a database, and written as an export: honest by default, and easy to falsify."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from madang.kit import canonical, merkle, tiles
from madang.kit.merkle import MemoryTree
from madang.kit.note import Checkpoint, Signer
from madang.kit.proof import Proof
from madang.kit.verify import manifest as manifests
from madang.kit.verify import receipt as receipts
from madang.kit.verify.lines import SALT_SIZE, entry_of, line_hash
from madang.kit.verify.opened import OpenLine, path_of

SIGNER = Signer("coop.example/record", bytes(range(32)))
WAY = {"quorum": "40%", "majority": "50%", "strict": True, "per_class": {"worker": {"quorum": "0%", "majority": "50%", "strict": True}},
       "discussion": "3d", "voting": "5d", "notice": "7d"}  # fmt: skip
FOUNDED, OPENS, CLOSES, COUNTED, EFFECT = (f"2026-03-{day:02}T00:00:00Z" for day in (1, 5, 10, 10, 17))


@dataclass
class Leaf:
    kind: str
    subject: str
    at: str
    bodies: list[dict[str, Any]]
    public: bool = True


@dataclass
class World:
    """Leaves in order; ``write`` exports them."""

    leaves: list[Leaf] = field(default_factory=list)
    signer: Signer = SIGNER

    def add(self, kind: str, subject: str, at: str, body: dict[str, Any], *more: dict[str, Any], public: bool = True) -> Leaf:
        leaf = Leaf(kind, subject, at, [copy.deepcopy(body), *more], public)
        self.leaves.append(leaf)
        return leaf

    def one(self, kind: str, number: int = 0) -> Leaf:
        """The n-th leaf of a kind."""
        return [leaf for leaf in self.leaves if leaf.kind == kind][number]

    @staticmethod
    def salt(index: int, line: int) -> bytes:
        return bytes([index % 256, line % 256]) * (SALT_SIZE // 2)

    def _hashes(self, index: int, leaf: Leaf) -> list[bytes]:
        return [line_hash(self.salt(index, number), canonical.dumps(body)) for number, body in enumerate(leaf.bodies)]

    def entries(self) -> list[bytes]:
        return [entry_of(leaf.kind, leaf.subject, leaf.at, self._hashes(index, leaf)).dumps() for index, leaf in enumerate(self.leaves)]

    def tree(self) -> MemoryTree:
        return MemoryTree(merkle.leaf_hash(entry) for entry in self.entries())

    def checkpoint(self, size: int | None = None) -> str:
        size = len(self.leaves) if size is None else size
        return self.signer.sign(Checkpoint(self.signer.name, size, self.tree().root(size)).text)

    def receipt(self, index: int, line: int = 0, size: int | None = None) -> str:
        size = len(self.leaves) if size is None else size
        leaf, tree = self.leaves[index], self.tree()
        entry = entry_of(leaf.kind, leaf.subject, leaf.at, self._hashes(index, leaf))
        proof = Proof(index, tree.inclusion(index, size), self.checkpoint(size))
        return receipts.make(entry, line, self.salt(index, line), leaf.bodies[line], self._hashes(index, leaf), proof).dumps()

    def files(self) -> dict[str, bytes]:
        """All files but the manifest."""
        entries, tree = self.entries(), self.tree()
        files = {"checkpoint": self.checkpoint().encode(), "key": f"{self.signer.verifier.vkey}\n".encode(), "README.txt": b"read me\n"}
        for tile in tiles.of_size(len(entries)):
            start = tile.index * tiles.WIDTH
            if tile.level is None:
                files[tile.path] = tiles.bundle(entries[start : start + tile.width])
            else:
                files[tile.path] = b"".join(tree.node(tiles.HEIGHT * tile.level, start + number) for number in range(tile.width))
        for index, leaf in enumerate(self.leaves):
            if leaf.public:
                for number, body in enumerate(leaf.bodies):
                    path = path_of(leaf.kind)
                    files[path] = files.get(path, b"") + OpenLine(index, number, self.salt(index, number), body).dumps()
        return files

    def write(self, folder: Path, files: dict[str, bytes] | None = None) -> Path:
        """Write an export with a manifest that fits its files, whatever they are."""
        for path, data in (self.files() if files is None else files).items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
        self.sign(folder)
        return folder

    def sign(self, folder: Path) -> None:
        """Make the manifest fit the folder."""
        (folder / manifests.NAME).unlink(missing_ok=True)
        listed = {path: manifests.file_of(folder / path) for path in manifests.walk(folder)[0]}
        manifest = manifests.Manifest(self.signer.name, len(self.leaves), listed)
        (folder / manifests.NAME).write_text(self.signer.sign(manifest.text))


def rule(
    version: str, key: str, value: Any, since: str, *, founding: str | None = None, decision: str | None = None, before: str | None = None
) -> dict[str, Any]:
    return {"version": version, "rule": key, "scope": "", "value": value, "effective_from": since, "founding": founding, "decision": decision, "from": before}


def honest(entries: int = 3) -> World:
    """Founded with 95/5; a decision makes it 94/6; another one fails; and some private entries."""
    world = World()
    world.add("founding", "founding:f", FOUNDED, {"founding_id": "f", "name": {"ko": "마당"}, "law": "kr", "currency": "KRW", "demo": False})
    world.add("rule", "rule:v1", FOUNDED, rule("v1", "services.split", {"provider": "95%", "upkeep": "5%"}, FOUNDED, founding="f"))
    world.add("rule", "rule:w1", FOUNDED, rule("w1", "ways.policy", WAY, FOUNDED, founding="f"))
    for number in range(entries):
        world.add("entry", f"entry:{number}", FOUNDED, {"amount": 49400, "n": number}, {"amount": 2600, "n": number}, public=False)
    change = {"rule": "services.split", "scope": "", "from": "v1", "value": {"provider": "94%", "upkeep": "6%"}}
    _decision(world, "d1", [change], {"worker": (12, 1, 0), "client": (15, 3, 0)}, passed=True)
    world.add("rule", "rule:v2", EFFECT, rule("v2", "services.split", change["value"], EFFECT, decision="d1", before="v1"))
    world.add("decision.effect", "decision:d1", EFFECT, {"decision": "d1", "versions": ["v2"], "at": EFFECT})
    other = {**change, "from": "v2", "value": {"provider": "80%", "upkeep": "20%"}}
    _decision(world, "d2", [other], {"worker": (2, 12, 1), "client": (20, 0, 0)}, passed=False)
    world.add("weather", "weather:1", EFFECT, {"of a kind": "nobody knows"})
    return world


def _decision(world: World, id_: str, changes: list[dict[str, Any]], classes: dict[str, tuple[int, int, int]], *, passed: bool) -> None:
    opened = {"decision": id_, "kind": "rules", "title": "A decision", "way": WAY, "way_name": "policy", "scope": "", "changes": changes,
              "electorate": {"total": 40, "classes": {"worker": 16, "client": 24}}, "opens_at": OPENS, "closes_at": CLOSES}  # fmt: skip
    world.add("decision.opened", f"decision:{id_}", OPENS, opened)
    names = ("for", "against", "abstain")
    totals = dict(zip(names, map(sum, zip(*classes.values(), strict=True)), strict=True))
    tally = {
        "decision": id_, "passed": passed, "reasons": [] if passed else ["class:worker:majority"], "totals": totals,
        "classes": {key: {"passed": counts[0] > counts[1], **dict(zip(names, counts, strict=True))} for key, counts in classes.items()},
        "electorate": 40, "effect_at": EFFECT if passed else None, "changes": changes,
    }  # fmt: skip
    world.add("decision.tally", f"decision:{id_}", COUNTED, tally)
