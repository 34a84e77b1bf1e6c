"""Starter curricula, calls and checklists: complete, consistent, and refused when they are not."""

import dataclasses
from pathlib import Path

import pytest

import consultation.starter
import rollout.starter
from consultation.starter import calls, checklists, parse_calls, parse_checklists
from rollout.starter import DOMAINS, STARTER_MARK, StarterError, curricula, parse_curricula

CURRICULA = (Path(rollout.starter.__file__).parent / "starter_data/curricula.toml").read_text("utf-8")
CALLS = (Path(consultation.starter.__file__).parent / "starter_data/calls.toml").read_text("utf-8")
CHECKLISTS = (Path(consultation.starter.__file__).parent / "starter_data/checklists.toml").read_text("utf-8")


def curriculum(slug: str):
    return next(each for each in curricula() if each.slug == slug)


def checklist(key: str):
    return next(each for each in checklists() if each.key == key)


def test_foundations_are_twelve_hours_on_two_days_of_six():
    foundations = curriculum("ce-cert-foundations")
    assert foundations.required_minutes == 12 * 60
    assert [sum(module.minutes for module in foundations.on_day(day)) for day in (1, 2)] == [360, 360]
    assert [module.minutes for module in foundations.modules] == [90, 120, 120, 30, 120, 120, 90, 30]
    assert foundations.audience == "everyone"


def test_supervision_is_six_hours_on_one_day_for_supervisors():
    supervision = curriculum("ce-cert-supervision")
    assert sum(module.minutes for module in supervision.on_day(1)) == 6 * 60 == supervision.required_minutes
    assert [module.minutes for module in supervision.modules] == [60, 180, 60, 60]
    assert supervision.audience == "supervisors"


def test_helping_relationship_skills_have_fifteen_areas_of_an_hour_with_three_to_five_topics():
    areas = curriculum("helping-relationship-skills").modules
    assert len(areas) == 15
    assert {area.minutes for area in areas} == {60}
    assert [len(area.topics) for area in areas] == [5, 4, 4, 3, 3, 5, 4, 3, 3, 3, 4, 3, 3, 4, 4]


def test_the_five_skills_are_all_taught_in_foundations():
    taught = {module.domain for module in curriculum("ce-cert-foundations").modules}
    assert taught >= {
        "experiential_engagement",
        "reducing_rumination",
        "conscious_narrative",
        "reducing_emotional_labor",
        "parasympathetic_recovery",
    }


def test_there_are_ten_calls_each_with_everything_a_call_page_shows():
    assert [call.number for call in calls()] == list(range(1, 11))
    for call in calls():
        assert call.domain in DOMAINS
        assert call.opening_question.endswith("?")
        assert call.aim.endswith(".")
        assert call.practice
    assert len({call.title for call in calls()}) == 10


def test_the_figures_are_looked_at_after_call_five_and_before_call_ten():
    assert [(call.number, call.figures) for call in calls() if call.figures] == [(5, "after"), (10, "before")]


def test_every_call_has_one_checklist_of_twelve_points_ten_of_them_must():
    of_calls = [each for each in checklists() if each.call is not None]
    assert [each.call for each in of_calls] == list(range(1, 11))
    for each in of_calls:
        codes = [point.code for point in each.points]
        own = [f"{each.call}.{n}" for n in range(1, 7)]
        assert codes == ["C1", "C2", "C3", "C4", "C5", "C6", *own]
        assert len(each.must_points) == 10
        assert [point.must for point in each.points] == [True] * 10 + [False] * 2
        assert each.title == calls()[each.call - 1].title


def test_common_points_about_the_skill_take_the_domain_of_their_call():
    for call in calls():
        domains = [point.domain for point in checklist(f"call-{call.number}").points]
        assert domains[:6] == ["", call.domain, call.domain, call.domain, "", ""]
        assert set(domains[6:]) == {call.domain}


@pytest.mark.parametrize(
    ("key", "curriculum_slug", "day", "musts", "mays"),
    [
        ("foundations-day-1", "ce-cert-foundations", 1, 12, 2),
        ("foundations-day-2", "ce-cert-foundations", 2, 12, 2),
        ("supervision-day", "ce-cert-supervision", 1, 9, 1),
    ],
)
def test_every_training_day_has_its_checklist(key, curriculum_slug, day, musts, mays):
    found = checklist(key)
    assert (found.curriculum, found.day, found.call) == (curriculum_slug, day, None)
    assert (len(found.must_points), len(found.points)) == (musts, musts + mays)


def test_points_are_whole_sentences_short_enough_to_read_while_tapping():
    for each in checklists():
        for point in each.points:
            assert point.text.endswith(".")
            assert point.text[0].isupper() or point.text[0] == "“"
            assert len(point.text) <= 90
            assert len(point.guidance) <= 130


def test_all_starters_carry_their_version_and_can_be_told_from_the_programs_own_points():
    assert {each.version for each in (*curricula(), *calls(), *checklists())} == {"starter-1"}
    assert str(STARTER_MARK) == "Starter, written for this product; not the program's own MAPS."
    for text in (CURRICULA, CALLS, CHECKLISTS):
        assert str(STARTER_MARK) in text.replace("\n# ", " ")


def test_starters_cannot_be_changed_by_whoever_reads_them():
    with pytest.raises(dataclasses.FrozenInstanceError):
        calls()[0].title = "Other"
    assert isinstance(checklists()[0].points, tuple)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("minutes = 90\n", "minutes = 91\n", "add up to 722 minutes, not 720"),
        ("day_minutes = [360, 360]", "day_minutes = [300, 420]", "day 1: its modules add up to 360"),
        ("day_minutes = [360, 360]", "day_minutes = [720]", "days of its modules"),
        ('domain = "premise"', 'domain = "premises"', "module F1.1: domain is 'premises'"),
        ('code = "F1.2"', 'code = "F1.1"', "module code 'F1.1' comes twice"),
        ('slug = "ce-cert-supervision"', 'slug = "ce-cert-foundations"', "slug 'ce-cert-foundations'"),
        ('audience = "supervisors"', 'audience = "some"', "audience is 'some'"),
        ('title = "Listening"', 'titel = "Listening"', "module H02: title missing"),
        ('title = "Listening"', 'title = " "', "module H02: title must not be empty"),
        ("[[curriculum]]\nslug", "other = 1\n[[curriculum]]\nslug", "the file: other not known"),
        ("minutes = 30", "minutes = 0", "module F1.4: minutes is 0"),
        ('version = "starter-1"', "version = starter", "curricula.toml: "),
    ],
)
def test_a_curriculum_that_contradicts_itself_is_refused_with_the_place(old, new, message):
    assert old in CURRICULA
    with pytest.raises(StarterError, match=message):
        parse_curricula(CURRICULA.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("number = 10", "number = 11", "must be 1 to 10"),
        ('domain = "premise"', 'domain = "promise"', "call 1: domain is 'promise'"),
        ('figures = "after"', 'figures = "during"', "call 5: figures is 'during'"),
        ("practice = ", "practise = ", "call 1: practice missing"),
    ],
)
def test_a_call_that_is_incomplete_is_refused_with_its_number(old, new, message):
    assert old in CALLS
    with pytest.raises(StarterError, match=message):
        parse_calls(CALLS.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('recalled.", must = false', 'recalled."', "call 1: 5 must and 1 may points"),
        ('recalled.", must = false', 'recalled.", must = "false"', "point 1.5: must is 'false'"),
        ('code = "1.2"', 'code = "1.1"', "call-1: point code '1.1' comes twice"),
        ('code = "C6"', 'code = "C5"', "point code 'C5' comes twice"),
        ('[[common]]\ncode = "C6"', '[[common]]\nmust = false\ncode = "C6"', "6 common points, all"),
        ("day = 2", "day = 3", "has no day 3"),
        ('key = "supervision-day"', 'key = "foundations-day-1"', "checklist key"),
        ('domain = "role"', 'domain = "call"', "point S.1: domain is 'call'"),
        ("number = 2\n", "number = 3\n", "must be 1 to 10"),
    ],
)
def test_a_checklist_that_contradicts_itself_is_refused_with_the_place(old, new, message):
    assert old in CHECKLISTS
    with pytest.raises(StarterError, match=message):
        parse_checklists(CHECKLISTS.replace(old, new), calls())
