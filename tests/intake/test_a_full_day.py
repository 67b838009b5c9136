"""A day of more than 9,999 calls: each still gets its number at once, and nobody's twice."""

from __future__ import annotations

from types import SimpleNamespace

from answerable.intake.state import State, count_number, next_number


class Looked(dict[str, int]):
    """Names that are taken; counts how often one is looked for."""

    looks = 0

    def __contains__(self, name: object) -> bool:
        self.looks += 1
        return super().__contains__(name)


def test_the_number_after_many_is_found_at_once():
    town, state, taken = SimpleNamespace(day_code=lambda _at_us: "20093"), State(), Looked()
    for nth in range(1, 10_200):
        name = next_number(state, "C", 0, town, taken)  # type: ignore[arg-type]
        assert name == f"C20093{nth:04d}"
        taken[name] = nth
        count_number(state, name)
    assert taken.looks == 10_199, "a number was looked for more than once"


def test_a_name_of_another_form_counts_for_no_day():
    state = State()
    for name in ("C-other", "E12", "123", "20093", "20093000100010001"):
        count_number(state, name)
    assert state.numbered == {}
