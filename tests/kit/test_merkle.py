"""Merkle trees: known roots, other people's vectors, and every proof of small trees turned over."""

import json
import tarfile
from base64 import b64decode
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.kit import merkle
from madang.kit.merkle import CompactRange, MemoryTree, ProofError
from tests.kit.vectors import TLOG, needs_vectors

LEAVES = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "e3b0c442…b855", "6e340b9c…a01d", "fac54203…c125", "aeb6bcfe…6e77", "d37ee418…14b7", "4e3bbb1f…64d4", "76e67dad…87ef", "ddb89be4…4c8c", "5dc9da79…4328",
]


def short(hash_: bytes) -> str:
    return f"{hash_.hex()[:8]}…{hash_.hex()[-4:]}"


def tree_of(size: int) -> MemoryTree:
    return MemoryTree(merkle.leaf_hash(str(number).encode()) for number in range(size))


def test_the_known_roots_of_rfc_6962() -> None:
    tree, edge = MemoryTree(), CompactRange()
    for size, expected in enumerate(ROOTS):
        assert short(tree.root()) == short(edge.root()) == short(merkle.root([merkle.leaf_hash(leaf) for leaf in LEAVES[:size]])) == expected
        if size < len(LEAVES):
            tree.append(merkle.leaf_hash(LEAVES[size]))
            edge.append(merkle.leaf_hash(LEAVES[size]))


def naive_root(hashes: list[bytes]) -> bytes:
    if len(hashes) < 2:
        return hashes[0] if hashes else merkle.EMPTY_ROOT
    middle = merkle.split_point(len(hashes))
    return merkle.node_hash(naive_root(hashes[:middle]), naive_root(hashes[middle:]))


@given(st.integers(0, 700))
def test_every_way_to_the_root_is_the_definition(size: int) -> None:
    hashes = [merkle.leaf_hash(str(number).encode()) for number in range(size)]
    assert merkle.root(hashes) == MemoryTree(hashes).root() == naive_root(hashes)


@given(st.integers(1, 400), st.data())
def test_inclusion_holds_and_nothing_near_it_does(size: int, data: st.DataObject) -> None:
    tree = tree_of(size)
    index = data.draw(st.integers(0, size - 1))
    leaf, path, root = tree.node(0, index), tree.inclusion(index), tree.root()
    merkle.verify_inclusion(leaf, index, size, path, root)
    wrong: list[tuple[Any, ...]] = [
        (merkle.leaf_hash(b"other"), index, size, path, root),
        (leaf, index + 1, size, path, root),
        (leaf, index - 1, size, path, root),
        (leaf, index, size, [*path, root], root),
        (leaf, index, size, [root, *path], root),
        (leaf, index, size, path, leaf if size > 1 else merkle.EMPTY_ROOT),
        (leaf, -1, size, path, root),
        (leaf, index, 0, path, root),
    ]
    if path:
        at = data.draw(st.integers(0, len(path) - 1))
        flipped = bytes([path[at][0] ^ 1]) + path[at][1:]
        wrong += [(leaf, index, size, path[:-1], root), (leaf, index, size, [*path[:at], flipped, *path[at + 1 :]], root)]
        wrong += [(leaf, index, size, [path[0][:31], *path[1:]], root)]
    for case in wrong:
        with pytest.raises(ProofError):
            merkle.verify_inclusion(*case)


@given(st.integers(0, 400), st.data())
def test_consistency_holds_and_nothing_near_it_does(second: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, second))
    tree = tree_of(second)
    path, old, new = tree.consistency(first), tree.root(first), tree.root()
    merkle.verify_consistency(first, second, old, new, path)
    other = merkle.leaf_hash(b"other")
    wrong: list[tuple[Any, ...]] = [(first, second, old, new, [*path, other]), (second + 1, second, old, new, path)]
    if 0 < first:
        wrong.append((first, second, other, new, path))
        wrong.append((first, second, old, other, path))
    if path:
        wrong += [(first, second, old, new, path[:-1]), (first, second, old, new, [other, *path[1:]]), (first, second, new, old, path)]
    for case in wrong:
        with pytest.raises(ProofError):
            merkle.verify_consistency(*case)


@pytest.mark.parametrize("size", range(70))
def test_every_proof_of_small_trees(size: int) -> None:
    tree = tree_of(size)
    for index in range(size):
        merkle.verify_inclusion(tree.node(0, index), index, size, tree.inclusion(index), tree.root())
    for first in range(size + 1):
        merkle.verify_consistency(first, size, tree.root(first), tree.root(), tree.consistency(first))


def test_what_does_not_exist_cannot_be_proved() -> None:
    tree = tree_of(5)
    for call in (lambda: tree.inclusion(5), lambda: tree.inclusion(-1), lambda: tree.consistency(6), lambda: merkle.perfect_root([b""] * 3)):
        with pytest.raises(ValueError):
            call()
    with pytest.raises(ValueError):
        CompactRange(3, [b""])


def cases(folder: str) -> Iterator[Any]:
    path = TLOG / "merkle_testdata.tar.gz"
    if not path.exists():
        return
    with tarfile.open(path) as archive:
        for member in archive:
            if member.isfile() and member.name.startswith(f"testdata/{folder}/"):
                yield pytest.param(json.load(archive.extractfile(member)), id=member.name.removeprefix("testdata/"))  # type: ignore[arg-type]


def hashes(case: dict[str, Any], *names: str) -> list[bytes]:
    return [b64decode(case[name] or "") for name in names]


@needs_vectors
@pytest.mark.parametrize("case", cases("inclusion"))
def test_inclusion_as_other_logs_see_it(case: dict[str, Any]) -> None:
    leaf, root = hashes(case, "leafHash", "root")
    _judge(case, lambda path: merkle.verify_inclusion(leaf, case["leafIdx"], case["treeSize"], path, root))


@needs_vectors
@pytest.mark.parametrize("case", cases("consistency"))
def test_consistency_as_other_logs_see_it(case: dict[str, Any]) -> None:
    first, second = hashes(case, "root1", "root2")
    if not case["wantErr"] and len(first) != 32:
        pytest.skip("roots that are not hashes: we are stricter")
    _judge(case, lambda path: merkle.verify_consistency(case["size1"], case["size2"], first, second, path))


def _judge(case: dict[str, Any], verify: Any) -> None:
    path = [b64decode(item) for item in case["proof"] or []]
    if case["wantErr"]:
        with pytest.raises(ProofError):
            verify(path)
    else:
        verify(path)
