"""Proofs as text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.kit import merkle
from madang.kit.merkle import MemoryTree, ProofError
from madang.kit.note import Checkpoint, Signer
from madang.kit.proof import Proof

SIGNER = Signer("coop.example/record", bytes(range(32)))


def proof_in(size: int, index: int, extra: bytes | None = None) -> tuple[bytes, Proof]:
    tree = MemoryTree(merkle.leaf_hash(str(number).encode()) for number in range(size))
    return tree.node(0, index), Proof(index, tree.inclusion(index), SIGNER.sign(Checkpoint(SIGNER.name, size, tree.root()).text), extra)


@given(st.integers(1, 300), st.data(), st.none() | st.binary(max_size=50))
def test_it_comes_back_from_its_text_and_holds(size: int, data: st.DataObject, extra: bytes | None) -> None:
    leaf, proof = proof_in(size, data.draw(st.integers(0, size - 1)), extra)
    again = Proof.loads(proof.dumps())
    assert again == proof
    assert again.verify(leaf, SIGNER.verifier).size == size
    with pytest.raises(ProofError):
        again.verify(merkle.leaf_hash(b"other"), SIGNER.verifier)


def test_every_flipped_byte_is_noticed() -> None:
    leaf, proof = proof_in(7, 3)
    text = proof.dumps().encode()
    for at in range(len(text)):
        with pytest.raises(ValueError):
            Proof.loads((text[:at] + bytes([text[at] ^ 1]) + text[at + 1 :]).decode()).verify(leaf, SIGNER.verifier)


def test_the_example_of_the_specification_has_our_shape() -> None:
    text = (
        "c2sp.org/tlog-proof@v1\nextra QQ==\nindex 73894\ngSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=\n\n"
        "example.com/fancylog\n109482\nsFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=\n\n— example.com/fancylog AAAAAAA=\n"
    )
    proof = Proof.loads(text)
    assert (proof.index, proof.extra, len(proof.path)) == (73894, b"A", 1)
    assert proof.dumps() == text


@pytest.mark.parametrize(
    "text",
    ["", "c2sp.org/tlog-proof@v1\n\n", "c2sp.org/tlog-proof@v1\nindex 01\n\nx", "c2sp.org/tlog-proof@v2\nindex 1\n\nx", 
     "c2sp.org/tlog-proof@v1\nindex 1\nAAAA\n\nx"],
)
def test_what_is_no_proof_is_refused(text: str) -> None:
    with pytest.raises(ProofError):
        Proof.loads(text)
