"""Signed notes (C2SP signed-note), Ed25519, and the checkpoints (C2SP tlog-checkpoint) that are signed so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from madang.kit import base64, merkle

ED25519 = 0x01
COSIGNATURE = 0x04  # a witness's signature with a time, C2SP tlog-cosignature
NOTE_MAX = 100_000_000
SIGNATURES_MAX = 64
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


class NoteError(ValueError):
    """The note is not one, or its signature is not what it should be."""


def _check_name(name: str) -> None:
    if not name or "+" in name or any(character.isspace() or ord(character) < 0x20 for character in name):
        raise NoteError(f"not a key's name: {name!r}")


def key_id(name: str, kind: int, public: bytes) -> bytes:
    """The four bytes that tell keys of one name apart: SHA-256(name ‖ 0x0A ‖ kind ‖ public key)[:4]."""
    return sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


@dataclass(frozen=True)
class Signature:
    """One signature line: who says to have signed, and the bytes after the key's id."""

    name: str
    id: bytes
    data: bytes

    @property
    def line(self) -> str:
        return f"— {self.name} {base64.encode(self.id + self.data)}\n"


@dataclass(frozen=True)
class Verifier:
    """A public Ed25519 key with its name. ``vkey`` is its text form."""

    name: str
    public: bytes

    @classmethod
    def parse(cls, vkey: str) -> Verifier:
        """Read ``name+id+base64``. Raises :class:`NoteError` when it is not exactly that, or of another kind than Ed25519."""
        try:
            name, _id, encoded = vkey.split("+", 2)
            material = base64.decode(encoded)
        except ValueError:
            raise NoteError("a verification key looks like name+0123abcd+base64") from None
        _check_name(name)
        if len(material) != 33 or material[0] != ED25519:
            raise NoteError("not an Ed25519 verification key")
        verifier = cls(name, material[1:])
        if verifier.vkey != vkey:
            raise NoteError("the id in the verification key is not the key's own")
        return verifier

    @property
    def id(self) -> bytes:
        return key_id(self.name, ED25519, self.public)

    @property
    def vkey(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64.encode(bytes([ED25519]) + self.public)}"

    def holds(self, text: str, signature: Signature) -> bool:
        """Whether this key made the signature over the note's text."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature.data, text.encode())
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True)
class Signer:
    """A private Ed25519 key with its name. Its text form is a secret."""

    name: str
    seed: bytes

    @classmethod
    def generate(cls, name: str) -> Signer:
        _check_name(name)
        return cls(name, Ed25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def parse(cls, text: str) -> Signer:
        """Read ``PRIVATE+KEY+name+id+base64``. Raises :class:`NoteError`; its message never holds the key."""
        try:
            private, word, name, id_, encoded = text.split("+", 4)
            material = base64.decode(encoded)
        except ValueError:
            raise NoteError("a signing key looks like PRIVATE+KEY+name+0123abcd+base64") from None
        _check_name(name)
        if (private, word) != ("PRIVATE", "KEY") or len(material) != 33 or material[0] != ED25519:
            raise NoteError("not an Ed25519 signing key")
        signer = cls(name, material[1:])
        if signer.verifier.id.hex() != id_:
            raise NoteError("the id in the signing key is not the key's own")
        return signer

    def __repr__(self) -> str:
        return f"Signer({self.name!r})"

    @property
    def secret(self) -> str:
        return f"PRIVATE+KEY+{self.name}+{self.verifier.id.hex()}+{base64.encode(bytes([ED25519]) + self.seed)}"

    @property
    def verifier(self) -> Verifier:
        return Verifier(self.name, Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw())

    def sign(self, text: str) -> str:
        """The note: text, blank line, signature. Raises :class:`NoteError` when the text cannot be a note's."""
        _check_text(text)
        data = Ed25519PrivateKey.from_private_bytes(self.seed).sign(text.encode())
        return text + "\n" + Signature(self.name, self.verifier.id, data).line


def _check_text(text: str) -> None:
    if not text.endswith("\n"):
        raise NoteError("the text of a note ends with a new line")
    if _CONTROL.search(text):
        raise NoteError("a note holds no control characters")


def split(note: str) -> tuple[str, list[Signature]]:
    """The text and the signatures of a note, none of them checked. Raises :class:`NoteError` when it is not a note."""
    if len(note) > NOTE_MAX:
        raise NoteError("the note is too long")
    _check_text(note)
    text, gap, rest = note.rpartition("\n\n")
    if not gap or not rest:
        raise NoteError("a note has a blank line and then its signatures")
    lines = rest[:-1].split("\n")
    if len(lines) > SIGNATURES_MAX:
        raise NoteError(f"a note has at most {SIGNATURES_MAX} signatures")
    return text + "\n", [_signature(line) for line in lines]


def _signature(line: str) -> Signature:
    dash, _space, rest = line.partition(" ")
    name, space, encoded = rest.partition(" ")
    if dash != "—" or not space:
        raise NoteError("a signature line is a dash, a name and base64")
    _check_name(name)
    try:
        data = base64.decode(encoded)
    except ValueError as wrong:
        raise NoteError(f"the signature of {name}: {wrong}") from None
    if len(data) < 5:
        raise NoteError(f"the signature of {name} is too short")
    return Signature(name, data[:4], data[4:])


def open_note(note: str, known: Iterable[Verifier]) -> tuple[str, list[Verifier]]:
    """The text of a note and which of the known keys signed it, at least one.

    Raises :class:`NoteError` when none did, or when a signature that claims a known key is false. Unknown signatures are passed over.
    """
    text, signatures = split(note)
    keys = {(key.name, key.id): key for key in known}
    signed: list[Verifier] = []
    for signature in signatures:
        key = keys.get((signature.name, signature.id))
        if key is None:
            continue
        if not key.holds(text, signature):
            raise NoteError(f"the signature of {key.name} is false")
        if key not in signed:
            signed.append(key)
    if not signed:
        raise NoteError("none of the keys we know signed this")
    return text, signed


@dataclass(frozen=True)
class Checkpoint:
    """What a log says of itself: its name (origin), how many leaves it has, and their root."""

    origin: str
    size: int
    root: bytes
    extensions: Sequence[str] = ()

    @property
    def text(self) -> str:
        return "".join(f"{line}\n" for line in (self.origin, self.size, base64.encode(self.root), *self.extensions))

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Read a note's text as a checkpoint. Raises :class:`NoteError`."""
        lines = text.split("\n")
        if len(lines) < 4 or lines.pop() or not all(lines):
            raise NoteError("a checkpoint has three lines or more, none empty")
        origin, size, root, *extensions = lines
        if not _SIZE.fullmatch(size):
            raise NoteError("the size of a checkpoint is a whole number")
        try:
            digest = base64.decode(root)
        except ValueError as wrong:
            raise NoteError(f"the root of the checkpoint: {wrong}") from None
        if len(digest) != merkle.HASH_SIZE:
            raise NoteError("the root of a checkpoint has 32 bytes")
        return cls(origin, int(size), digest, tuple(extensions))


def open_checkpoint(note: str, key: Verifier) -> Checkpoint:
    """The checkpoint in a note that this key signed, for the log of the key's own name. Raises :class:`NoteError`."""
    text, _signed = open_note(note, [key])
    checkpoint = Checkpoint.parse(text)
    if checkpoint.origin != key.name:
        raise NoteError(f"the checkpoint is of {checkpoint.origin}, the key of {key.name}")
    return checkpoint
