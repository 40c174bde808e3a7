from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.platforms.services import matching
from madang.platforms.services.matching import Candidate

PEOPLE = st.lists(st.tuples(st.uuids(), st.integers(0, 40)), unique_by=lambda pair: pair[0], max_size=20).map(
    lambda pairs: [Candidate(str(worker), jobs) for worker, jobs in pairs]
)


@given(PEOPLE, st.sampled_from(matching.WAYS), st.text(max_size=8), st.randoms())
def test_the_order_does_not_depend_on_who_was_listed_first(people, way, salt, random):
    shuffled = people[:]
    random.shuffle(shuffled)
    ranked = matching.rank(people, way, salt)
    assert ranked == matching.rank(shuffled, way, salt)
    assert [one.place for one in ranked] == list(range(1, len(people) + 1))


@given(PEOPLE, st.text(max_size=8))
def test_fewest_jobs_first(people, salt):
    jobs = [one.candidate.jobs for one in matching.rank(people, matching.FEWEST, salt)]
    assert jobs == sorted(jobs)


def test_a_tie_is_drawn_anew_for_each_job():
    two = [Candidate("a", 3), Candidate("b", 3)]
    firsts = {matching.rank(two, matching.FEWEST, str(job))[0].candidate.worker for job in range(20)}
    assert firsts == {"a", "b"}


def test_who_never_had_a_job_waited_longest():
    ranked = matching.rank([Candidate("a", 1, datetime(2026, 1, 1, tzinfo=UTC)), Candidate("b", 0)], matching.LONGEST, "x")
    assert ranked[0].candidate.worker == "b"
    assert ranked[1].reasons(matching.LONGEST, "v") == {
        "rule": "services.matching", "version": "v", "way": "longest_wait", "jobs_30_days": 1, "place": 2, "free": 2,
    }


def test_an_unknown_way_is_refused():
    with pytest.raises(ValueError):
        matching.rank([], "favourites", "x")
