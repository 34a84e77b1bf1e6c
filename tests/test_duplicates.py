"""Likely duplicates: found by a rule with its reason, looked at side by side, joined, undone, or told apart."""

from datetime import date
from random import Random
from typing import Any

import pytest
from django.urls import reverse

from cecert_site import merging
from rollout import enrollment
from rollout.duplicates import Entry, likely_duplicates, similar
from rollout.models import Merge, NotTheSame, Person

from .conftest import NOW, account, somebody
from .rosters import ANA, preview, row
from .rosters import person as known
from .test_roster_pages import text_of

DAY = date(2024, 1, 8)


def entry(key: int, name: str, **fields: Any) -> Entry:
    first, _space, last = name.partition(" ")
    return Entry(key, first, last, **fields)


@pytest.mark.parametrize(
    ("one", "other", "reasons"),
    [
        ({"name": "Siobhán O’Brien-Lee"}, {"name": "SIOBHAN OBRIEN LEE"}, ("name",)),
        ({"name": "Ana Lopez", "employee_number": "00417"}, {"name": "Ana Ruiz", "employee_number": "E-0417"}, ("number",)),
        ({"name": "Ana Lopez", "employee_number": "00417"}, {"name": "Ana Ruiz", "employee_number": "417"}, ()),
        ({"name": "Ana Lopez", "employee_number": "004170"}, {"name": "Ana Ruiz", "employee_number": "E4170"}, ("number",)),
        ({"name": "Ana Roe", "email": "ana.roe@a.example"}, {"name": "Ana Ng", "email": "anaroe+x@b.ex"}, ("address",)),
        ({"name": "Ana Lopez", "email": "intake@old.example"}, {"name": "Ana Ruiz", "email": "intake@new.example"}, ()),
        ({"name": "Ana Lopez", "email": "jsmith@old.example"}, {"name": "Jo Smith", "email": "jsmith@new.example"}, ()),
        ({"name": "Chris Ng", "team": "Night"}, {"name": "Christopher Ng", "team": "Night"}, ("similar-team",)),
        ({"name": "Chris Ng", "team": "Night"}, {"name": "Christopher Ng", "team": "Intake"}, ()),
        ({"name": "Katherine Roe", "team": "Night"}, {"name": "Kathrine Roe", "team": "Night"}, ("similar-team",)),
        ({"name": "Maria Lopez", "hired_on": DAY}, {"name": "Maria Lopez Garcia", "hired_on": DAY}, ("similar-hired",)),
        ({"name": "Ben Katz", "team": "Night"}, {"name": "Dan Katz", "team": "Night"}, ()),
    ],
)  # fmt: skip
def test_two_entries_are_asked_about_for_a_stated_reason(one, other, reasons):
    found = likely_duplicates([entry(1, **one), entry(2, **other)])
    assert [pair.reasons for pair in found] == ([reasons] if reasons else [])
    assert all(pair.why.startswith("They have ") for pair in found)


def test_the_strongest_come_first_and_pairs_told_apart_not_at_all():
    entries = [
        entry(1, "Ana Lopez", team="Night"),
        entry(2, "Anna Lopez", team="Night"),
        entry(3, "Ana Lopez", employee_number="E5001"),
        entry(4, "Ana Lopez-Ruiz", employee_number="5001"),
    ]
    found = [(pair.one.key, pair.other.key) for pair in likely_duplicates(entries)]
    assert found == [(3, 4), (1, 3), (1, 2)]
    apart = {frozenset({1, 3}), frozenset({4, 3})}
    assert [(pair.one.key, pair.other.key) for pair in likely_duplicates(entries, apart)] == [(1, 2)]
    assert [(pair.one.key, pair.other.key) for pair in likely_duplicates(entries, only={4})] == [(3, 4)]
    assert likely_duplicates(entries, only=()) == []


def test_it_makes_no_difference_who_comes_first():
    luck = Random(3)
    names = ["Ana", "Anna", "An", "Ben", "Benjamin"]
    people = [
        entry(n, f"{luck.choice(names)} {luck.choice(['Roe', 'Row', 'Lopez', 'Lopez Roe'])}", team="Night")
        for n in range(40)
    ]
    pairs = {frozenset({pair.one.key, pair.other.key}) for pair in likely_duplicates(people)}
    backwards = {frozenset({pair.one.key, pair.other.key}) for pair in likely_duplicates(people[::-1])}
    assert pairs == backwards
    assert all(similar(a, b) == similar(b, a) for a in people for b in people)


def test_the_preview_of_a_file_asks_about_somebody_new_under_another_spelling():
    people = [known(1, "Katherine", "Roe", "kroe@old.example", team="Night")]
    found = compared([row(2, "Kathrine", "Roe", "kathrine@x.example", team="Night")], people)
    assert [(q.row, q.kind) for q in found if q.kind == "likely-duplicate"] == [(2, "likely-duplicate")]
    assert "Kathrine Roe is taken as new and may be Katherine Roe." in found[0].reason
    assert not [
        q for q in compared([row(2, "Ana", "Lopez", team="Intake")], [ANA]) if q.kind == "likely-duplicate"
    ]
    assert [q for q in preview("clearwater.csv").questions if q.kind == "likely-duplicate"] == []


def compared(rows: Any, people: Any) -> Any:
    from rollout.roster import compare

    return compare(rows, people, today=date(2026, 11, 21)).questions


# --- The pages ----------------------------------------------------------------------------------------------------


@pytest.fixture
def twins(cast: Any) -> tuple[Person, Person]:
    one = somebody(cast.agency, cast.team, account("Kit Marlow"), hired_on=date(2025, 1, 6))
    other = somebody(cast.agency, cast.team, account("Christopher Marlow"), hired_on=date(2026, 9, 1))
    Person.objects.filter(pk=one.pk).update(first_name="Chris")
    return Person.objects.get(pk=one.pk), other


def listed(cast: Any) -> str:
    return reverse("duplicates", args=[cast.agency.slug])


def side_by_side(one: Person, other: Person) -> str:
    return reverse("same_person", args=[one.uuid, other.uuid])


def test_a_leader_compares_joins_and_undoes(cast, as_, twins):
    client, (one, other) = as_(cast.leader), twins
    page = client.get(listed(cast))
    assert "They have a similar name and the same team." in text_of(page)
    assert side_by_side(one, other) in page.content.decode()
    preview = client.get(side_by_side(one, other))
    assert "Sign-in stays with christopher.marlow@people.example." in text_of(preview)
    assert Merge.objects.count() == 0
    plan = preview.context["plan"]
    data = {"step": "join", "seen": plan.seen, "facts": str(plan.facts.uuid)}
    done = client.post(side_by_side(one, other), data, follow=True)
    assert "Christopher Marlow is one entry now. It can be undone below." in text_of(done)
    assert "similar name" not in text_of(done)
    assert cast.agency.people.current().filter(last_name="Marlow").count() == 1
    undo = reverse("merge_undo", args=[Merge.objects.get().uuid])
    assert undo in done.content.decode()
    assert "The two entries are apart again" in text_of(client.post(undo, follow=True))
    assert cast.agency.people.current().filter(last_name="Marlow").count() == 2


def test_two_people_are_not_asked_about_again(cast, as_, twins):
    client = as_(cast.leader)
    client.post(side_by_side(*twins), {"step": "apart"})
    page = text_of(client.get(listed(cast)))
    assert "No likely duplicates" in page
    assert NotTheSame.objects.get().by == cast.leader


def test_a_change_meanwhile_is_shown_before_anything_is_joined(cast, as_, twins):
    client = as_(cast.leader)
    seen = client.get(side_by_side(*twins)).context["plan"].seen
    twins[0].job_title = "Director"
    enrollment.save_person(twins[0], by=cast.leader, at=NOW)
    answer = client.post(side_by_side(*twins), {"step": "join", "seen": seen})
    assert (answer.status_code, Merge.objects.count()) == (409, 0)
    assert "Director" in text_of(answer)


def test_two_sign_ins_in_use_are_refused_with_the_reason(cast, as_, twins):
    for person in twins:
        person.user.claimed_at = NOW
        person.user.save()
    client = as_(cast.leader)
    page = client.get(side_by_side(*twins))
    assert "These two cannot be joined" in text_of(page)
    assert "join them" not in text_of(page)
    answer = client.post(side_by_side(*twins), {"step": "join", "seen": page.context["plan"].seen})
    assert (answer.status_code, Merge.objects.count()) == (422, 0)


def test_nobody_joins_across_agencies_or_undoes_for_another(cast, as_, twins):
    theirs = cast.person(cast.other_staff)
    assert as_(cast.leader).get(side_by_side(twins[0], theirs)).status_code == 404
    assert as_(cast.admin).get(side_by_side(twins[0], theirs)).status_code == 404
    made = merging.merge(*twins, by=cast.leader, at=NOW)
    assert as_(cast.other_leader).post(reverse("merge_undo", args=[made.uuid])).status_code == 404
    made.refresh_from_db()
    assert made.undone_at is None


def test_the_list_takes_the_same_queries_for_one_and_thirty(cast, as_, django_assert_num_queries):
    client = as_(cast.leader)
    client.get(listed(cast))
    for count in (1, 29):
        for number in range(count):
            for name in ("Ana", "Anna"):
                Person.objects.create(
                    agency=cast.agency, team=cast.team, first_name=name, last_name=f"Roe{count}{number:02}x"
                )
        with django_assert_num_queries(11):
            assert client.get(listed(cast)).status_code == 200
