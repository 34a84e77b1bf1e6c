"""Home, overview, person and report pages: what each role sees, for how many queries, and what nobody sees."""

import re
from datetime import date, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.utils import timezone

from assessments.models import Answer
from cecert_site import glance
from cecert_site.own import own
from cecert_site.picture import months, picture, standing, timeline
from consultation.actions import add_member
from rollout import documents
from rollout.models import Agency, Document, Person, Team
from rollout.training_actions import add_people

from .conftest import NOW
from .midway import attend, midway, staff

pytestmark = [pytest.mark.django_db]
SURVEY_WORDS = re.compile(r"survey|proqol|result|burnout|answered", re.IGNORECASE)


@pytest.fixture(autouse=True)
def on_a_saturday_in_november():
    glance.KEPT.clear()
    with time_machine.travel(NOW, tick=False):
        yield


def main_part(response):
    """The page's own text, without frame, tags and doubled spaces."""
    html = response.content.decode().split("<main", 1)[1]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).replace("\N{NO-BREAK SPACE}", " ")


# --- Home ---------------------------------------------------------------------------------------------------------


def test_a_leader_sees_where_the_agency_stands_and_what_slips(cast, as_):
    midway(cast)
    text = main_part(as_(cast.leader).get("/"))
    assert "Clearwater Family Services" in text
    assert "Implementation · 4 of 10 calls" in text
    assert "13 of 15 people" in text
    assert "100 % Call 4 10 of 10 points aired" in text
    assert "Mid-point survey 40 % answered 6 of 15 so far" in text
    assert "1 person can no longer reach the 12 h" in text
    assert "Call 5: Before and during Monday, 10 a.m." in text


def test_a_trainer_sees_calls_of_all_agencies_and_no_survey(cast, as_):
    midway(cast)
    cast.other.trainers.add(cast.trainer)
    text = main_part(as_(cast.trainer).get("/"))
    assert "Call 5: Before and during 10 a.m., Clearwater Family Services" in text
    assert not SURVEY_WORDS.search(text)


def test_a_supervisor_sees_the_own_team_with_hours_and_nothing_of_surveys(cast, as_):
    midway(cast)
    text = main_part(as_(cast.supervisor).get("/"))
    assert "Intake 13 of 15 have all their hours" in text
    assert "Worker 011" in text
    assert "6 h of 12 h" in text
    assert "3 of 4 count so far; 8 of 10 needed." in text
    own_survey = "The mid-point survey is open"
    assert not SURVEY_WORDS.search(text.split("Intake", 1)[1]), "beside one's own survey there is nothing"
    assert own_survey not in text or text.index(own_survey) < text.index("Intake")


def test_staff_see_their_survey_their_hours_and_nobody_else(cast, as_):
    midway(cast)
    worker = Person.objects.get(last_name="011")
    text = main_part(as_(worker.user).get("/"))
    assert "The mid-point survey is open until" in text
    assert "6 h of 12 h" in text
    assert "Worker 010" not in text
    assert "Clear Colleague" not in text
    assert "of 15" not in text


def test_somebody_with_all_roles_sees_all_of_it_on_one_page(cast, as_):
    midway(cast)
    cast.agency.leaders.add(cast.supervisor)
    cast.other.trainers.add(cast.supervisor)
    text = main_part(as_(cast.supervisor).get("/"))
    for part in ("Where it stands", "Intake 13 of 15", "Your hours", "Your calls", "Your own", "Coming"):
        assert part in text


def test_an_account_without_a_role_is_told_whom_to_ask(cast, as_):
    assert "ask your program leader" in main_part(as_(cast.nobody).get("/"))


def test_an_administrator_of_nothing_is_led_to_the_first_agency(as_, django_user_model):
    admin = django_user_model.objects.create_user("a@office.example", name="Avery Holt", is_site_admin=True)
    page = as_(admin).get("/")
    assert "No agency yet" in main_part(page)
    assert 'href="/agencies/new/"' in page.content.decode()


def test_a_new_agency_shows_what_comes_first(cast, as_):
    Person.objects.all().delete()
    text = main_part(as_(cast.leader).get("/"))
    assert "Nobody is on the roster yet" in text
    assert "0 of 0 people" in text


def test_visitors_are_sent_to_sign_in_or_to_the_set_up_of_an_empty_installation(
    client, db, django_user_model
):
    assert client.get("/").headers["Location"] == "/setup/"
    django_user_model.objects.create_user("a@people.example", name="Ada One")
    assert client.get("/").headers["Location"] == "/accounts/login/"


def test_home_of_a_leader_shows_a_recorded_change_at_once(cast, as_):
    found = midway(cast)
    browser = as_(cast.leader)
    assert "13 of 15 people" in main_part(browser.get("/"))
    newcomer = staff(cast.agency, cast.team, 1, prefix="New")
    add_people(found.cohort, newcomer, joined_on=date(2026, 11, 20), by=cast.leader, at=NOW)
    assert "13 of 16 people" in main_part(browser.get("/"))


def test_what_is_kept_for_one_leader_is_not_shown_to_another(cast, as_):
    midway(cast)
    assert "13 of 15 people" in main_part(as_(cast.leader).get("/"))
    text = main_part(as_(cast.other_leader).get("/"))
    assert "Harbor Clinic" in text
    assert "Clearwater" not in text


def test_home_asks_as_many_questions_for_many_people_as_for_one(cast, as_, django_assert_num_queries):
    midway(cast, workers=6)
    for workers in (0, 29):
        staff(cast.agency, cast.team, workers, prefix="More")
        glance.KEPT.clear()
        leader, supervisor = as_(cast.leader), as_(cast.supervisor)
        with django_assert_num_queries(44):
            leader.get("/")
        with django_assert_num_queries(9):
            leader.get("/")
        with django_assert_num_queries(34):
            supervisor.get("/")


def test_whoever_is_on_no_roster_is_asked_nothing_of_their_own(cast, django_assert_num_queries):
    with django_assert_num_queries(4):  # the four roles
        assert own(cast.leader, NOW).hours == ()


# --- Overview -----------------------------------------------------------------------------------------------------


def test_the_overview_puts_dose_fidelity_and_outcomes_side_by_side(cast, as_):
    midway(cast)
    text = main_part(as_(cast.leader).get("/agencies/clearwater/"))
    assert "Side by side, not cause and effect." in text
    assert "Dose: 87 % of current staff have all their hours; 4 of 10 calls held" in text
    assert "Outcomes, means: Baseline: CS" in text
    assert "Mid-point is open (6 of 15 so far)" in text
    assert "Intake 2 cannot complete as planned 15 13 of 15" in text


def test_a_chart_never_says_that_a_threshold_was_reached_that_was_not(cast):
    """79.6 per cent is 79 on every page, in every chart."""
    midway(cast)
    marks = {row[1]: row[3] for row in timeline(picture(cast.agency, NOW)).fidelity.rows}
    assert marks["Call 2"] == "90\N{NO-BREAK SPACE}%"
    from fractions import Fraction

    from consultation.fidelity import percent

    assert percent(Fraction(43, 54)) == 79


def test_try_outs_stand_in_no_picture(cast):
    found = midway(cast)
    type(found.baseline).objects.filter(pk=found.baseline.pk).update(is_tryout=True)
    seen = picture(cast.agency, NOW)
    assert [wave.label for wave in seen.standing.waves] == ["Mid-point"]
    assert seen.released == ()


def test_months_run_from_the_first_date_to_the_last_and_are_at_most_three_years(cast):
    midway(cast)
    found = months(picture(cast.agency, NOW))
    assert (found[0], found[-1]) == (date(2026, 6, 1), date(2027, 5, 1))
    Agency.objects.update(starts_on=date(2012, 1, 1))
    cast.agency.refresh_from_db()
    assert len(months(picture(cast.agency, NOW))) <= 36


def test_a_day_is_the_agencys_day(cast):
    late = NOW.replace(day=22, hour=4)
    assert standing(cast.agency, late).today == date(2026, 11, 21)


def test_the_overview_asks_as_many_questions_for_thirty_teams_as_for_one(
    cast, as_, django_assert_num_queries
):
    midway(cast, workers=6)
    for teams in (0, 29):
        for number in range(teams):
            team = Team.objects.create(agency=cast.agency, name=f"Team {number:02}")
            staff(cast.agency, team, 1, prefix="More")
        browser = as_(cast.leader)
        with django_assert_num_queries(45):
            page = browser.get("/agencies/clearwater/")
    assert page.content.decode().count('<th scope="row"><a href="/agencies/clearwater/people/?team=') == 30


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("leader", 200),
        ("admin", 200),
        ("trainer", 403),
        ("supervisor", 403),
        ("staff", 403),
        ("other_leader", 404),
    ],
)
def test_only_those_who_run_an_agency_open_its_overview_and_reports(cast, as_, who, status):
    browser = as_(getattr(cast, who))
    assert browser.get("/agencies/clearwater/").status_code == status
    assert browser.get("/agencies/clearwater/documents/").status_code == status


# --- Person -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("leader", 200), ("admin", 200), ("trainer", 200), ("supervisor", 200), ("staff", 200),
        ("colleague", 404), ("other_leader", 404), ("other_trainer", 404), ("other_supervisor", 404),
        ("other_staff", 404), ("nobody", 403),
    ],
)  # fmt: skip
def test_a_person_is_seen_by_self_supervisor_leader_trainer_and_nobody_else(cast, as_, who, status):
    address = f"/people/{cast.person(cast.staff).uuid}/"
    assert as_(getattr(cast, who)).get(address).status_code == status


def test_a_person_shows_hours_with_why_calls_and_dates(cast, as_):
    midway(cast)
    page = as_(cast.leader).get(f"/people/{cast.person(cast.supervisor).uuid}/")
    text = main_part(page)
    assert "12 h of 18 h credited" in text
    assert "Foundations, day 2" in text
    assert "3 of 4 count so far; 8 of 10 needed." in text
    assert "20 min, under 50" in text
    assert "Call 5: Before and during Monday, 10 a.m." in text
    assert "/edit/" in page.content.decode()


@pytest.mark.parametrize("who", ["leader", "trainer", "supervisor", "staff", "admin"])
def test_no_page_of_a_person_holds_anything_of_surveys(cast, as_, who):
    midway(cast, workers=6)
    assert Answer.objects.exists(), "there is something to leak"
    text = main_part(as_(getattr(cast, who)).get(f"/people/{cast.person(cast.staff).uuid}/"))
    assert "Clear Staff" in text
    assert not SURVEY_WORDS.search(text)


def test_a_supervisor_finds_no_links_to_pages_that_are_not_open_to_them(cast, as_):
    midway(cast, workers=2)
    worker = Person.objects.get(last_name="000")
    html = as_(cast.supervisor).get(f"/people/{worker.uuid}/").content.decode().split("<main")[1]
    assert "/sessions/" not in html
    assert "/edit/" not in html
    assert worker.email not in html


def test_a_former_colleagues_page_says_since_when_they_are_gone(cast, as_):
    Person.objects.filter(user=cast.staff).update(left_on=date(2026, 10, 1))
    text = main_part(as_(cast.leader).get(f"/people/{cast.person(cast.staff).uuid}/"))
    assert "left Oct. 1, 2026" in text
    assert "Next dates" not in text


def test_a_person_asks_as_many_questions_with_thirty_sessions_as_with_one(
    cast, as_, django_assert_num_queries
):
    found = midway(cast, workers=1)
    supervisor = cast.person(cast.supervisor)
    first = found.cohort.sessions.first()
    modules = list(first.modules.all())
    for more in (0, 29):
        for number in range(more):
            start = first.starts_at + timedelta(days=number + 3)
            session = found.cohort.sessions.create(
                title=f"Again {number}", starts_at=start, ends_at=start + timedelta(hours=7)
            )
            session.modules.set(modules)
            attend(session, [supervisor])
        browser = as_(cast.leader)
        with django_assert_num_queries(28):
            browser.get(f"/people/{supervisor.uuid}/")


def test_whoever_was_taken_out_of_a_series_keeps_what_they_attended(cast, as_):
    from consultation.actions import remove_member

    found = midway(cast, workers=1)
    supervisor = cast.person(cast.supervisor)
    remove_member(found.series, supervisor, left_on=NOW.date(), by=cast.leader, at=NOW)
    text = main_part(as_(cast.leader).get(f"/people/{supervisor.uuid}/"))
    assert "3 of 4 count so far" in text
    assert "until Nov. 21, 2026" in text
    assert "Call 5" not in text
    add_member(found.series, supervisor, joined_on=NOW.date(), by=cast.leader, at=NOW)


# --- Documents ----------------------------------------------------------------------------------------------------


def test_a_report_is_asked_for_waited_for_and_taken_away(cast, as_):
    browser = as_(cast.leader)
    answer = browser.post("/agencies/clearwater/report/")
    document = Document.objects.get()
    assert answer.headers["Location"] == f"/documents/{document.uuid}/"
    page = browser.get(f"/documents/{document.uuid}/")
    assert "It is being made" in main_part(page)
    assert browser.get(f"/documents/{document.uuid}/file/").status_code == 404
    made = documents.make_waiting(timezone.now(), {"rollout_report": lambda one: ("r.pdf", b"%PDF-1.7 x")})
    assert made == 1
    fragment = browser.get(f"/documents/{document.uuid}/", headers={"HX-Request": "true"}).content.decode()
    assert "It is ready" in fragment
    assert "<html" not in fragment
    assert "every 1s" not in fragment, "a report that is there is not asked after again"
    file = browser.get(f"/documents/{document.uuid}/file/")
    assert file.content == b"%PDF-1.7 x"
    assert file.headers["Content-Disposition"] == 'attachment; filename="r.pdf"'


def test_a_failed_report_says_why_and_can_be_asked_for_again(cast, as_):
    def fails(document):
        raise documents.CannotMakeError("PDFs need Pango, which this machine lacks.")

    browser = as_(cast.leader)
    browser.post("/agencies/clearwater/report/")
    documents.make_waiting(timezone.now(), {"rollout_report": fails})
    page = browser.get(f"/documents/{Document.objects.get().uuid}/")
    assert "PDFs need Pango" in main_part(page)
    assert 'action="/agencies/clearwater/report/"' in page.content.decode()


@pytest.mark.parametrize("who", ["other_leader", "trainer", "supervisor", "staff"])
def test_nobody_else_gets_at_a_report(cast, as_, who):
    as_(cast.leader).post("/agencies/clearwater/report/")
    document = Document.objects.get()
    documents.make_waiting(timezone.now(), {"rollout_report": lambda one: ("r.pdf", b"%PDF-")})
    browser = as_(getattr(cast, who))
    # A trainer may open documents, but only what a trainer asked for.
    wanted = 404 if who in ("other_leader", "trainer") else 403
    assert browser.get(f"/documents/{document.uuid}/").status_code == wanted
    assert browser.get(f"/documents/{document.uuid}/file/").status_code == wanted
    assert browser.get(f"/documents/{uuid4()}/").status_code == wanted
    may_not_ask = 404 if who == "other_leader" else 403
    assert browser.post("/agencies/clearwater/report/").status_code == may_not_ask


def test_the_list_of_reports_asks_as_many_questions_for_thirty_as_for_one(
    cast, as_, django_assert_num_queries
):
    for rows in (1, 29):
        Document.objects.bulk_create(
            Document(
                kind="rollout_report", agency=cast.agency, requested_by=cast.leader, requested_at=NOW,
                state="ready", finished_at=NOW, content=b"x" * 1000,
            )
            for _ in range(rows)
        )  # fmt: skip
        browser = as_(cast.leader)
        with django_assert_num_queries(10):
            page = browser.get("/agencies/clearwater/documents/")
    assert page.content.decode().count("Download the PDF") == 30
