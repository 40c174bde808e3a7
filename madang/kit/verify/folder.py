"""An export, checked whole: every byte, the tree, the signature, the public words and the history of the rules."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from madang.kit import note, tiles
from madang.kit.verify import tree
from madang.kit.verify.history import ALWAYS_OPEN, History
from madang.kit.verify.lines import Entry
from madang.kit.verify.manifest import CHECKPOINT, KEY, NAME, Manifest, ManifestError, differences
from madang.kit.verify.opened import FOLDER, OpenLeaf, OpenLine, open_leaves, path_of, read_lines
from madang.kit.verify.receipt import Receipt, ReceiptError
from madang.kit.verify.report import Report


class NoExport(ValueError):
    """There is no export at that place: nothing can be said about it."""


def verify_folder(folder: Path, key: note.Verifier | None = None, receipt: Receipt | None = None) -> Report:
    """Check an export; with ``key`` also who signed it, with ``receipt`` also that its line stands in this very log.

    Raises :class:`NoExport` when the folder is none. Never writes, and reads nothing outside the folder.
    """
    if not folder.is_dir():
        raise NoExport(f"{folder} is not a folder.")
    report = Report()
    signer = _signer(folder, key, report)
    manifest = _manifest(folder, signer, report) if signer else None
    if signer is None or manifest is None:
        return report
    for sentence in differences(folder, manifest):
        report.problem(sentence)
    report.files, report.origin = len(manifest.files) + 1, manifest.origin
    checkpoint = _checkpoint(folder, signer, manifest, report)
    if checkpoint is None:
        return report
    tree.needed(checkpoint.size, manifest.files, report)
    _known_paths(manifest, checkpoint.size, report)
    public = _public(folder, manifest, report)
    wanted = {line.index for lines in public.values() for line in lines}
    if receipt is not None:
        wanted.add(receipt.proof.index)
    edge, entries = tree.rebuild(folder, checkpoint.size, lambda index, entry: index in wanted or entry.kind in ALWAYS_OPEN, report)
    report.leaves = edge.size
    if edge.size != checkpoint.size:
        report.problem(f"There are {edge.size} leaves; the checkpoint is of {checkpoint.size}.")
    elif edge.root() != checkpoint.root:
        report.problem("The leaves do not hash to the root in the checkpoint.")
    opened = _opened(public, entries, report)
    History(report).read(opened[index] for index in sorted(opened))
    if receipt is not None:
        _receipt(folder, receipt, signer, checkpoint, entries, report)
    report.signed_by = signer.name if key else None
    return report


def _signer(folder: Path, key: note.Verifier | None, report: Report) -> note.Verifier | None:
    """The key to check with: the one we were given, else the one in the export (then the author stays unchecked)."""
    try:
        text = _text(folder / KEY)
        inside = note.Verifier.parse(text.removesuffix("\n"))
        if inside.vkey + "\n" != text:
            raise note.NoteError("it ends in a strange way")
    except (OSError, ValueError) as wrong:
        report.problem(f"The file {KEY} cannot be read: {_why(wrong)}.")
        return key
    if key is not None and key != inside:
        report.problem(f"The export is by another author: its key is {inside.vkey}, not {key.vkey}.")
    return key or inside


def _manifest(folder: Path, signer: note.Verifier, report: Report) -> Manifest | None:
    try:
        return Manifest.open(_bytes(folder / NAME), signer)
    except (OSError, ManifestError) as wrong:
        report.problem(f"The file {NAME} does not hold: {_why(wrong)}.")
        return None


def _checkpoint(folder: Path, signer: note.Verifier, manifest: Manifest, report: Report) -> note.Checkpoint | None:
    try:
        checkpoint = note.open_checkpoint(_text(folder / CHECKPOINT), signer)
    except (OSError, ValueError) as wrong:
        report.problem(f"The file {CHECKPOINT} does not hold: {_why(wrong)}.")
        return None
    if checkpoint.size != manifest.size:
        report.problem(f"The checkpoint is of {checkpoint.size} leaves, the manifest of {manifest.size}.")
    return checkpoint


def _known_paths(manifest: Manifest, size: int, report: Report) -> None:
    """Nothing may ride along in a manifest that an export does not have."""
    expected = {tile.path for tile in tiles.of_size(size)} | {KEY, CHECKPOINT, "README.txt"}
    for path in manifest.files:
        if path not in expected and not (path.startswith(f"{FOLDER}/") and path.endswith(".jsonl") and path.count("/") == 1):
            report.problem(f"The file {path} does not belong into an export of {size} leaves.")


def _public(folder: Path, manifest: Manifest, report: Report) -> Mapping[str, list[OpenLine]]:
    found: dict[str, list[OpenLine]] = {}
    for path in sorted(manifest.files):
        if path.startswith(f"{FOLDER}/"):
            try:
                found[path.removeprefix(f"{FOLDER}/").removesuffix(".jsonl")] = list(read_lines(_bytes(folder / path)))
            except (OSError, ValueError) as wrong:
                report.problem(f"The file {path} cannot be read: {_why(wrong)}.")
    return found


def _opened(public: Mapping[str, list[OpenLine]], entries: Mapping[int, Entry], report: Report) -> dict[int, OpenLeaf]:
    opened = open_leaves(public, entries, report.problem)
    shown = {line.index for lines in public.values() for line in lines}
    for index, entry in sorted(entries.items()):
        if entry.kind in ALWAYS_OPEN and index not in shown:
            report.problem(f"Leaf {index} ({entry.subject}) must be open for everyone, but {path_of(entry.kind)} does not show it.")
    report.opened = len(opened)
    return opened


def _receipt(
    folder: Path, receipt: Receipt, signer: note.Verifier, checkpoint: note.Checkpoint, entries: Mapping[int, Entry], report: Report
) -> None:
    """The receipt's own proof, and that its checkpoint and this one are of one history."""
    try:
        older = receipt.verify(signer)
    except ReceiptError as wrong:
        report.problem(str(wrong))
        return
    if older.size > checkpoint.size:
        report.problem(f"The receipt is newer ({older.size} leaves) than the export ({checkpoint.size}): export again.")
        return
    if entries.get(receipt.proof.index) != receipt.entry:
        report.problem(f"The receipt's entry is not leaf {receipt.proof.index} of this export.")
    stored = tiles.TiledTree(checkpoint.size, lambda tile: (folder / tile.path).read_bytes())
    try:
        if stored.root(older.size) != older.root:
            report.problem(f"The receipt's checkpoint of {older.size} leaves is of another history than this export: two records were shown.")
    except (OSError, ValueError) as wrong:
        report.problem(f"The receipt's checkpoint cannot be compared: {_why(wrong)}.")


def _bytes(path: Path) -> bytes:
    if path.is_symlink():
        raise OSError(0, "it is a link")
    return path.read_bytes()


def _text(path: Path) -> str:
    return _bytes(path).decode("utf-8")


def _why(wrong: Exception) -> str:
    if isinstance(wrong, FileNotFoundError):
        return "it is missing"
    if isinstance(wrong, OSError):
        return wrong.strerror or "it cannot be opened"
    return str(wrong)
