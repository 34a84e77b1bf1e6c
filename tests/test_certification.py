"""The code on a certificate, and what earns one: no database."""

from datetime import UTC, date, datetime, timedelta
from math import log2
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rollout.certification import (
    ALPHABET,
    RANDOM,
    Earned,
    Facts,
    can_be_certified,
    check_character,
    earned,
    grouped,
    names_in_order,
    new_code,
    quarter_hours,
    read_code,
)
from rollout.credit import CreditRule, SessionTimes
from rollout.ledger import Ledger, Member, Slot, Stamp

bodies = st.text(ALPHABET, min_size=RANDOM, max_size=RANDOM)


def test_a_code_leaves_at_least_sixty_bits_to_chance_in_letters_nobody_mixes_up():
    assert RANDOM * log2(len(set(ALPHABET))) > 60
    assert not set(ALPHABET) & set("01OILBSZGQAEIOU")
    assert len({new_code() for _time in range(500)}) == 500


def test_a_code_comes_from_the_systems_own_chance(monkeypatch):
    from rollout import certification

    assert certification.new_code.__defaults__ == (certification.secrets.choice,)


@given(bodies)
@settings(max_examples=60)
def test_a_code_is_read_back_however_it_is_typed(body):
    code = grouped(body + check_character(body))
    typed = [code, code.lower(), code.replace("-", ""), f"  {code.replace('-', ' – ')} "]
    assert {read_code(each) for each in typed} == {code}


@given(bodies, st.integers(0, RANDOM), st.sampled_from(ALPHABET))
@settings(max_examples=150)
def test_one_wrong_character_is_always_noticed(body, place, other):
    code = body + check_character(body)
    wrong = code[:place] + other + code[place + 1 :]
    assert (read_code(wrong) == "") == (wrong != code)


@given(bodies, st.integers(0, RANDOM), st.integers(0, RANDOM))
@settings(max_examples=150)
def test_two_characters_that_changed_places_are_always_noticed(body, one, two):
    code = list(body + check_character(body))
    code[one], code[two] = code[two], code[one]
    assert (read_code("".join(code)) == "") == ("".join(code) != body + check_character(body))


def test_letters_read_for_digits_are_put_right():
    body = "85268526CDFHJK"
    code = grouped(body + check_character(body))
    assert read_code(code.replace("8", "B").replace("5", "S").replace("2", "z").replace("6", "G")) == code


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "-",
        "CDFHJ",
        "x" * 4000,
        "CDFHJ-KMNPR-TVWX!",
        "0" * 15,
        "' or 1=1 --",
        "ÇDFHJKMNPRTVWXY",
        "\0" * 15,
    ],
)
def test_what_can_be_no_code_is_none(typed):
    assert read_code(typed) == ""


def test_hours_are_shown_in_quarters_and_never_rounded_up():
    shown = [quarter_hours(minutes) for minutes in (0, 14, 15, 30, 345, 359, 720, 734)]
    assert shown == ["0", "0", "¼", "½", "5¾", "5¾", "12", "12"]


def test_somebody_is_certified_from_the_required_minute_on_and_never_for_nothing():
    assert can_be_certified(Earned(720, (), ()), 720)
    assert not can_be_certified(Earned(719, (), ()), 720)
    assert not can_be_certified(Earned(0, (), ()), 0)


DAY = datetime(2026, 11, 3, 16, tzinfo=UTC)
FOUNDATIONS, HELPING = 1, 2


def slot(number: int, *modules: tuple[int, int, int]) -> Slot:
    start = DAY + timedelta(days=number)
    times = SessionTimes(start, start + timedelta(hours=8), sum(minutes for _id, minutes, _c in modules))
    return Slot(number, 1, start.date(), times, modules)


def ledger_of(slots: list[Slot], attended: list[int]) -> Ledger:
    """One person, there from start to end on these days."""
    stamps = [Stamp(n, slots[n].times.starts_at, slots[n].times.ends_at, None) for n in attended]
    return Ledger(
        CreditRule(), DAY + timedelta(days=60), (), {each.id: each for each in slots},
        {7: Member(7, None, False, None, None)}, {7: stamps}, {}, frozenset(attended),
    )  # fmt: skip


def test_days_that_only_repeat_what_was_earned_are_not_on_the_certificate():
    slots = [
        slot(0, (1, 360, FOUNDATIONS)),
        slot(1, (1, 360, FOUNDATIONS)),
        slot(2, (2, 360, FOUNDATIONS)),
        slot(3, (9, 60, HELPING)),
    ]
    found = earned(ledger_of(slots, [2, 0, 1, 3]), 7, FOUNDATIONS, 720)
    assert found == Earned(720, (date(2026, 11, 3), date(2026, 11, 5)), (0, 2))


def test_what_is_planned_or_anothers_counts_for_nothing():
    assert earned(ledger_of([slot(0, (1, 360, FOUNDATIONS))], []), 7, FOUNDATIONS, 720) == Earned(0, (), ())


def test_no_more_hours_are_certified_than_the_curriculum_requires():
    slots = [slot(0, (1, 360, FOUNDATIONS)), slot(1, (2, 360, FOUNDATIONS)), slot(2, (3, 360, FOUNDATIONS))]
    found = earned(ledger_of(slots, [0, 1, 2]), 7, FOUNDATIONS, 720)
    assert (found.minutes, found.sessions) == (720, (0, 1))


def test_trainers_stand_once_in_order_of_their_sessions_and_nameless_ones_not_at_all():
    assert names_in_order([3, 1, 2, 4], {1: "Ann", 2: "Bo", 3: "Bo", 4: ""}) == ("Bo", "Ann")


def test_facts_say_what_differs():
    before = Facts("Ada", "F", (date(2026, 1, 1),), 720, (), "S", "", "en")
    after = Facts("Ada L.", "F", (date(2026, 1, 1),), 735, (), "S", "", "en")
    assert after.changes(before) == ["participant", "minutes"]


def test_every_code_that_is_made_can_be_read():
    chance = Random(4)
    codes = [new_code(chance.choice) for _time in range(50)]
    assert all(read_code(code) == code for code in codes)
