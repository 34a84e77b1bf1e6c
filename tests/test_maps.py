"""MAPS logs: one tap per point, nothing lost, blind for a second rater, readable for leaders once finished."""

from datetime import timedelta

import pytest
import time_machine

from consultation import actions, maps_actions
from consultation.logs import Occasion
from consultation.maps_actions import PointAnswer
from consultation.models import Checklist, ChecklistPoint, MapsEntry, MapsLog
from consultation.summaries import fidelity_points, logged_occasions
from rollout.models import AuditEntry
from rollout.refusals import Refused

from .calls_cast import call_of, hold, log, plan, training_day
from .conftest import NOW, account

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
REMARK = "ran out of time with the second pair"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def call(cast):
    return hold(call_of(plan(cast), 4), {cast.person(cast.supervisor): 60}, cast.trainer)


@pytest.fixture
def second(cast):
    user = account("Second Rater")
    cast.agency.trainers.add(user)
    return user


def url(call):
    return f"/calls/{call.uuid}/maps/"


def checklist_of(call):
    return Checklist.objects.filter(occasion="call", number=call.number).latest("version").pk


def tap(call, position, aired, version=0, **more):
    return {
        "point": position,
        "checklist": checklist_of(call),
        f"aired-{position}": aired,
        f"remark-{position}": "",
        f"version-{position}": version,
    } | {f"{name}-{position}": value for name, value in more.items()}


def whole(call, answers, *, step="save", versions=0, remarks=None):
    """The whole form as a browser without scripts sends it; answers by letter, "-" for none."""
    words = dict(zip("apmn", MapsEntry.Aired.values, strict=True))
    data = {"checklist": checklist_of(call), "step": step}
    for position, letter in enumerate(answers, start=1):
        if letter in words:
            data[f"aired-{position}"] = words[letter]
        data[f"remark-{position}"] = (remarks or {}).get(position, "")
        data[f"version-{position}"] = versions
    return data


# --- Tapping ------------------------------------------------------------------------------------------------


def test_looking_at_the_sheet_writes_nothing_and_the_first_tap_begins_the_log(cast, call, as_):
    browser = as_(cast.trainer)
    page = browser.get(url(call)).content.decode()
    assert "Call 4: points to air" in page
    assert "12 points to answer" in " ".join(page.split())
    assert page.count('<fieldset hx-post="') == 12
    assert not MapsLog.objects.exists()
    answer = browser.post(url(call), tap(call, 1, "aired"), headers=HTMX)
    assert answer.status_code == 200
    log = MapsLog.objects.get()
    assert (log.call, log.logged_by, log.saved_at, log.finished_at) == (call, cast.trainer, NOW, None)
    assert log.entries.count() == 12
    assert log.entries.get(point__code="C1").aired == "aired"


def test_a_tap_answers_with_the_new_version_the_score_so_far_and_when_it_was_saved(cast, call, as_):
    browser = as_(cast.trainer)
    for position, aired in ((1, "aired"), (2, "partly"), (3, "na")):
        answer = browser.post(url(call), tap(call, position, aired), headers=HTMX).content.decode()
    assert 'id="v-3" name="version-3" value="1"' in answer
    assert 'hx-swap-oob="true"' in answer
    assert '<b class="num">1½ of 2</b>' in answer
    assert "so far · 9 points left" in answer
    assert "Saved 9 a.m." in answer
    assert "<html" not in answer
    assert "fieldset" not in answer


def test_saving_a_tap_takes_twelve_queries(cast, call, as_, django_assert_num_queries):
    browser = as_(cast.trainer)
    browser.post(url(call), tap(call, 1, "aired"), headers=HTMX)
    data = tap(call, 2, "aired")
    # Session, user, four questions for roles; the call, the entries; begin, log, entry, commit.
    with django_assert_num_queries(12):
        browser.post(url(call), data, headers=HTMX)


def test_a_remark_is_kept_beside_its_answer(cast, call, as_):
    browser = as_(cast.trainer)
    browser.post(url(call), tap(call, 2, "partly"), headers=HTMX)
    browser.post(url(call), tap(call, 2, "partly", 1, remark=REMARK), headers=HTMX)
    entry = MapsEntry.objects.get(point__code="C2")
    assert (entry.aired, entry.remark, entry.version) == ("partly", REMARK, 2)
    assert REMARK in browser.get(url(call)).content.decode()


def test_a_stale_tap_is_not_taken_and_both_answers_show(cast, call, as_):
    browser = as_(cast.trainer)
    browser.post(url(call), tap(call, 2, "na", remark="Said before"), headers=HTMX)
    answer = browser.post(url(call), tap(call, 2, "missed", remark=REMARK), headers=HTMX)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert answer["HX-Retarget"] == "#p-2"
    assert "Another window of yours answered this meanwhile" in page
    assert "Not applicable" in page
    assert "Said before" in page
    assert REMARK in page
    assert 'name="version-2" value="1"' in page
    entry = MapsEntry.objects.get(point__code="C2")
    assert (entry.aired, entry.remark) == ("na", "Said before")
    assert browser.post(url(call), tap(call, 2, "missed", 1, remark=REMARK), headers=HTMX).status_code == 200
    assert MapsEntry.objects.get(point__code="C2").aired == "missed"


def test_the_same_tap_sent_twice_is_no_conflict(cast, call, as_):
    browser = as_(cast.trainer)
    for _ in range(2):
        assert browser.post(url(call), tap(call, 2, "aired"), headers=HTMX).status_code == 200
    assert MapsEntry.objects.get(point__code="C2").version == 1


@pytest.mark.parametrize(
    "change",
    [{"aired-1": "yes"}, {"remark-1": "x" * 501}, {"point": "99"}, {"point": "nonsense"}, {"checklist": "0"}],
)
def test_an_impossible_tap_changes_nothing_and_says_so(cast, call, as_, change):
    answer = as_(cast.trainer).post(url(call), tap(call, 1, "aired") | change, headers=HTMX)
    assert answer.status_code == 422
    assert answer["HX-Reswap"] == "none"
    assert 'role="alert"' in answer.content.decode()
    assert not MapsEntry.objects.exclude(aired="").exists()


# --- Without scripts, finishing, opening again --------------------------------------------------------------


def test_the_whole_form_works_without_scripts(cast, call, as_):
    browser = as_(cast.trainer)
    assert browser.post(url(call), whole(call, "aapm--------", remarks={3: REMARK})).url == url(call)
    log = MapsLog.objects.get()
    answers = [entry.aired for entry in log.entries.order_by("point__position")]
    assert answers == ["aired", "aired", "partly", "missed", *[""] * 8]
    assert log.entries.get(remark=REMARK).point.position == 3


def test_finishing_needs_every_point_and_names_those_that_are_left(cast, call, as_):
    browser = as_(cast.trainer)
    answer = browser.post(url(call), whole(call, "aaaaaaaaaa-a", step="finish"))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "One point is still open" in page
    assert '<a href="#p-11">Conversation was offered as a way out of rumination.</a>' in page
    log = MapsLog.objects.get()
    assert log.finished_at is None
    assert log.entries.exclude(aired="").count() == 11
    with pytest.raises(Refused, match=r"4\.5"):
        maps_actions.finish_log(Occasion(call=call), log, by=cast.trainer, at=NOW)


def test_a_finished_log_shows_its_score_with_its_n_and_leaves_a_trace_without_remarks(cast, call, as_):
    browser = as_(cast.trainer)
    answer = browser.post(url(call), whole(call, "aaaaaaapmnaa", step="finish", remarks={8: REMARK}))
    assert answer.status_code == 302
    assert MapsLog.objects.get().finished_at == NOW
    page = " ".join(browser.get(url(call)).content.decode().split())
    assert 'Delivery fidelity <b class="num nowrap">83 %</b>, 7½ of 9 points' in page
    assert REMARK in page
    trace = AuditEntry.objects.get(verb="finished log")
    assert trace.after["4.2"] == "partly"
    assert len(trace.after) == 12
    assert REMARK not in str(list(AuditEntry.objects.values()))


def test_a_finished_log_takes_no_tap_until_its_author_opens_it_again(cast, call, as_):
    log(call, cast.trainer, "apa", remark=REMARK, at=NOW)
    browser = as_(cast.trainer)
    answer = browser.post(url(call), tap(call, 1, "missed", 1), headers=HTMX)
    assert answer.status_code == 422
    assert "This log is finished" in answer.content.decode()
    assert browser.post(url(call), {"step": "reopen"}).url == url(call)
    page = browser.get(url(call)).content.decode()
    assert "all answered" in page
    assert page.count(REMARK) == 12
    assert MapsLog.objects.get().finished_at is None
    assert browser.post(url(call), tap(call, 1, "missed", 1), headers=HTMX).status_code == 200


def test_only_its_author_opens_a_log_again(cast, call, as_, second):
    mine = log(call, cast.trainer, at=NOW)
    assert as_(second).post(url(call), {"step": "reopen"}).status_code == 404
    with pytest.raises(Refused, match="Only Clear Trainer"):
        maps_actions.reopen_log(Occasion(call=call), mine, by=second, at=NOW)
    mine.refresh_from_db()
    assert mine.finished_at == NOW


def test_a_stale_whole_form_keeps_what_was_saved_since_and_says_which(cast, call, as_):
    browser = as_(cast.trainer)
    browser.post(url(call), tap(call, 1, "missed", remark="Said before"), headers=HTMX)
    browser.post(url(call), tap(call, 2, "aired"), headers=HTMX)
    answer = browser.post(url(call), whole(call, "a-aa--------", step="finish"))
    page = answer.content.decode()
    assert answer.status_code == 409
    assert page.count("What you entered here is not saved") == 1
    found = dict(MapsEntry.objects.exclude(aired="").values_list("point__position", "aired"))
    assert found == {1: "missed", 2: "aired", 3: "aired", 4: "aired"}
    assert MapsEntry.objects.get(point__position=1).remark == "Said before"


# --- When, and on what --------------------------------------------------------------------------------------


def test_nothing_can_be_logged_before_it_begins(cast, as_, clock):
    call = call_of(plan(cast), 5)
    page = as_(cast.trainer).get(url(call)).content.decode()
    assert "It has not begun yet" in page
    assert "<fieldset" not in page
    answer = as_(cast.trainer).post(url(call), tap(call, 1, "aired"), headers=HTMX)
    assert answer.status_code == 422
    assert not MapsLog.objects.exists()
    clock.move_to(call.starts_at)
    assert as_(cast.trainer).post(url(call), tap(call, 1, "aired"), headers=HTMX).status_code == 200


def test_a_cancelled_call_is_not_logged(cast, as_):
    call = call_of(plan(cast), 4)
    actions.cancel_call(call, by=cast.leader, at=NOW)
    assert as_(cast.trainer).post(url(call), tap(call, 1, "aired"), headers=HTMX).status_code == 422
    assert not MapsLog.objects.exists()


def test_a_log_stays_on_the_version_it_was_begun_on(cast, call, as_):
    begun = log(call, cast.trainer, at=NOW, finish=False)
    newer = Checklist.objects.create(
        code="call-4",
        version=2,
        title="Newer",
        occasion="call",
        number=4,
        published_at=NOW + timedelta(hours=1),
    )
    ChecklistPoint.objects.create(checklist=newer, position=1, code="N1", text="A new point")
    page = as_(cast.trainer).get(url(call)).content.decode()
    assert "A new point" not in page
    assert "version 1" in page
    assert as_(cast.trainer).post(url(call), tap(call, 1, "missed", 1), headers=HTMX).status_code == 200
    begun.refresh_from_db()
    assert begun.checklist.version == 1
    fresh = call_of(call.series, 4)
    second = account("Second Rater")
    cast.agency.trainers.add(second)
    assert "A new point" in as_(second).get(url(fresh)).content.decode()


def test_a_sheet_of_an_outdated_version_is_not_mixed_with_the_new_one(cast, call, as_):
    old = tap(call, 1, "aired")
    Checklist.objects.create(
        code="call-4", version=2, title="Newer", occasion="call", number=4, published_at=NOW
    )
    answer = as_(cast.trainer).post(url(call), old, headers=HTMX)
    assert answer.status_code == 422
    assert "The checklist changed meanwhile" in answer.content.decode()
    assert not MapsLog.objects.exists()


def test_a_training_day_is_logged_on_its_own_checklist(cast, as_):
    actions.install_checklists(at=NOW)
    session = training_day(cast)
    address = f"/sessions/{session.uuid}/maps/"
    page = as_(cast.trainer).get(address).content.decode()
    assert "The window of tolerance was explained." in page
    checklist = Checklist.objects.get(code="foundations-day-1")
    data = {"point": 4, "checklist": checklist.pk, "aired-4": "aired", "version-4": 0}
    assert as_(cast.trainer).post(address, data, headers=HTMX).status_code == 200
    assert MapsLog.objects.get().session == session
    session.day = 7
    session.save()
    MapsLog.objects.all().delete()
    assert "There is no checklist for this" in as_(cast.trainer).get(address).content.decode()


# --- A second rater -----------------------------------------------------------------------------------------


def test_a_second_rater_sees_nothing_of_the_first_until_both_are_finished(cast, call, as_, second):
    log(call, cast.trainer, "aapm", remark=REMARK, at=NOW)
    browser = as_(second)

    def seen():
        pages = [url(call), f"/calls/{call.uuid}/", f"/series/{call.series.uuid}/", f"/calls/{ahead.uuid}/"]
        return "".join(" ".join(browser.get(page).content.decode().split()) for page in pages)

    ahead = call_of(call.series, 5)
    for step in ("not begun", "begun"):
        page = seen()
        assert REMARK not in page, step
        assert "85 %" not in page, step
        assert "not aired" not in page, step
        browser.post(url(call), tap(call, 1, "missed"), headers=HTMX)
    for position in range(2, 13):
        browser.post(url(call), tap(call, position, "aired"), headers=HTMX)
    browser.post(url(call), whole(call, "", step="finish"))
    page = seen()
    assert REMARK in page
    assert "85 %" in page
    assert "Log of Clear Trainer" in page
    assert "90 %" in page
    assert "Log of Second Rater" in as_(cast.trainer).get(url(call)).content.decode()


def test_whoever_reads_instead_no_longer_logs(cast, call, as_, second):
    log(call, cast.trainer, remark=REMARK, at=NOW)
    browser = as_(second)
    assert "I only want to read it" in browser.get(url(call)).content.decode()
    browser.post(url(call), {"step": "read"})
    assert REMARK in browser.get(url(call)).content.decode()
    answer = browser.post(url(call), tap(call, 1, "aired"), headers=HTMX)
    assert answer.status_code == 422
    assert "would not be independent" in answer.content.decode()
    assert MapsLog.objects.count() == 1
    assert AuditEntry.objects.get(verb="read log").by == second


def test_whoever_has_begun_cannot_read_first(cast, call, as_, second):
    log(call, cast.trainer, remark=REMARK, at=NOW)
    browser = as_(second)
    browser.post(url(call), tap(call, 1, "aired"), headers=HTMX)
    browser.post(url(call), {"step": "read"})
    assert REMARK not in browser.get(url(call)).content.decode()
    assert not MapsLog.readers.through.objects.exists()


def test_an_unfinished_log_is_nobody_elses(cast, call, as_, second):
    log(call, cast.trainer, remark=REMARK, at=NOW, finish=False)
    browser = as_(second)
    browser.post(url(call), {"step": "read"})
    for user in (second, cast.leader, cast.admin):
        page = as_(user).get(url(call)).content.decode()
        assert REMARK not in page
        assert "Clear Trainer" not in page[page.index("<h1") :]


# --- Who may ------------------------------------------------------------------------------------------------


def test_leaders_and_administrators_read_finished_answers_without_remarks_and_write_nothing(cast, call, as_):
    for user in (cast.leader, cast.admin):
        assert "Not logged yet" in as_(user).get(url(call)).content.decode()
    log(call, cast.trainer, "aap", remark=REMARK, at=NOW)
    for user in (cast.leader, cast.admin):
        page = as_(user).get(url(call)).content.decode()
        assert "95 %" in page
        assert REMARK not in page
        assert "Open it again" not in page
        for data in (tap(call, 1, "missed", 1), {"step": "reopen"}, {"step": "read"}, whole(call, "m")):
            assert as_(user).post(url(call), data).status_code == 404
    assert MapsLog.objects.get().finished_at == NOW


@pytest.mark.parametrize(
    ("name", "status"),
    [("supervisor", 403), ("staff", 403), ("nobody", 403), ("other_leader", 404), ("other_trainer", 404)],
)
def test_others_reach_neither_the_sheet_nor_the_log(cast, call, as_, name, status):
    log(call, cast.trainer, at=NOW)
    session = training_day(cast)
    browser = as_(getattr(cast, name))
    for address in (url(call), f"/sessions/{session.uuid}/maps/"):
        assert browser.get(address).status_code == status
        assert browser.post(address, tap(call, 1, "missed", 1), headers=HTMX).status_code == status
    assert not MapsEntry.objects.exclude(aired="aired").exists()


# --- Figures ------------------------------------------------------------------------------------------------


def test_one_point_for_each_occasion_by_time_the_own_trainers_log_first(cast, call, second):
    session = training_day(cast)
    theirs = hold(call_of(plan(cast, ours=False), 4), {}, cast.other_trainer)
    log(theirs, cast.other_trainer, "mmmm", at=NOW)
    log(session, cast.trainer, "aaaaaaaaaaam", at=NOW)
    log(call, second, "mmmmm", at=NOW - timedelta(days=1))
    log(call, cast.trainer, "apa", at=NOW)
    log(call_of(call.series, 3), cast.trainer, finish=False, at=NOW)
    points = fidelity_points(cast.agency)
    found = [(p.occasion, p.label, p.uuid, p.fidelity.aired, p.fidelity.applicable) for p in points]
    assert found == [
        ("session", "Foundations, day 1", session.uuid, 11, 12),
        ("call", "Call 4", call.uuid, 9, 10),
    ]
    assert points[1].at == call.starts_at
    assert len(logged_occasions(cast.agency, call.series)) == 1


def test_two_logs_of_one_person_cannot_exist(cast, call):
    occasion = Occasion(call=call)
    checklist = Checklist.objects.get(code="call-4")
    first = maps_actions.start_log(occasion, checklist, by=cast.trainer, at=NOW)
    again = maps_actions.start_log(occasion, checklist, by=cast.trainer, at=NOW)
    assert [entry.pk for entry in first] == [entry.pk for entry in again]
    lost = maps_actions.answer_points(again, {1: PointAnswer("aired", None, 0)}, at=NOW)
    assert lost == []
    assert MapsEntry.objects.get(point__code="C1").aired == "aired"
