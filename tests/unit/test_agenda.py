"""What is due when."""

from hypothesis import given
from hypothesis import strategies as st

from nsd.agenda import Agenda

STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["put", "bring forward"]), st.integers(0, 5), st.integers(0, 20)),
        st.tuples(st.just("drop"), st.integers(0, 5), st.just(0)),
        st.tuples(st.just("take"), st.just(0), st.integers(0, 20)),
    )
)


@given(STEPS)
def test_each_thing_is_due_once_and_at_its_time(
    steps: list[tuple[str, int, int]],
) -> None:
    agenda, times = Agenda[int](), dict[int, float]()
    for step, thing, at in steps:
        if step == "put":
            agenda.put(thing, at)
            times[thing] = at
        elif step == "bring forward":
            agenda.bring_forward(thing, at)
            times[thing] = min(at, times.get(thing, at))
        elif step == "drop":
            agenda.drop(thing)
            times.pop(thing, None)
        else:
            taken = list(agenda.take_due(at))
            assert set(taken) == {one for one, due in times.items() if due <= at}
            when = [times.pop(one) for one in taken]
            assert when == sorted(when), "the earliest comes first"
        assert agenda.first == min(times.values(), default=None)
