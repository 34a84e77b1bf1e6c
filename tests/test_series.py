"""Series of ten calls: dates from one first day, their trainer's other bookings, members who come and go,
checklists.
"""

import re
from datetime import UTC, date, time, timedelta

import pytest
import time_machine

from consultation import actions
from consultation.bookings import call_bookings
from consultation.models import Call, Checklist, ChecklistPoint, Series, SeriesMember
from rollout.models import AuditEntry, Team
from rollout.refusals import Changed, Refused

from .calls_cast import FIRST, LINK, call_of, hold, plan, training_day
from .conftest import NOW, account, somebody

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


def new_form(cast, **changes):
    fields = {
        "name": "Spring group",
        "members": [str(cast.person(cast.supervisor).uuid)],
        "trainer": cast.trainer.pk,
        "first_on": "2026-12-01",
        "starts_time": "10:00",
        "video_link": LINK,
        "step": "create",
    }
    return fields | changes


# --- Ten dates ----------------------------------------------------------------------------------------------


def test_ten_calls_keep_ten_oclock_across_the_clock_change_and_avoid_closed_days(cast):
    series = plan(cast)
    local = [call.starts_at.astimezone(cast.agency.zone) for call in series.calls.order_by("number")]
    assert [at.time() for at in local] == [time(10, 0)] * 10
    assert [at.date() for at in local][:6] == [
        date(2026, 8, 4),
        date(2026, 9, 4),
        date(2026, 10, 5),  # the fourth is a Sunday
        date(2026, 11, 4),
        date(2026, 12, 4),
        date(2027, 1, 4),
    ]
    assert {at.astimezone(UTC).hour for at in local} == {16, 17}
    assert all(call.length == 60 for call in series.calls.all())


def test_the_ten_calls_come_with_the_starter_plan(cast):
    calls = list(plan(cast).calls.order_by("number"))
    assert [call.number for call in calls] == list(range(1, 11))
    assert calls[4].title == "Before and during"
    assert calls[4].domain_name == "Conscious narrative"
    assert all(call.aim and call.opening_question and call.practice for call in calls)


def test_all_supervisors_are_ticked_and_nobody_else_is_offered(cast, as_):
    Team.objects.create(agency=cast.agency, name="Night")
    page = as_(cast.leader).get("/agencies/clearwater/consultation/new/").content.decode()
    assert re.findall(r'name="members" value="([^"]+)"[^>]*checked', page) == [
        str(cast.person(cast.supervisor).uuid)
    ]
    assert str(cast.person(cast.staff).uuid) not in page
    assert str(cast.person(cast.other_supervisor).uuid) not in page


def test_whoever_is_in_a_series_already_is_offered_but_not_ticked(cast, as_):
    plan(cast)
    page = as_(cast.leader).get("/agencies/clearwater/consultation/new/").content.decode()
    assert f'value="{cast.person(cast.supervisor).uuid}"' in page
    assert "already in a series" in page
    assert "checked" not in page


def test_the_preview_shows_ten_dates_and_why_one_moved_and_saves_nothing(cast, as_):
    browser = as_(cast.trainer)
    url = "/agencies/clearwater/consultation/new/"
    page = browser.post(url, new_form(cast, step="dates"))
    assert page.status_code == 200
    days = re.findall(r'name="day" value="([^"]+)"', page.content.decode())
    assert days[:3] == ["2026-12-01", "2027-01-04", "2027-02-01"]
    assert len(days) == 10
    assert "Friday, Jan. 1 is a weekend or holiday" in page.content.decode()
    fragment = browser.post(url, new_form(cast, step=""), headers={"HX-Request": "true"})
    assert fragment.content.decode().lstrip().startswith('<section class="stack" id="dates"')
    assert not Series.objects.exists()


def test_a_preview_without_a_date_asks_for_it_and_does_not_fall_over(cast, as_):
    url = "/agencies/clearwater/consultation/new/"
    page = as_(cast.leader).post(url, new_form(cast, step="dates", first_on=""))
    assert page.status_code == 422
    assert "First call on: This field is required." in page.content.decode()
    fragment = as_(cast.leader).post(
        url, new_form(cast, step="", first_on=""), headers={"HX-Request": "true"}
    )
    assert fragment.status_code == 200
    assert 'name="day"' not in fragment.content.decode()


def test_creating_makes_ten_calls_and_leaves_a_trace(cast, as_):
    answer = as_(cast.leader).post("/agencies/clearwater/consultation/new/", new_form(cast))
    series = Series.objects.get()
    assert answer.url == f"/series/{series.uuid}/"
    assert series.calls.count() == 10
    assert list(series.members.all()) == [cast.person(cast.supervisor)]
    trace = AuditEntry.objects.get(verb="planned series")
    assert (trace.by, trace.agency, trace.after["people"]) == (cast.leader, cast.agency, 1)


def test_dates_changed_by_hand_are_the_ones_created(cast, as_):
    days = ["2026-12-01", *(f"2027-{month:02}-17" for month in range(1, 10))]
    as_(cast.trainer).post("/agencies/clearwater/consultation/new/", new_form(cast, day=days))
    made = Call.objects.order_by("number")
    assert [call.day.isoformat() for call in made.select_related("series__agency")] == days


def test_dates_out_of_order_are_refused_and_nothing_is_saved(cast, as_):
    days = ["2026-12-01", *(f"2027-{month:02}-17" for month in (2, 1, 3, 4, 5, 6, 7, 8, 9))]
    answer = as_(cast.trainer).post("/agencies/clearwater/consultation/new/", new_form(cast, day=days))
    assert answer.status_code == 422
    assert "each after the one before" in answer.content.decode()
    assert not Series.objects.exists()


def test_a_name_that_is_taken_is_refused_in_this_agency_only(cast, as_):
    plan(cast, ours=False, name="Spring group")
    assert as_(cast.leader).post("/agencies/clearwater/consultation/new/", new_form(cast)).status_code == 302
    again = as_(cast.leader).post(
        "/agencies/clearwater/consultation/new/", new_form(cast, name="spring GROUP")
    )
    assert again.status_code == 422
    assert "There is a series of this name already" in again.content.decode()


# --- Double booking -----------------------------------------------------------------------------------------


def test_a_trainer_who_holds_a_call_elsewhere_is_refused_with_both_entries(cast, as_):
    cast.agency.trainers.add(cast.other_trainer)
    plan(cast, ours=False, first_on=date(2026, 12, 1))
    answer = as_(cast.other_trainer).post(
        "/agencies/clearwater/consultation/new/", new_form(cast, trainer=cast.other_trainer.pk)
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Harbor Trainer is already booked. Tuesday, December 1, 2026, 10 a.m. to 11 a.m.:" in page
    assert "“Call 1: Setting out” at Harbor Clinic, Tuesday, December 1, 2026" in page
    assert not Series.objects.filter(agency=cast.agency).exists()


def test_a_leader_learns_that_the_trainer_is_booked_but_not_where(cast, as_):
    cast.agency.trainers.add(cast.other_trainer)
    plan(cast, ours=False, first_on=date(2026, 12, 1))
    form = new_form(cast, trainer=cast.other_trainer.pk)
    for step in ("dates", "create"):
        page = (
            as_(cast.leader)
            .post("/agencies/clearwater/consultation/new/", form | {"step": step})
            .content.decode()
        )
        assert "booked Tuesday, December 1, 2026" in page
        assert "Harbor Clinic" not in page
        assert "Harbor supervisors" not in page


def test_a_training_session_of_the_trainer_stands_in_the_way_as_well(cast):
    session = training_day(cast, starts_at=call_of_start(cast))
    with pytest.raises(Refused, match="Foundations, day 1"):
        plan(cast)
    session.cancelled_at = NOW
    session.save()
    assert plan(cast).calls.count() == 10


def call_of_start(cast):
    return actions.call_starts(cast.agency, FIRST, time(10, 0))[2] - timedelta(hours=1)


def test_calls_back_to_back_and_cancelled_calls_do_not_clash(cast):
    plan(cast)
    plan(cast, name="An hour later", starts=actions.call_starts(cast.agency, FIRST, time(11, 0)))
    plan(cast, name="An hour earlier", starts=actions.call_starts(cast.agency, FIRST, time(9, 0)))
    Call.objects.update(cancelled_at=NOW)
    plan(cast, name="Instead")
    assert Series.objects.count() == 4


def test_calls_are_bookings_that_training_can_ask_for(cast):
    call = call_of(plan(cast), 5)
    plan(cast, ours=False)
    found = list(call_bookings(cast.trainer, call.starts_at + timedelta(minutes=59), call.ends_at))
    assert [(booking.uuid, booking.agency) for booking in found] == [(call.uuid, cast.agency)]
    assert not list(call_bookings(cast.trainer, call.ends_at, call.ends_at + timedelta(hours=1)))


def test_a_trainer_of_another_agency_cannot_be_chosen(cast, as_):
    answer = as_(cast.leader).post(
        "/agencies/clearwater/consultation/new/", new_form(cast, trainer=cast.other_trainer.pk)
    )
    assert answer.status_code == 422
    assert "Harbor Trainer" not in answer.content.decode()
    with pytest.raises(Refused, match="not a trainer of this agency"):
        plan(cast, trainer=cast.other_trainer)


def test_another_trainer_must_be_free_at_all_calls_ahead(cast, as_):
    series, second = plan(cast), account("Second Trainer")
    cast.agency.trainers.add(second)
    cast.other.trainers.add(second)
    plan(cast, ours=False, trainer=second, first_on=date(2026, 12, 4))
    url = f"/series/{series.uuid}/edit/"
    form = {"name": "Renamed", "trainer": second.pk, "video_link": LINK}
    answer = as_(cast.leader).post(url, form)
    assert answer.status_code == 422
    assert "Second Trainer is already booked" in answer.content.decode()
    Call.objects.filter(series__agency=cast.other).update(cancelled_at=NOW)
    assert as_(cast.leader).post(url, form).status_code == 302
    series.refresh_from_db()
    assert (series.name, series.trainer) == ("Renamed", second)
    assert AuditEntry.objects.get(verb="changed series").after == {"name": "Renamed", "trainer": second.pk}


# --- Members ------------------------------------------------------------------------------------------------


def test_somebody_of_another_agency_is_not_let_in(cast, as_):
    stranger = cast.person(cast.other_supervisor)
    with pytest.raises(Refused):
        plan(cast, members=[stranger])
    assert not Series.objects.exists()
    series = plan(cast)
    with pytest.raises(Refused):
        actions.add_member(series, stranger, joined_on=FIRST, by=cast.leader, at=NOW)
    answer = as_(cast.leader).post(f"/series/{series.uuid}/", {"step": "add", "person": str(stranger.uuid)})
    assert answer.status_code == 404
    form = new_form(cast, name="Other", members=[str(stranger.uuid)])
    assert as_(cast.leader).post("/agencies/clearwater/consultation/new/", form).status_code == 422
    found = as_(cast.leader).get(f"/series/{series.uuid}/?find=Harbor")
    assert "Nobody outside this series is called" in found.content.decode()


def test_a_member_is_found_by_name_and_takes_part_from_today(cast, as_):
    series, person = plan(cast), cast.person(cast.staff)
    found = as_(cast.trainer).get(f"/series/{series.uuid}/?find=cle+sta", headers={"HX-Request": "true"})
    assert f'value="{person.uuid}"' in found.content.decode()
    as_(cast.trainer).post(f"/series/{series.uuid}/", {"step": "add", "person": str(person.uuid)})
    assert SeriesMember.objects.get(series=series, person=person).joined_on == date(2026, 11, 21)


def test_whoever_joins_later_misses_no_earlier_call_and_can_be_told_what_is_still_possible(cast, as_):
    series, late = plan(cast), cast.person(cast.staff)
    for number in (1, 2, 3, 4):
        hold(call_of(series, number), {cast.person(cast.supervisor): 60}, cast.trainer)
    actions.add_member(series, late, joined_on=date(2026, 11, 21), by=cast.leader, at=NOW)
    page = as_(cast.leader).get(f"/series/{series.uuid}/").content.decode()
    row = page[page.index("Clear Staff") :]
    assert "None held yet. 8 of 6 needed." in " ".join(row.split())
    assert "cannot be reached as planned" in row
    assert "absent</span>" not in row[: row.index("</tr>")]


def test_a_removed_member_is_gone_from_the_series_and_keeps_what_they_attended(cast, as_):
    series, person = plan(cast), cast.person(cast.supervisor)
    call = hold(call_of(series, 1), {person: 60}, cast.trainer)
    as_(cast.leader).post(f"/series/{series.uuid}/", {"step": "remove", "person": str(person.uuid)})
    assert "Clear Supervisor" not in as_(cast.leader).get(f"/series/{series.uuid}/").content.decode()
    assert call.attendances.get().minutes == 60
    actions.add_member(series, person, joined_on=date(2026, 12, 1), by=cast.leader, at=NOW)
    assert "Clear Supervisor" in as_(cast.leader).get(f"/series/{series.uuid}/").content.decode()
    verbs = AuditEntry.objects.filter(subject="consultation.Series").values_list("verb", flat=True)
    assert set(verbs) == {"planned series", "removed a member", "added a member"}


# --- One call: move, cancel, plan again ---------------------------------------------------------------------


def edit_form(call, **changes):
    start = call.starts_at.astimezone(call.agency.zone)
    fields = {
        "held_on": start.date().isoformat(),
        "starts": f"{start:%H:%M}",
        "minutes": call.length,
        "title": call.title,
        "domain": call.domain,
        "aim": call.aim,
        "opening_question": call.opening_question,
        "practice": call.practice,
        "video_link": call.video_link,
        "version": call.version,
    }
    return fields | changes


def test_a_call_is_moved_and_its_plan_rewritten(cast, as_):
    call = call_of(plan(cast), 5)
    form = edit_form(
        call,
        held_on="2026-12-08",
        starts="14:30",
        title="Our own title",
        video_link="https://video.example/5",
    )
    assert as_(cast.trainer).post(f"/calls/{call.uuid}/edit/", form).url == f"/calls/{call.uuid}/"
    call.refresh_from_db()
    assert call.starts_at.astimezone(cast.agency.zone).isoformat() == "2026-12-08T14:30:00-07:00"
    assert (call.title, call.join_link, call.version) == ("Our own title", "https://video.example/5", 2)
    trace = AuditEntry.objects.get(verb="changed call")
    assert set(trace.after) == {"starts_at", "ends_at", "title", "video_link"}


def test_two_people_who_change_one_call_both_see_both_and_nothing_is_lost(cast, as_):
    call = call_of(plan(cast), 5)
    url, mine = f"/calls/{call.uuid}/edit/", edit_form(call, title="Mine")
    as_(cast.leader).post(url, edit_form(call, title="Theirs"))
    answer = as_(cast.trainer).post(url, mine)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Clear Leader saved this" in page
    assert "Theirs" in page
    assert 'value="Mine"' in page
    assert 'name="version" value="2"' in page
    call.refresh_from_db()
    assert call.title == "Theirs"
    assert as_(cast.trainer).post(url, mine | {"version": 2}).status_code == 302


def test_a_move_onto_another_booking_of_the_trainer_is_refused(cast, as_):
    call = call_of(plan(cast), 5)
    training_day(cast, starts_at=call.starts_at + timedelta(days=3))
    answer = as_(cast.leader).post(f"/calls/{call.uuid}/edit/", edit_form(call, held_on="2026-12-07"))
    assert answer.status_code == 422
    assert "Clear Trainer is already booked" in answer.content.decode()
    assert "Foundations, day 1" in answer.content.decode()
    call.refresh_from_db()
    assert call.day == date(2026, 12, 4)


def test_a_held_call_keeps_its_date_and_cannot_be_cancelled(cast, as_):
    call = hold(call_of(plan(cast), 4), {cast.person(cast.supervisor): 60}, cast.trainer)
    answer = as_(cast.leader).post(f"/calls/{call.uuid}/edit/", edit_form(call, held_on="2026-11-05"))
    assert answer.status_code == 422
    assert "This call was held, so its date stays." in answer.content.decode()
    assert (
        as_(cast.leader).post(f"/calls/{call.uuid}/edit/", edit_form(call, title="Better")).status_code == 302
    )
    with pytest.raises(Refused):
        actions.cancel_call(call, by=cast.leader, at=NOW)


def test_a_cancelled_call_is_missed_by_nobody_and_can_be_planned_again(cast, as_):
    series = plan(cast)
    call = call_of(series, 5)
    as_(cast.leader).post(f"/calls/{call.uuid}/edit/", {"cancel": "1", "version": call.version})
    call.refresh_from_db()
    assert call.cancelled_at == NOW
    page = as_(cast.leader).get(f"/series/{series.uuid}/").content.decode()
    assert "cancelled" in page
    assert "8 of 9 needed" in page
    assert (
        as_(cast.leader).post(f"/calls/{call.uuid}/edit/", edit_form(call, held_on="2026-12-09")).status_code
        == 302
    )
    call.refresh_from_db()
    assert call.cancelled_at is None
    assert call.day == date(2026, 12, 9)


def test_cancelling_what_somebody_changed_meanwhile_asks_to_look_again(cast):
    call = call_of(plan(cast), 5)
    stale = call_of(call.series, 5)
    actions.change_call(call, by=cast.leader, at=NOW)
    with pytest.raises(Changed):
        actions.cancel_call(stale, by=cast.trainer, at=NOW)
    assert Call.objects.planned().filter(pk=call.pk).exists()


# --- The page of a series -----------------------------------------------------------------------------------


def test_the_series_page_says_who_came_what_counts_and_what_is_still_possible(cast, as_):
    series = plan(cast)
    second = somebody(cast.agency, cast.team, account("Nora Quist"))
    actions.add_member(series, second, joined_on=FIRST, by=cast.leader, at=NOW)
    person = cast.person(cast.supervisor)
    for number, minutes in ((1, 60), (2, 49), (3, 0), (4, 50)):
        hold(call_of(series, number), {person: minutes, second: 60}, cast.trainer)
    page = " ".join(as_(cast.leader).get(f"/series/{series.uuid}/").content.decode().split())
    row = page[page.index('<th scope="row">Clear Supervisor') :]
    row = row[: row.index("</tr>")]
    assert '<b class="num">2 of 4</b> count so far; 8 of 10 needed.' in row
    assert "every call ahead has to count" in row
    assert '60&nbsp;<span aria-hidden="true">✓</span>' in row
    assert '49<span class="vh"> minutes, too short to count' in row
    assert '50&nbsp;<span aria-hidden="true">✓</span>' in row
    assert row.count("absent") == 1
    assert row.count("to come") == 6
    other = page[page.index('<th scope="row">Nora Quist') :]
    assert "can still be reached, may miss 2" in other


@pytest.mark.parametrize("name", ["other_leader", "other_trainer"])
def test_a_series_of_another_agency_is_not_there(cast, as_, name):
    series = plan(cast)
    browser = as_(getattr(cast, name))
    for address in (
        f"/series/{series.uuid}/",
        f"/series/{series.uuid}/edit/",
        "/agencies/clearwater/consultation/",
    ):
        assert browser.get(address).status_code == 404
    assert browser.post(f"/series/{series.uuid}/", {"step": "remove"}).status_code == 404
    assert browser.post("/agencies/clearwater/consultation/new/", new_form(cast)).status_code == 404


@pytest.mark.parametrize("name", ["supervisor", "staff", "nobody"])
def test_a_series_is_planned_by_leaders_and_trainers_only(cast, as_, name):
    series = plan(cast)
    browser = as_(getattr(cast, name))
    for address in (
        f"/series/{series.uuid}/",
        f"/series/{series.uuid}/edit/",
        "/agencies/clearwater/consultation/new/",
    ):
        assert browser.get(address).status_code == 403
        assert browser.post(address, {}).status_code == 403


# --- Checklists ---------------------------------------------------------------------------------------------


def test_thirteen_checklists_are_installed_once_and_an_edited_one_stays(cast):
    assert len(actions.install_checklists(by=cast.admin, at=NOW)) == 13
    Checklist.objects.filter(code="call-4").update(title="Our own")
    assert actions.install_checklists(by=cast.admin, at=NOW) == []
    assert Checklist.objects.get(code="call-4").title == "Our own"
    assert Checklist.objects.filter(published_at=NOW, is_starter=True, version=1).count() == 13
    assert ChecklistPoint.objects.filter(checklist__code="call-4").count() == 12
    assert ChecklistPoint.objects.filter(checklist__code="call-4", must=True).count() == 10
    day = Checklist.objects.get(code="foundations-day-2")
    assert (day.occasion, day.curriculum_code, day.number) == ("session", "ce-cert-foundations", 2)


def test_the_first_series_brings_the_checklists_along(cast):
    plan(cast)
    assert Checklist.objects.count() == 13
    assert AuditEntry.objects.filter(verb="installed", subject="consultation.Checklist").count() == 13


def test_checklists_are_read_with_must_may_domain_and_starter_mark(cast, as_):
    browser = as_(cast.leader)
    assert "Bring in the starters" in browser.get("/checklists/").content.decode()
    assert browser.post("/checklists/").url == "/checklists/"
    assert "Letting the moment end" in browser.get("/checklists/").content.decode()
    found = Checklist.objects.get(code="call-4")
    page = as_(cast.trainer).get(f"/checklists/{found.pk}/").content.decode()
    assert "A night-time plan was made by its four qualities." in page
    assert "Reducing rumination" in page
    assert page.count(">must</span>") == 10
    assert page.count(">may</span>") == 2
    assert "not the program’s own MAPS" in page


def test_an_unpublished_checklist_is_not_there(cast, as_):
    actions.install_checklists(by=cast.admin, at=NOW)
    draft = Checklist.objects.create(code="call-4", version=2, title="Draft", occasion="call", number=4)
    assert as_(cast.admin).get(f"/checklists/{draft.pk}/").status_code == 404
    assert "Draft" not in as_(cast.admin).get("/checklists/").content.decode()
    assert as_(cast.supervisor).get("/checklists/").status_code == 403
    assert as_(cast.supervisor).post("/checklists/").status_code == 403
