"""Every key of a TOML file is found on its line, however it is written."""

import random
import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.coop.charter.source import Lost, locate, places_so_far

ODD = '''# a comment = with [brackets] and "quotes"
title = "a # not a comment"   # a comment

[table]   # after a header
"quoted.key" = 1
'''

NAMES = st.sampled_from(["a", "b-c", "d_1", "한글", "with.dot", "with space", "", "[x]", '"q"', "#", "="])
SCALARS = st.one_of(
    st.integers(-5, 5),
    st.booleans(),
    st.text(alphabet='ab#"\'[]{},=\\ \n가', max_size=12),
)
TREES = st.recursive(SCALARS, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=3)), max_leaves=12)


def key_text(name, dice):
    import re

    if re.fullmatch(r"[A-Za-z0-9_-]+", name) and dice.random() < 0.7:
        return name
    return string_text(name)


def string_text(text):
    out = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{out}"'


class Writer:
    """Writes a tree as TOML in a random style and remembers the line of each key."""

    def __init__(self, seed):
        self.dice = random.Random(seed)
        self.lines = []
        self.now = ""
        self.expected = {}

    def put(self, text):
        for part in text.splitlines(keepends=True):
            self.now += part
            if part.endswith("\n"):
                self.lines.append(self.now)
                self.now = ""

    @property
    def line(self):
        return len(self.lines) + 1

    def noise(self):
        if self.dice.random() < 0.3:
            self.put(self.dice.choice(["\n", "# x = [1\n", "  # \"\"\" \n", "\t\n"]))

    def value(self, path, value):
        if isinstance(value, bool):
            self.put("true" if value else "false")
        elif isinstance(value, int):
            self.put(str(value))
        elif isinstance(value, str):
            style = self.dice.random()
            if style < 0.3 and "'" not in value and "\n" not in value:
                self.put(f"'{value}'")
            elif style < 0.5:
                self.put('"""\n' + value.replace("\\", "\\\\").replace('"', '\\"') + '"""')
            elif style < 0.6 and "'" not in value:
                self.put(f"'''\n{value}'''")
            else:
                self.put(string_text(value))
        elif isinstance(value, list):
            self.put("[")
            for number, one in enumerate(value):
                if self.dice.random() < 0.5:
                    self.put(" # c ] }\n")
                self.expected[(*path, number)] = self.line
                self.value((*path, number), one)
                if self.dice.random() < 0.3:
                    self.put("\n")
                if number < len(value) - 1 or self.dice.random() < 0.3:
                    self.put(",")
            self.put("]")
        else:
            self.put("{ ")
            for number, (name, one) in enumerate(value.items()):
                if number:
                    self.put(", ")
                self.pair(path, name, one)
            self.put(" }")

    def pair(self, path, name, value):
        self.expected.setdefault((*path, name), self.line)
        if isinstance(value, dict) and len(value) == 1 and self.dice.random() < 0.4:
            ((inner, deep),) = value.items()
            self.expected.setdefault((*path, name, inner), self.line)
            self.put(f"{key_text(name, self.dice)} . {key_text(inner, self.dice)} = ")
            self.value((*path, name, inner), deep)
            return
        self.put(f"{key_text(name, self.dice)} = ")
        self.value((*path, name), value)

    def table(self, path, shown, tree):
        later = []
        for name, value in tree.items():
            is_table = isinstance(value, dict) and self.dice.random() < 0.6
            is_array = isinstance(value, list) and value and all(isinstance(one, dict) for one in value) and self.dice.random() < 0.7
            if is_table or is_array:
                later.append((name, value))
                continue
            self.noise()
            self.pair(path, name, value)
            self.put("\n")
        for name, value in later:
            here = [*shown, key_text(name, self.dice)]
            if isinstance(value, dict):
                self.noise()
                self.expected[(*path, name)] = self.line
                self.put(f"[{'.'.join(here)}]\n")
                self.table((*path, name), here, value)
            else:
                for number, one in enumerate(value):
                    self.noise()
                    self.expected.setdefault((*path, name), self.line)
                    self.expected[(*path, name, number)] = self.line
                    self.put(f"[[ {' . '.join(here)} ]] # header\n")
                    self.table((*path, name, number), here, one)

    @property
    def text(self):
        return "".join(self.lines) + self.now


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(NAMES, TREES, max_size=4), st.integers(0, 2**32))
def test_every_key_is_on_its_line(tree, seed):
    writer = Writer(seed)
    writer.table((), [], tree)
    text = writer.text
    assert tomllib.loads(text) == tree  # the writer itself is right
    found = locate(text).lines
    assert {path: found.get(path) for path in writer.expected} == writer.expected


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet='ab=[]{}"\'#.,\n\\ 1', max_size=60))
def test_it_walks_whatever_python_reads_and_never_hangs(text):
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        places_so_far(text)
        return
    lines = locate(text).lines
    for name in tree:
        assert (name,) in lines


def test_odd_but_lawful():
    text = ODD + "d = 1979-05-27 07:32:00\nm = '''\n''x'''\ne = { a.b = 1, 'c' = [\n 1,\n 2 ] }\nt = \"\"\"x\"\"\"\"\"\n\n"
    text += "[[a.b]]\nx = 1\n[[a.b]]\n[a.b.c]\ny = 2\n"
    tomllib.loads(text)
    lines = locate(text).lines
    assert lines[("table", "quoted.key")] == 5
    assert lines[("table", "d")] == 6
    assert lines[("table", "m")] == 7
    assert lines[("table", "e")] == 9
    assert lines[("table", "e", "a", "b")] == 9
    assert lines[("table", "e", "c", 1)] == 11
    assert lines[("table", "t")] == 12
    assert lines[("a", "b", 0, "x")] == 15
    assert lines[("a", "b", 1)] == 16
    assert lines[("a", "b", 1, "c", "y")] == 18


def test_the_nearest_line_there_is():
    places = locate("[a]\nb = 1\n")
    assert places.line(("a", "missing")) == 1
    assert places.line(("a", "b", "deeper", 3)) == 2
    assert places.line(("nowhere",)) == 1


def test_windows_line_ends():
    assert locate("a = 1\r\n\r\nb = 2\r\n").lines[("b",)] == 3


@pytest.mark.parametrize(
    ("text", "twice"),
    [
        ("a = 1\nb = 2\na = 3\n", (("a",), 3, 1)),
        ("[t]\nx = 1\n[u]\n[t]\n", (("t",), 4, 1)),
        ("[t]\nx.y = 1\nx.y = 2\n", (("t", "x", "y"), 3, 2)),
        ("a = { b = 1, b = 2 }\n", (("a", "b"), 1, 1)),
    ],
)
def test_what_was_written_twice(text, twice):
    with pytest.raises(tomllib.TOMLDecodeError):
        tomllib.loads(text)
    assert places_so_far(text).twice == [twice]


def test_the_same_key_in_two_tables_of_an_array_is_fine():
    assert locate("[[a]]\nx = 1\n[a.b]\ny = 1\n[[a]]\nx = 1\n[a.b]\ny = 1\n").twice == []


def test_not_toml():
    with pytest.raises(Lost):
        locate("a = \n")
    with pytest.raises(Lost):
        locate('a = "x\n')
