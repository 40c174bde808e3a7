"""The Merkle tree of RFC 6962 (and 9162) over SHA-256: roots, proofs, and their verification.

A *node* is named by height and index: ``node(0, i)`` is the hash of leaf ``i``, ``node(h, i)`` the root over the ``2**h`` leaves from
``i * 2**h``. Whoever can answer for complete nodes (a list in memory, tiles on a disk) can make every proof.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

Node = Callable[[int, int], bytes]
HASH_SIZE = 32
EMPTY_ROOT = sha256(b"").digest()


class ProofError(ValueError):
    """A proof does not prove it."""


def leaf_hash(entry: bytes) -> bytes:
    """RFC 6962 §2.1: SHA-256(0x00 ‖ entry)."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """RFC 6962 §2.1: SHA-256(0x01 ‖ left ‖ right)."""
    return sha256(b"\x01" + left + right).digest()


def split_point(size: int) -> int:
    """The largest power of two smaller than ``size`` (``size`` ≥ 2)."""
    return 1 << ((size - 1).bit_length() - 1)


def root(hashes: Sequence[bytes]) -> bytes:
    """The root over leaf hashes; SHA-256 of nothing for none."""
    tree = CompactRange()
    for item in hashes:
        tree.append(item)
    return tree.root()


def perfect_root(hashes: Sequence[bytes]) -> bytes:
    """The root over ``2**k`` hashes of one height. Raises ``ValueError`` for another number of them."""
    level = list(hashes)
    if not level or len(level) & (len(level) - 1):
        raise ValueError("a perfect tree has a power of two of leaves")
    while len(level) > 1:
        level = [sha256(b"\x01" + level[i] + level[i + 1]).digest() for i in range(0, len(level), 2)]
    return level[0]


class CompactRange:
    """The right edge of a tree: all that is needed to append and to know the root, in O(log n) memory."""

    def __init__(self, size: int = 0, edge: Iterable[bytes] = ()) -> None:
        """``edge``: roots of the perfect subtrees of ``size`` leaves, widest first, one for each bit set in ``size``."""
        self.size = size
        self.edge = list(edge)
        if size < 0 or len(self.edge) != size.bit_count():
            raise ValueError("the edge of a tree has one hash for each bit set in its size")

    def append(self, hash_: bytes) -> None:
        """Add one leaf hash on the right."""
        size, edge = self.size, self.edge
        while size & 1:
            hash_ = sha256(b"\x01" + edge.pop() + hash_).digest()
            size >>= 1
        edge.append(hash_)
        self.size += 1

    def root(self) -> bytes:
        """The root of what was appended so far."""
        if not self.edge:
            return EMPTY_ROOT
        result = self.edge[-1]
        for left in reversed(self.edge[:-1]):
            result = node_hash(left, result)
        return result


class MemoryTree:
    """A whole tree in memory, for tests and for the small inner trees of a leaf's lines."""

    def __init__(self, hashes: Iterable[bytes] = ()) -> None:
        self._levels: list[list[bytes]] = [[]]
        for item in hashes:
            self.append(item)

    @property
    def size(self) -> int:
        return len(self._levels[0])

    def append(self, hash_: bytes) -> None:
        """Add one leaf hash on the right."""
        height = 0
        self._levels[0].append(hash_)
        while len(self._levels[height]) % 2 == 0:
            if height + 1 == len(self._levels):
                self._levels.append([])
            hash_ = node_hash(*self._levels[height][-2:])
            height += 1
            self._levels[height].append(hash_)

    def node(self, height: int, index: int) -> bytes:
        """The hash of a complete node. Raises ``IndexError`` when there is none."""
        return self._levels[height][index]

    def root(self, size: int | None = None) -> bytes:
        """The root of the first ``size`` leaves (all by default)."""
        return range_root(self.node, 0, self.size if size is None else size)

    def inclusion(self, index: int, size: int | None = None) -> list[bytes]:
        return inclusion_path(self.node, index, self.size if size is None else size)

    def consistency(self, first: int, second: int | None = None) -> list[bytes]:
        return consistency_path(self.node, first, self.size if second is None else second)


def range_root(node: Node, low: int, high: int) -> bytes:
    """MTH(D[low:high]) where ``low`` begins a subtree as RFC 6962 splits them (0, or a multiple of the width)."""
    if low == high:
        return EMPTY_ROOT
    pieces = []
    while low < high:  # widest complete node first
        height = (high - low).bit_length() - 1
        pieces.append(node(height, low >> height))
        low += 1 << height
    result = pieces.pop()
    while pieces:
        result = node_hash(pieces.pop(), result)
    return result


def inclusion_path(node: Node, index: int, size: int) -> list[bytes]:
    """PATH(index, D[size]) of RFC 6962 §2.1.1, from the leaf's sibling up. Raises ``ValueError`` unless 0 ≤ index < size."""
    if not 0 <= index < size:
        raise ValueError(f"there is no leaf {index} in a tree of {size}")
    low, high, path = 0, size, []
    while high - low > 1:
        middle = low + split_point(high - low)
        if index < middle:
            path.append(range_root(node, middle, high))
            high = middle
        else:
            path.append(range_root(node, low, middle))
            low = middle
    return path[::-1]


def consistency_path(node: Node, first: int, second: int) -> list[bytes]:
    """PROOF(first, D[second]) of RFC 6962 §2.1.2. Raises ``ValueError`` unless 0 ≤ first ≤ second; empty when either says it all."""
    if not 0 <= first <= second:
        raise ValueError(f"a tree of {second} does not continue one of {first}")
    if first in (0, second):
        return []
    low, high, path, whole = 0, second, [], True
    while first != high:
        middle = low + split_point(high - low)
        if first <= middle:
            path.append(range_root(node, middle, high))
            high = middle
        else:
            path.append(range_root(node, low, middle))
            low, whole = middle, False
    if not whole:
        path.append(range_root(node, low, high))
    return path[::-1]


def root_from_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """The root that a path leads to (RFC 9162 §2.1.3.2). Raises :class:`ProofError` when the path has the wrong length."""
    if not 0 <= index < size:
        raise ProofError(f"there is no leaf {index} in a tree of {size}")
    number, last, result = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise ProofError("the path is too long")
        if number & 1 or number == last:
            result = node_hash(sibling, result)
            while not number & 1 and number:
                number >>= 1
                last >>= 1
        else:
            result = node_hash(result, sibling)
        number >>= 1
        last >>= 1
    if last:
        raise ProofError("the path is too short")
    return result


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], expected: bytes) -> None:
    """Raise :class:`ProofError` unless ``path`` shows that the leaf hash stands at ``index`` in the tree of this size and root."""
    _hashes(leaf, expected, *path)
    if root_from_inclusion(leaf, index, size, path) != expected:
        raise ProofError("the path leads to another root")


def verify_consistency(first: int, second: int, first_root: bytes, second_root: bytes, path: Sequence[bytes]) -> None:
    """Raise :class:`ProofError` unless the second tree only adds to the first (RFC 9162 §2.1.4.2)."""
    _hashes(first_root, second_root, *path)
    if not 0 <= first <= second:
        raise ProofError(f"a tree of {second} does not continue one of {first}")
    if first in (0, second):
        if path:
            raise ProofError("the path should be empty")
        if first == second and first_root != second_root:
            raise ProofError("one size, two roots")
        if first == 0 and first_root != EMPTY_ROOT:
            raise ProofError("an empty tree has another root")
        return
    if not path:
        raise ProofError("the path is empty")
    nodes = list(path)
    if first & (first - 1) == 0:  # the old root is itself a node of the new tree
        nodes.insert(0, first_root)
    number, last = first - 1, second - 1
    while number & 1:
        number >>= 1
        last >>= 1
    old = new = nodes[0]
    for sibling in nodes[1:]:
        if last == 0:
            raise ProofError("the path is too long")
        if number & 1 or number == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not number & 1 and number:
                number >>= 1
                last >>= 1
        else:
            new = node_hash(new, sibling)
        number >>= 1
        last >>= 1
    if last:
        raise ProofError("the path is too short")
    if old != first_root:
        raise ProofError("the path does not start from the old root")
    if new != second_root:
        raise ProofError("the path leads to another root")


def _hashes(*values: bytes) -> None:
    if any(len(value) != HASH_SIZE for value in values):
        raise ProofError("a hash has 32 bytes")
