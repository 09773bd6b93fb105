"""Who may fetch now."""

from nsd.copy.slots import Slots


def taken(slots: Slots[str]) -> list[str]:
    return [who for _, who in iter(slots.next, None)]


def test_a_primary_gets_no_more_than_its_own_slots() -> None:
    slots = Slots[str](at_once=8, per_primary=2)
    for number in range(5):
        slots.wait("slow", f"slow {number}")
    slots.wait("quick", "quick")
    assert taken(slots) == ["slow 0", "quick", "slow 1"]
    slots.give_back("slow")
    assert taken(slots) == ["slow 2"]


def test_primaries_take_turns_when_slots_are_few() -> None:
    slots = Slots[str](at_once=1, per_primary=2)
    for number in range(2):
        for primary in "abc":
            slots.wait(primary, f"{primary}{number}")
    order = []
    while (found := slots.next()) is not None:
        primary, who = found
        order.append(who)
        assert slots.next() is None, "there is one slot only"
        slots.give_back(primary)
    assert order == ["a0", "b0", "c0", "a1", "b1", "c1"]


def test_slots_that_were_given_back_are_all_there_again() -> None:
    slots = Slots[str](at_once=3, per_primary=3)
    for _ in range(4):
        for number in range(5):
            slots.wait("one", str(number))
        assert len(taken(slots)) == 3
        for _ in range(3):
            slots.give_back("one")
        assert len(taken(slots)) == 2
        for _ in range(2):
            slots.give_back("one")
