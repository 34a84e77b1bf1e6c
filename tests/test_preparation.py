"""What a supervisor prepares: saved as typed, theirs alone until shared, locked when the call begins."""

from datetime import timedelta

import pytest
import time_machine

from consultation import actions, names
from consultation import preparation_actions as preparing
from consultation.models import Preparation
from rollout.models import AuditEntry, Notice
from rollout.refusals import Changed, Refused

from .calls_cast import FIRST, call_of, hold, more_supervisors, plan
from .conftest import NOW, account, somebody

CANARY = "heron-4711 stood in the reeds"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def texts(**given):
    return {"situation": "", "tried": "", "question": "", "for_the_team": "", "version": 0} | given


def url(call):
    return f"/calls/{call.uuid}/prepare/"


@pytest.fixture
def call(cast):
    return call_of(plan(cast), 5)


# --- The gentle check (pure) --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("I told Brian about it.", [("name", "Brian")]),
        ("Maria says it is fine.", [("name", "Maria")]),
        ("What did Tanisha O’Neill want?", [("name", "Tanisha O’Neill")]),
        ("We met the Lopez family on 3/14/2012.", [("name", "Lopez"), ("date", "3/14/2012")]),
        ("Talked with Mrs. Alvarez again.", [("name", "Mrs. Alvarez")]),
        ("Born 2011, case 4471-B.", [("date", "Born 2011"), ("number", "case 4471-B")]),
        ("DOB: 2011-05-04 is in the file", [("date", "DOB: 2011-05-04")]),
        ("Her file is #44521.", [("number", "#44521")]),
        (
            "Call 801-555-0133 or mail a.b@home.example",
            [("contact", "801-555-0133"), ("contact", "a.b@home.example")],
        ),
        ("They moved in on March 3, 2014.", [("date", "March 3, 2014")]),
    ],
)
def test_what_looks_like_a_name_a_birth_date_or_a_number_is_pointed_out(text, found):
    assert [(finding.kind, finding.text) for finding in names.look(text)] == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "A worker dreads the Monday visit and starts worrying on Friday. She says “it will blow up again”.",
        "One worker (new) kept fixing. Then Silence helped; silence works.",
        "At the ProQOL review CE-CERT helped. DHS and the Family Court wrote.",
        "9/11 was hard; 24/7 on call; 50 minutes; in 2024 we tried.",
        "The Intake Team met in December. I think I’d do it again.",
        "Will and grace are words. May we try?",
    ],
)
def test_ordinary_sentences_are_left_alone(text):
    assert names.look(text) == []


def test_at_most_five_spots_are_named_each_once():
    text = " ".join(
        f"I met {name}." for name in ("Zora", "Zelda", "Ximena", "Quentin", "Yusuf", "Waldo", "Zora")
    )
    assert [finding.text for finding in names.look(text)] == ["Zora", "Zelda", "Ximena", "Quentin", "Yusuf"]


# --- Saving -------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_what_is_typed_is_saved_and_the_answer_brings_the_new_version(cast, call, as_):
    browser = as_(cast.supervisor)
    answer = browser.post(url(call), texts(situation="A worker dreads it"), headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert 'name="version" value="1"' in answer.content.decode()
    answer = browser.post(
        url(call), texts(situation="A worker dreads it.", version=1), headers={"HX-Request": "true"}
    )
    assert 'name="version" value="2"' in answer.content.decode()
    saved = Preparation.objects.get(call=call, person__user=cast.supervisor)
    assert (saved.situation, saved.updated_at, saved.shared_at) == ("A worker dreads it.", NOW, None)
    page = browser.get(f"/calls/{call.uuid}/").content.decode()
    assert "Saved 9 a.m., only you can see it" in page
    assert "A worker dreads it." in page


@pytest.mark.django_db
def test_an_empty_form_saves_nothing(cast, call, as_):
    answer = as_(cast.supervisor).post(url(call), texts(situation="  "), headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert not Preparation.objects.exists()


@pytest.mark.django_db
def test_without_scripts_a_button_saves_and_the_page_comes_back(cast, call, as_):
    answer = as_(cast.supervisor).post(url(call), texts(question="How?", step="save"))
    assert answer.url == f"/calls/{call.uuid}/#preparation"
    assert Preparation.objects.get().question == "How?"
    assert as_(cast.supervisor).get(url(call)).url == f"/calls/{call.uuid}/#preparation"


@pytest.mark.django_db
def test_a_possible_name_is_pointed_out_and_saved_all_the_same(cast, call, as_):
    answer = as_(cast.supervisor).post(
        url(call), texts(situation="I told Brian."), headers={"HX-Request": "true"}
    )
    assert "“Brian” looks like a name" in answer.content.decode()
    assert Preparation.objects.get().situation == "I told Brian."


# --- Two windows --------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("htmx", [True, False])
def test_a_stale_window_loses_nothing_and_shows_both_texts(cast, call, as_, htmx):
    browser = as_(cast.supervisor)
    headers = {"HX-Request": "true"} if htmx else {}
    step = {} if htmx else {"step": "save"}
    browser.post(url(call), texts(situation="First window", question="Same"), headers=headers)
    answer = browser.post(
        url(call), texts(situation="Second window", question="Same", **step), headers=headers
    )
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "First window" in page
    assert page.count("Second window") == 2  # in the comparison, and still in the form
    assert 'name="version" value="1"' in page
    assert Preparation.objects.get().situation == "First window"
    if htmx:
        assert answer["HX-Retarget"] == "#preparation"
    else:
        assert "<html" in page
    browser.post(
        url(call), texts(situation="Second window", question="Same", version=1, **step), headers=headers
    )
    assert Preparation.objects.get().situation == "Second window"


@pytest.mark.django_db
def test_the_same_words_twice_are_no_conflict_so_sharing_right_after_typing_works(cast, call, as_):
    browser = as_(cast.supervisor)
    browser.post(url(call), texts(situation="Line one\nLine two"), headers={"HX-Request": "true"})
    answer = browser.post(url(call), texts(situation="Line one\r\nLine two ", step="share", version=0))
    assert answer.status_code == 302
    assert Preparation.objects.get().shared_at == NOW
    assert Preparation.objects.get().version == 1


@pytest.mark.django_db
def test_a_stale_version_is_refused_by_the_action_itself(cast, call):
    person = cast.person(cast.supervisor)
    preparing.save_preparation(call, person, {"tried": "One"}, version=0, by=cast.supervisor, at=NOW)
    with pytest.raises(Changed):
        preparing.save_preparation(call, person, {"tried": "Two"}, version=0, by=cast.supervisor, at=NOW)


# --- Sharing ------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_trainer_sees_it_only_once_it_is_shared_and_no_more_once_taken_back(cast, call, as_):
    browser, room = as_(cast.supervisor), f"/calls/{call.uuid}/"
    browser.post(url(call), texts(situation=CANARY), headers={"HX-Request": "true"})
    assert CANARY not in as_(cast.trainer).get(room).content.decode()
    browser.post(url(call), texts(situation=CANARY, version=1, step="share"))
    page = as_(cast.trainer).get(room).content.decode()
    assert CANARY in page
    assert "1 of 1 shared a preparation" in page
    assert "Clear can see it" in browser.get(room).content.decode()
    browser.post(url(call), texts(situation=f"{CANARY}, still", version=1), headers={"HX-Request": "true"})
    assert f"{CANARY}, still" in as_(cast.trainer).get(room).content.decode()
    browser.post(url(call), texts(situation=f"{CANARY}, still", version=2, step="unshare"))
    assert CANARY not in as_(cast.trainer).get(room).content.decode()


@pytest.mark.django_db
def test_nothing_cannot_be_shared(cast, call, as_):
    answer = as_(cast.supervisor).post(url(call), texts(step="share"))
    assert answer.status_code == 422
    assert "One sentence is enough" in answer.content.decode()
    assert not Preparation.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("shared", [True, False])
def test_only_its_writer_and_after_sharing_the_agencys_trainers_may_read_it(cast, call, as_, shared):
    person = cast.person(cast.supervisor)
    neighbor = more_supervisors(cast, 1)[0]
    actions.add_member(call.series, neighbor, joined_on=FIRST, by=cast.leader, at=NOW)
    theirs = call_of(plan(cast, ours=False), 5)
    saved = preparing.save_preparation(
        call, person, {"situation": CANARY}, version=0, by=cast.supervisor, at=NOW
    )
    if shared:
        preparing.share_preparation(saved, by=cast.supervisor, at=NOW)
    readers = set()
    for name, user in (cast.everyone() | {"neighbor": neighbor.user}).items():
        browser = as_(user)
        addresses = [
            f"/calls/{call.uuid}/",
            f"/series/{call.series.uuid}/",
            "/me/calls/",
            f"/calls/{theirs.uuid}/",
        ]
        if any(CANARY in browser.get(address).content.decode() for address in addresses):
            readers.add(name)
    assert readers == ({"supervisor", "trainer"} if shared else {"supervisor"})
    visible = {
        name for name, user in cast.everyone().items() if Preparation.objects.visible_to(user).exists()
    }
    assert visible == readers


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name", ["trainer", "leader", "admin", "staff", "colleague", "other_supervisor", "other_leader"]
)
def test_nobody_writes_a_preparation_but_a_member_their_own(cast, call, as_, name):
    answer = as_(getattr(cast, name)).post(url(call), texts(situation="Not mine"))
    assert answer.status_code == 404
    assert not Preparation.objects.exists()


@pytest.mark.django_db
def test_a_leader_who_takes_part_has_a_brief_of_their_own_and_sees_nobody_elses(cast, call, as_):
    person = somebody(cast.agency, None, cast.leader, job_title="Director")
    actions.add_member(call.series, person, joined_on=FIRST, by=cast.leader, at=NOW)
    own = cast.person(cast.supervisor)
    saved = preparing.save_preparation(
        call, own, {"situation": CANARY}, version=0, by=cast.supervisor, at=NOW
    )
    preparing.share_preparation(saved, by=cast.supervisor, at=NOW)
    answer = as_(cast.leader).post(url(call), texts(question="My own question", step="save"))
    assert answer.status_code == 302
    page = as_(cast.leader).get(f"/calls/{call.uuid}/").content.decode()
    assert "My own question" in page
    assert CANARY not in page


@pytest.mark.django_db
def test_the_words_stand_in_no_audit_and_no_notice(cast, call, as_):
    browser = as_(cast.supervisor)
    browser.post(url(call), texts(situation=CANARY), headers={"HX-Request": "true"})
    browser.post(url(call), texts(situation=CANARY, version=1, step="share"))
    browser.post(url(call), texts(situation=CANARY, version=1, step="unshare"))
    traces = AuditEntry.objects.filter(subject="consultation.Call")
    assert [trace.verb for trace in traces.order_by("pk")] == [
        "began preparation",
        "shared preparation",
        "took back preparation",
    ]
    everything = str(list(AuditEntry.objects.values())) + str(list(Notice.objects.values()))
    assert "heron" not in everything


# --- The call begins ----------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_it_can_be_changed_until_the_call_begins_and_not_a_second_longer(cast, call, as_, clock):
    browser = as_(cast.supervisor)
    browser.post(url(call), texts(situation="Before"), headers={"HX-Request": "true"})
    clock.move_to(call.starts_at - timedelta(seconds=1))
    browser = as_(cast.supervisor)
    answer = browser.post(
        url(call), texts(situation="Just in time", version=1), headers={"HX-Request": "true"}
    )
    assert answer.status_code == 200
    clock.move_to(call.starts_at)
    answer = browser.post(url(call), texts(situation="Too late", version=2), headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert "The call has begun" in answer.content.decode()
    assert "Too late" in answer.content.decode()
    assert Preparation.objects.get().situation == "Just in time"
    assert (
        browser.post(url(call), texts(situation="Just in time", version=2, step="share")).status_code == 422
    )
    assert Preparation.objects.get().shared_at is None


@pytest.mark.django_db
def test_a_past_call_is_the_archive_of_what_one_prepared(cast, as_):
    series, person = plan(cast), cast.person(cast.supervisor)
    call = call_of(series, 4)
    then = call.starts_at - timedelta(days=1)
    saved = preparing.save_preparation(
        call, person, {"situation": CANARY}, version=0, by=cast.supervisor, at=then
    )
    preparing.share_preparation(saved, by=cast.supervisor, at=then)
    hold(call, {person: 52}, cast.trainer, {person: "One feeling question"})
    page = as_(cast.supervisor).get(f"/calls/{call.uuid}/").content.decode()
    assert CANARY in page
    assert "<textarea" not in page
    assert "You were there for 52 minutes: it counts." in page
    assert "In this call you took on" in page
    assert "It was shared with your trainer" in page


@pytest.mark.django_db
def test_calls_before_somebody_joined_are_closed_to_their_preparation(cast, as_):
    series = plan(cast)
    late = more_supervisors(cast, 1)[0]
    actions.add_member(series, late, joined_on=NOW.date() + timedelta(days=30), by=cast.leader, at=NOW)
    call = call_of(series, 5)
    assert as_(late.user).post(url(call), texts(situation="Early")).status_code == 404
    with pytest.raises(Refused):
        preparing.save_preparation(
            call, late, {"situation": "x"}, version=0, by=late.user, at=call.starts_at + timedelta(1)
        )


@pytest.mark.django_db
def test_a_new_trainer_of_the_agency_sees_what_was_shared_and_a_former_one_no_more(cast, call, as_):
    person = cast.person(cast.supervisor)
    saved = preparing.save_preparation(
        call, person, {"situation": CANARY}, version=0, by=cast.supervisor, at=NOW
    )
    preparing.share_preparation(saved, by=cast.supervisor, at=NOW)
    second = account("Second Trainer")
    cast.agency.trainers.set([second])
    assert CANARY in as_(second).get(f"/calls/{call.uuid}/").content.decode()
    assert as_(cast.trainer).get(f"/calls/{call.uuid}/").status_code == 403
