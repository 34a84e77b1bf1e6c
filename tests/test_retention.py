"""Contact data of people who left years ago goes; hours, names and everybody else's data stay."""

import io
from datetime import date

import pytest
import time_machine
from django.core.management import call_command

from cecert_site import merging
from rollout import enrollment
from rollout.models import AuditEntry, Merge, Person
from rollout.retention import is_due

from .conftest import NOW

ADDRESS = "clear.staff@people.example"


@pytest.mark.parametrize(
    ("left_on", "due"),
    [
        (None, False),
        (date(2023, 11, 22), False),
        (date(2023, 11, 21), True),
        (date(2020, 2, 29), True),
        (date(2026, 1, 1), False),
    ],
)
def test_it_is_due_on_the_same_day_some_years_later(left_on, due):
    assert is_due(left_on, date(2026, 11, 21), 3) is due


def told(*args: str) -> str:
    out = io.StringIO()
    with time_machine.travel(NOW, tick=False):
        call_command("forget_leavers", "clearwater", *args, stdout=out)
    return out.getvalue()


def test_without_a_word_it_only_says_whom_it_is_about_and_then_leaves_no_address_anywhere(cast):
    person = cast.person(cast.staff)
    person.hired_on, person.left_on, person.employee_number = None, date(2023, 1, 9), "4711"
    enrollment.save_person(person, by=cast.leader, at=NOW)
    twin = Person.objects.create(
        agency=cast.agency,
        first_name="Clear",
        last_name="Staff",
        email="twin@people.example",
        left_on=date(2022, 1, 1),
    )
    one = Person.objects.get(pk=person.pk)
    merging.merge(one, twin, facts=one, by=cast.leader, at=NOW)
    assert told() == "Clear Staff, left 2023-01-09\n1 entry; nothing was written. Add --confirm to remove.\n"
    assert Person.objects.get(pk=person.pk).email == ADDRESS
    assert told("--confirm").endswith("Removed from 1 entry.\n")
    person.refresh_from_db()
    assert (person.email, person.employee_number, str(person)) == ("", "", "Clear Staff")
    kept = [str(row) for model in (Person, Merge, AuditEntry) for row in model.objects.values()]
    assert not [row for row in kept if ADDRESS in row or "4711" in row or "twin@" in row]
    assert cast.person(cast.colleague).email == "clear.colleague@people.example"
    assert told("--confirm") == "Removed from 0 entries.\n"
