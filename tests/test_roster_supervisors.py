"""Which supervisor a team gets from a roster file."""

from dataclasses import replace

import pytest

from rollout.imports import RosterRow
from rollout.roster import PersonRef, compare

from .rosters import ANA_ROW, TODAY, counts, kinds, person, row


def team_of(*refs: str, boss: RosterRow | None = None) -> list[RosterRow]:
    boss = boss or row(2, "Dana", "Whitehorse", team="Intake", employee_number="E1")
    return [
        boss,
        *(row(3 + at, "Ana", f"L{at}", team="Intake", supervisor_ref=ref) for at, ref in enumerate(refs)),
    ]


@pytest.mark.parametrize(
    "ref",
    [
        "Dana Whitehorse",
        "Whitehorse, Dana",
        "DANA WHITEHORSE",
        "dana.whitehorse@x.example",
        "Dana.Whitehorse@X.example",
        "e1",
        "Dana Whitehorse (E1)",
    ],
)
def test_a_supervisor_is_found_by_name_email_or_number(ref):
    found = compare(team_of(ref), [], today=TODAY)
    assert found.errors == ()
    assert found.team_supervisors == {"Intake": PersonRef("Dana Whitehorse", None, 2)}


def test_a_supervisor_is_found_by_the_name_before_a_renaming():
    dana = person(1, "Dana", "Whitehorse", team="Intake")
    boss = row(2, "Dana", "Reyes", "dana.whitehorse@x.example", team="Intake")
    found = compare(team_of("Dana Whitehorse", boss=boss), [dana], today=TODAY, teams={"Intake": 1})
    assert found.errors == found.supervisor_changes == ()
    assert found.team_supervisors["Intake"].key == 1


def test_a_new_supervisor_of_a_team_is_a_change_of_the_team_and_of_no_person():
    known = [person(1, "Dana", "Whitehorse", team="Intake"), person(2, "Ana", "L0", team="Intake")]
    boss = row(9, "Tom", "Becker", team="Intake")
    rows = [
        boss,
        row(2, "Dana", "Whitehorse", team="Intake"),
        row(3, "Ana", "L0", team="Intake", supervisor_ref="Tom Becker"),
    ]
    found = compare(rows, known, today=TODAY, teams={"Intake": 1})
    assert found.counts() == counts(new=1, unchanged=2)
    change = found.supervisor_changes[0]
    assert (change.team, change.before, change.after) == (
        "Intake",
        "Dana Whitehorse",
        PersonRef("Tom Becker", None, 9),
    )


def test_a_supervisor_who_reports_higher_up_does_not_contradict_the_team():
    boss = row(2, "Dana", "Whitehorse", team="Intake", supervisor_ref="Marlene Hightower")
    rows = [*team_of("Dana Whitehorse", boss=boss), row(9, "Marlene", "Hightower", team="Leadership")]
    found = compare(rows, [], today=TODAY)
    assert found.questions == ()
    assert found.team_supervisors["Intake"].name == "Dana Whitehorse"


def test_people_of_a_team_who_disagree_are_named_and_the_majority_counts():
    rows = [
        *team_of("Dana Whitehorse", "Tom Becker", "Dana Whitehorse"),
        row(9, "Tom", "Becker", team="South"),
    ]
    found = compare(rows, [], today=TODAY)
    assert found.team_supervisors["Intake"].name == "Dana Whitehorse"
    assert [(problem.kind, problem.rows) for problem in found.questions] == [("supervisors-differ", (4,))]


def test_two_people_of_the_supervisors_name_are_told_apart_by_team_or_asked_about():
    twin = row(9, "Dana", "Whitehorse", "dana2@x.example", team="South")
    found = compare([*team_of("Dana Whitehorse"), twin], [], today=TODAY)
    assert found.team_supervisors["Intake"].row == 2
    outside = [replace(boss, team="North") if boss.row == 2 else boss for boss in team_of("Dana Whitehorse")]
    found = compare([*outside, twin], [], today=TODAY)
    assert found.team_supervisors == {}
    assert (3, "ambiguous-supervisor") in kinds(found)
    assert found.applicable


def test_a_supervisor_who_leaves_is_not_set_and_that_is_said():
    gone = row(2, "Dana", "Whitehorse", team="Intake", active=False)
    known = [person(1, "Dana", "Whitehorse", team="Intake")]
    for rows in (team_of("Dana Whitehorse", boss=gone), team_of("Dana Whitehorse")[1:]):
        found = compare(rows, known, today=TODAY, teams={"Intake": 1})
        assert found.team_supervisors == {}
        assert (3, "supervisor-leaving") in kinds(found)


def test_who_has_left_may_name_an_unknown_supervisor():
    rows = [ANA_ROW, replace(ANA_ROW, row=3, email="b@x.example", active=False, supervisor_ref="Nobody")]
    assert compare(rows, [], today=TODAY).errors == ()
