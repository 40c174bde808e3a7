"""Tiles: paths, bundles, and trees read back from them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.kit import merkle, note, tiles
from madang.kit.merkle import MemoryTree
from tests.kit.vectors import TLOG, needs_vectors


@pytest.mark.parametrize(
    ("index", "path"), [(0, "000"), (7, "007"), (999, "999"), (1000, "x001/000"), (1234067, "x001/x234/067"), (999_999_999, "x999/x999/999")]
)
def test_paths_of_the_specification(index: int, path: str) -> None:
    assert tiles.index_path(index) == path


@given(st.none() | st.integers(0, 63), st.integers(0, 10**15), st.integers(1, 256))
def test_a_path_is_read_as_it_was_written(level: int | None, index: int, width: int) -> None:
    tile = tiles.Tile(level, index, width)
    assert tiles.parse_path(tile.path) == tile


@pytest.mark.parametrize(
    "path",
    ["tile/64/000", "tile/00/000", "tile/0/00", "tile/0/x000/001", "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01", "tile/0/0000", "tile/-1/000",
     "tile/0/000/", "tile/0/x001", "tile/entries/000.p/", "/tile/0/000", "tile/0/000\n", "tile/0/٠٠٠", "tile/0/001/000", "tile/0/../000"],
)  # fmt: skip
def test_another_path_is_no_tile(path: str) -> None:
    with pytest.raises(ValueError):
        tiles.parse_path(path)


def test_the_tiles_of_70000_as_the_specification_counts_them() -> None:
    found = list(tiles.of_size(70_000))
    by_level = {level: [tile for tile in found if tile.level == level] for level in (None, 0, 1, 2)}
    assert [len(by_level[level]) for level in (None, 0, 1, 2)] == [274, 274, 2, 1]
    assert by_level[0][-1].width == 112
    assert [tile.width for tile in by_level[1]] == [256, 17]
    assert by_level[2][0].width == 1


def test_a_log_of_256_has_a_full_tile_and_one_above_of_width_1() -> None:
    assert [tile.path for tile in tiles.of_size(256)] == ["tile/entries/000", "tile/0/000", "tile/1/000.p/1"]
    assert list(tiles.of_size(0)) == []


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_a_bundle_comes_back(entries: list[bytes]) -> None:
    data = tiles.bundle(entries)
    assert tiles.split_bundle(data) == entries
    if data:
        with pytest.raises(ValueError):
            tiles.split_bundle(data + b"\x00")


def test_an_entry_has_a_limit() -> None:
    assert tiles.split_bundle(tiles.bundle([b"x" * 65_535])) == [b"x" * 65_535]
    with pytest.raises(ValueError):
        tiles.bundle([b"x" * 65_536])


BIG = MemoryTree(merkle.leaf_hash(str(number).encode()) for number in range(70_000))


def read(tile: tiles.Tile) -> bytes:
    height = tiles.HEIGHT * (tile.level or 0)
    return b"".join(BIG.node(height, tile.index * tiles.WIDTH + number) for number in range(tile.width))


@given(st.integers(1, 70_000), st.data())
def test_a_tree_read_from_tiles_makes_the_same_proofs(size: int, data: st.DataObject) -> None:
    tree = tiles.TiledTree(size, read)
    index, first = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
    assert tree.root() == BIG.root(size)
    assert tree.inclusion(index) == BIG.inclusion(index, size)
    assert tree.consistency(first) == BIG.consistency(first, size)


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 512, 65_535, 65_536, 65_537, 69_999])
def test_the_edges_of_tiles(size: int) -> None:
    tree = tiles.TiledTree(size, read)
    assert tree.root() == BIG.root(size)
    for index in {0, size // 2, size - 1}:
        merkle.verify_inclusion(BIG.node(0, index), index, size, tree.inclusion(index), tree.root())


def test_a_short_tile_is_noticed() -> None:
    with pytest.raises(ValueError, match="instead of"):
        tiles.TiledTree(300, lambda tile: read(tile)[:-32]).root()


@needs_vectors
def test_tesseras_log_is_read_whole() -> None:
    log = TLOG / "tessera_testdata_log"
    for size in range(16):
        text, signatures = note.split((log / f"checkpoint.{size}").read_text())
        checkpoint = note.Checkpoint.parse(text)
        assert (checkpoint.origin, checkpoint.size, len(signatures)) == ("example.com/log/testdata", size, 1)
        for tile in tiles.of_size(size):
            data = (log / tile.path).read_bytes()
            if tile.level is None:
                assert tiles.bundle(tiles.split_bundle(data)) == data
                assert merkle.root([merkle.leaf_hash(entry) for entry in tiles.split_bundle(data)]) == checkpoint.root
        assert tiles.TiledTree(size, lambda tile: (log / tile.path).read_bytes()).root() == checkpoint.root
