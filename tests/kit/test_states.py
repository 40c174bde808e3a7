"""A life that cannot be lived does not get past the import."""

import pytest

from madang.kit.errors import Refused
from madang.kit.states import BadGraph, Graph


def test_a_good_life():
    job = Graph("job", initial="held", edges={"held": {"offered", "lapsed"}, "offered": {"done"}}, final={"done", "lapsed"})
    assert job.may("held", "offered") and not job.may("done", "held")
    job.check("offered", "done")
    with pytest.raises(Refused) as no:
        job.check("lapsed", "held")
    assert no.value.code == "job-lapsed"
    assert set(job.states) == {"held", "offered", "lapsed", "done"} and job.is_final("done")


@pytest.mark.parametrize(
    ("edges", "final", "says"),
    [
        ({"a": {"b"}}, set(), "no way out"),
        ({"a": {"b"}, "b": {"a"}}, set(), "no end"),
        ({"a": {"b"}, "c": {"b"}}, {"b"}, "never reached"),
        ({"a": {"b"}, "b": {"a"}}, {"b"}, "final states with a way out"),
        ({"a": {"b", "c"}, "c": {"c"}}, {"b"}, "no end"),
        ({}, {"b"}, "no way out"),
    ],
)
def test_bad_lives(edges, final, says):
    with pytest.raises(BadGraph, match=says):
        Graph("x", initial="a", edges=edges, final=final)
