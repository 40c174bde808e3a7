"""Signed notes, keys and checkpoints."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.kit import base64, merkle, note
from madang.kit.note import Checkpoint, NoteError, Signer, Verifier

VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
NOTE = (
    "This is an example message.\n\n"
    "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
SIGNER = Signer("coop.example/record", bytes(range(32)))


def test_the_note_of_the_specification() -> None:
    key = Verifier.parse(VKEY)
    assert note.open_note(NOTE, [key]) == ("This is an example message.\n", [key])


def test_keys_come_back_from_their_text_and_hide_themselves() -> None:
    assert Signer.parse(SIGNER.secret) == SIGNER
    assert Verifier.parse(SIGNER.verifier.vkey) == SIGNER.verifier
    assert SIGNER.secret.split("+")[-1] not in repr(SIGNER)
    fresh = Signer.generate("a")
    assert Signer.parse(fresh.secret) == fresh


@pytest.mark.parametrize("at", range(len(VKEY)))
def test_a_key_with_one_wrong_letter_is_no_key(at: int) -> None:
    with pytest.raises(NoteError):
        Verifier.parse(VKEY[:at] + ("A" if VKEY[at] != "A" else "B") + VKEY[at + 1 :])


@given(st.binary(max_size=80))
def test_base64_has_one_spelling(data: bytes) -> None:
    text = base64.encode(data)
    assert base64.decode(text) == data
    for wrong in (text + "\n", " " + text, text.rstrip("="), text + "=", text.replace("=", "A", 1) + "é"):
        if wrong != text:
            with pytest.raises(ValueError):
                base64.decode(wrong)


def test_base64_with_stray_bits_is_refused() -> None:
    assert base64.decode("QQ==") == b"A"
    with pytest.raises(ValueError):
        base64.decode("QR==")


def test_every_flipped_byte_of_a_note_is_noticed() -> None:
    signed = SIGNER.sign(Checkpoint(SIGNER.name, 5, merkle.EMPTY_ROOT).text).encode()
    assert note.open_checkpoint(signed.decode(), SIGNER.verifier).size == 5
    for at in range(len(signed)):
        for bit in (1, 0x20):
            wrong = signed[:at] + bytes([signed[at] ^ bit]) + signed[at + 1 :]
            with pytest.raises(ValueError):
                note.open_checkpoint(wrong.decode(), SIGNER.verifier)


def test_a_false_signature_of_a_known_key_spoils_the_note_an_unknown_one_does_not() -> None:
    text = Checkpoint(SIGNER.name, 1, merkle.EMPTY_ROOT).text
    stranger = Signer.generate("stranger")
    both = SIGNER.sign(text) + stranger.sign(text).partition("\n\n")[2]
    assert note.open_note(both, [SIGNER.verifier])[1] == [SIGNER.verifier]
    assert note.open_note(both, [SIGNER.verifier, stranger.verifier])[1] == [SIGNER.verifier, stranger.verifier]
    false = SIGNER.sign(text) + stranger.sign("other\n").partition("\n\n")[2]
    with pytest.raises(NoteError, match="false"):
        note.open_note(false, [SIGNER.verifier, stranger.verifier])
    with pytest.raises(NoteError, match="none of the keys"):
        note.open_note(stranger.sign(text), [SIGNER.verifier])


@given(st.text(st.characters(exclude_categories=["Cs"])).filter(lambda text: not any(c < " " and c != "\n" for c in text)))
def test_any_text_can_be_signed(text: str) -> None:
    assert note.open_note(SIGNER.sign(text + "\n"), [SIGNER.verifier])[0] == text + "\n"


@pytest.mark.parametrize("text", ["", "no end", "tab\t\n", "cr\r\n"])
def test_what_is_no_note_is_not_signed(text: str) -> None:
    with pytest.raises(NoteError):
        SIGNER.sign(text)


@pytest.mark.parametrize(
    "text",
    ["", "a\n", "\n\n", "a\n\n", "a\n\n— x\n", "a\n\n— x AAAA\n", "a\n\n- x AAAAAAAA\n", "a\n\n— x  AAAAAAAA\n", "a\n— x AAAAAAAA\n"],
)
def test_what_is_no_note_is_not_read(text: str) -> None:
    with pytest.raises(NoteError):
        note.split(text)


@pytest.mark.parametrize(
    "text",
    ["o\n1\n", "o\n01\n" + "A" * 43 + "=\n", "o\n-1\n" + "A" * 43 + "=\n", "o\n1\nAAAA\n", "\n1\n" + "A" * 43 + "=\n", "o\n1\n" + "A" * 43 + "=\n\n",
     "o\n1\nnot base64\n"],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NoteError):
        Checkpoint.parse(text)


def test_a_checkpoint_may_say_more() -> None:
    checkpoint = Checkpoint("o", 3, bytes(32), ("more", "and more"))
    assert Checkpoint.parse(checkpoint.text) == checkpoint


def test_a_checkpoint_of_another_log_is_refused() -> None:
    with pytest.raises(NoteError, match="elsewhere"):
        note.open_checkpoint(SIGNER.sign(Checkpoint("elsewhere", 0, merkle.EMPTY_ROOT).text), SIGNER.verifier)
