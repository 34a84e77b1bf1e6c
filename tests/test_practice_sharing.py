"""Sharing a practice plan: by choice, with a person and not with a post, ended at once, never by a role."""

from datetime import date, timedelta

import pytest

from rollout import enrollment, practice_actions, reminders
from rollout.models import AuditEntry, Person, PlanShare, PracticePlan, User
from rollout.refusals import Refused

from .conftest import NOW, account, somebody

pytestmark = pytest.mark.django_db
CANARY = "curlew-5150 over the mudflat"
SUPERVISOR, PARTNER = PlanShare.Kind.SUPERVISOR, PlanShare.Kind.PARTNER


@pytest.fixture
def plan(cast):
    return practice_actions.save_plan(cast.staff, {"awareness": CANARY}, {"awareness": 0}, at=NOW)


@pytest.fixture
def shared(cast, plan):
    return practice_actions.share_with_supervisor(cast.staff, cast.supervisor, at=NOW)


def alone(name="Sam Alone"):
    """An account of somebody who came by themselves."""
    return account(name, signed_up_at=NOW, claimed_at=NOW)


def reads(as_, user, share):
    """Whether this person's page shows the plan; the list and the page must agree."""
    browser = as_(user)
    page = browser.get(f"/practice/shared/{share.pk}/")
    assert (page.status_code == 200) == (
        f"/practice/shared/{share.pk}/" in browser.get("/practice/shared/").text
    )
    return page.status_code == 200 and CANARY in page.text


# --- With one's supervisor ----------------------------------------------------------------------------------


def test_a_plan_is_shared_with_ones_supervisor_and_nobody_else_reads_it(cast, as_, plan):
    answer = as_(cast.staff).post("/practice/share/", {"supervisor": cast.supervisor.pk}, follow=True)
    assert "Clear Supervisor can read your plan from now on" in answer.text
    share = PlanShare.objects.get()
    readers = [name for name, user in cast.everyone().items() if reads(as_, user, share)]
    assert readers == ["supervisor"]
    assert PracticePlan.objects.visible_to(cast.supervisor).get() == plan


def test_the_owner_sees_who_reads_it_and_since_when(cast, as_, shared):
    page = as_(cast.staff).get("/practice/").text
    assert "Clear Supervisor" in page
    assert "can read it since" in page
    assert "your readers can see it" in page
    practice_actions.withdraw(shared, by=cast.staff, at=NOW)
    assert "yours alone until you share it" in as_(cast.staff).get("/practice/").text


def test_withdrawing_closes_it_at_once(cast, as_, shared):
    assert reads(as_, cast.supervisor, shared)
    as_(cast.staff).post(f"/practice/share/{shared.pk}/withdraw/")
    assert not reads(as_, cast.supervisor, shared)
    assert as_(cast.staff).post(f"/practice/share/{shared.pk}/withdraw/").status_code == 404


def test_a_new_supervisor_does_not_inherit_it_and_the_old_one_loses_it(cast, as_, shared):
    cast.team.supervisor = cast.person(cast.colleague)
    enrollment.save_team(cast.team, by=cast.leader, at=NOW)
    assert not reads(as_, cast.supervisor, shared)
    assert not reads(as_, cast.colleague, shared)
    assert "they do not supervise your team now" in as_(cast.staff).get("/practice/").text
    again = practice_actions.share_with_supervisor(cast.staff, cast.colleague, at=NOW)
    assert reads(as_, cast.colleague, again)


def test_moving_to_another_team_closes_it_for_the_supervisor_left_behind(cast, as_, shared):
    Person.objects.filter(user=cast.staff).update(team=None)
    assert not reads(as_, cast.supervisor, shared)


def test_a_supervisor_who_comes_back_does_not_find_it_open_again(cast, as_, shared):
    person = cast.team.supervisor
    type(cast.team).objects.update(supervisor=None)
    reminders.daily(NOW)
    type(cast.team).objects.filter(pk=cast.team.pk).update(supervisor=person)
    assert not reads(as_, cast.supervisor, shared)
    assert practice_actions.share_with_supervisor(cast.staff, cast.supervisor, at=NOW).pk != shared.pk


def test_only_what_lapsed_is_ended(cast, plan, shared):
    practice_actions.share_with_partner(cast.staff, cast.colleague.email, at=NOW)
    assert practice_actions.end_lapsed(at=NOW) == 0


def test_somebody_elses_supervisor_cannot_be_chosen(cast, as_, plan):
    for other in (cast.other_supervisor.pk, cast.leader.pk, 0, "x", 10**30):
        answer = as_(cast.staff).post("/practice/share/", {"supervisor": other})
        assert answer.status_code == 422, other
    assert not PlanShare.objects.exists()


def test_a_supervisor_finds_on_the_teams_page_what_people_chose_to_share(cast, as_, plan):
    browser = as_(cast.supervisor)
    assert "Practice plans people chose to share" not in browser.get("/").text
    share = practice_actions.share_with_supervisor(cast.staff, cast.supervisor, at=NOW)
    home = browser.get("/").text
    assert f"/practice/shared/{share.pk}/" in home
    assert CANARY not in home


def test_a_deactivated_reader_loses_it_and_a_deactivated_owners_plan_closes(cast, as_, shared):
    User.objects.filter(pk=cast.supervisor.pk).update(is_active=False)
    assert not PracticePlan.objects.visible_to(cast.supervisor).exists()
    assert not PlanShare.objects.in_force().exists()
    User.objects.filter(pk=cast.supervisor.pk).update(is_active=True)
    User.objects.filter(pk=cast.staff.pk).update(is_active=False)
    assert not reads(as_, cast.supervisor, shared)


# --- With a partner in one's agency -------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["clear.colleague@people.example", "Clear  Colleague", "CLEAR COLLEAGUE"])
def test_a_colleague_is_found_by_exact_name_or_address(cast, as_, plan, words):
    as_(cast.staff).post("/practice/share/", {"who": words})
    share = PlanShare.objects.get()
    assert (share.reader, share.kind) == (cast.colleague, PARTNER)
    assert reads(as_, cast.colleague, share)
    assert not reads(as_, cast.supervisor, share)


@pytest.mark.parametrize(
    "words", ["Harbor Staff", "harbor.staff@people.example", "clear.col", "Colleague", "%", ""]
)
def test_nobody_of_another_agency_and_nobody_by_a_part_of_the_name(cast, as_, plan, words):
    answer = as_(cast.staff).post("/practice/share/", {"who": words})
    assert answer.status_code == 422
    assert not PlanShare.objects.exists()
    known = as_(cast.staff).post("/practice/share/", {"who": "harbor.staff@people.example"}).text
    unknown = as_(cast.staff).post("/practice/share/", {"who": "harbor.stuff@people.example"}).text
    assert ("Nobody in your agency" in known) == ("Nobody in your agency" in unknown) is True


def test_two_of_a_name_are_told_apart_by_address(cast, plan):
    somebody(cast.agency, cast.team, account("Sam Twin"))
    twin = User.objects.create_user("second.twin@people.example", name="Sam Twin")
    somebody(cast.agency, cast.team, twin)
    with pytest.raises(Refused, match="Several people"):
        practice_actions.share_with_partner(cast.staff, "Sam Twin", at=NOW)
    assert practice_actions.share_with_partner(cast.staff, twin.email, at=NOW).reader == twin


def test_nobody_shares_with_themselves_twice_or_nothing(cast, plan):
    with pytest.raises(Refused, match="That is you"):
        practice_actions.share_with_partner(cast.staff, cast.staff.email, at=NOW)
    practice_actions.share_with_partner(cast.staff, cast.colleague.email, at=NOW)
    with pytest.raises(Refused, match="already"):
        practice_actions.share_with_partner(cast.staff, cast.colleague.email, at=NOW)
    with pytest.raises(Refused, match="nothing to share"):
        practice_actions.share_with_partner(cast.colleague, cast.staff.email, at=NOW)


def test_a_reader_may_take_it_off_their_list(cast, as_, shared):
    answer = as_(cast.supervisor).post(f"/practice/share/{shared.pk}/withdraw/", follow=True)
    assert "no longer on your list" in answer.text
    assert not reads(as_, cast.supervisor, shared)


@pytest.mark.parametrize("who", ["leader", "trainer", "admin", "colleague", "other_staff"])
def test_nobody_else_ends_or_accepts_it(cast, as_, shared, who):
    browser = as_(getattr(cast, who))
    assert browser.post(f"/practice/share/{shared.pk}/withdraw/").status_code == 404
    assert browser.post(f"/practice/shared/{shared.pk}/accept/").status_code == 404
    assert PlanShare.objects.in_force().count() == 1


def test_readers_see_it_as_it_changes_and_cannot_change_it(cast, as_, shared):
    practice_actions.save_plan(cast.staff, {"awareness": CANARY + " again"}, {"awareness": 1}, at=NOW)
    browser = as_(cast.supervisor)
    assert CANARY + " again" in browser.get(f"/practice/shared/{shared.pk}/").text
    assert browser.post(f"/practice/shared/{shared.pk}/", {"awareness": "x"}).status_code == 405
    assert "<textarea" not in browser.get(f"/practice/shared/{shared.pk}/").text


def test_at_most_ten_people_read_a_plan(cast, plan):
    for number in range(10):
        somebody(cast.agency, None, account(f"Reader {'abcdefghij'[number]}"))
        practice_actions.share_with_partner(
            cast.staff, f"reader.{'abcdefghij'[number]}@people.example", at=NOW
        )
    with pytest.raises(Refused, match="At most 10"):
        practice_actions.share_with_partner(cast.staff, cast.colleague.email, at=NOW)


# --- On one's own path: any address, and nothing said about who has one ---------------------------------------


@pytest.fixture
def own(cast):
    user = alone()
    practice_actions.save_plan(user, {"awareness": CANARY}, {"awareness": 0}, at=NOW)
    return user


def test_a_known_and_an_unknown_address_get_the_same_answer(cast, as_, own):
    browser = as_(own)
    pages = {}
    for address in (cast.other_staff.email, "nobody.here@people.example"):
        page = browser.post("/practice/share/", {"who": address}, follow=True).text
        share = PlanShare.objects.get(address=address)
        listed = page.split('id="sharing"')[1].split("</section>")[0]
        pages[address] = listed.replace(address, "X").replace(f"/{share.pk}/", "/N/")
        browser.post(f"/practice/share/{share.pk}/withdraw/")
    known, unknown = (page.split("csrfmiddlewaretoken") for page in pages.values())
    assert [part.split(">", 1)[1] for part in known] == [part.split(">", 1)[1] for part in unknown]
    assert "asked; can read it once they accept" in pages[cast.other_staff.email]
    assert cast.other_staff.name not in pages[cast.other_staff.email]


def test_whoever_has_the_address_accepts_and_only_then_reads(cast, as_, own):
    as_(own).post("/practice/share/", {"who": cast.other_staff.email.upper()})
    share = PlanShare.objects.get()
    assert not PracticePlan.objects.visible_to(cast.other_staff).exists()
    assert as_(cast.other_staff).get(f"/practice/shared/{share.pk}/").status_code == 404
    waiting = as_(cast.other_staff).get("/practice/shared/").text
    assert "Sam Alone" in waiting
    assert CANARY not in waiting
    for stranger in (cast.other_supervisor, cast.staff, cast.admin):
        assert "Sam Alone" not in as_(stranger).get("/practice/shared/").text
        assert as_(stranger).post(f"/practice/shared/{share.pk}/accept/").status_code == 404
    assert (
        as_(cast.other_staff).post(f"/practice/shared/{share.pk}/accept/").url
        == f"/practice/shared/{share.pk}/"
    )
    assert reads(as_, cast.other_staff, share)
    assert cast.other_staff.name in as_(own).get("/practice/").text


def test_a_request_that_was_withdrawn_or_declined_opens_nothing(cast, as_, own):
    for who in (own, cast.other_staff):
        share = practice_actions.share_with_partner(own, cast.other_staff.email, at=NOW)
        as_(who).post(f"/practice/share/{share.pk}/withdraw/")
        assert as_(cast.other_staff).post(f"/practice/shared/{share.pk}/accept/").status_code == 404
    assert not PlanShare.objects.in_force().exists()


def test_an_address_that_is_none_or_ones_own_is_refused(own):
    for words in ("Clear Staff", "sam@", own.email, ""):
        with pytest.raises(Refused):
            practice_actions.share_with_partner(own, words, at=NOW)
    practice_actions.share_with_partner(own, "kim@mail.example", at=NOW)
    with pytest.raises(Refused, match="already"):
        practice_actions.share_with_partner(own, "KIM@mail.example", at=NOW)


def test_addresses_that_were_asked_stand_in_no_audit(own):
    practice_actions.share_with_partner(own, "kim@mail.example", at=NOW)
    assert "kim@" not in repr(list(AuditEntry.objects.values()))


@pytest.mark.parametrize("people", [1, 30])
def test_the_list_of_shared_plans_costs_the_same_for_one_and_for_thirty(
    cast, as_, people, django_assert_num_queries
):
    for number in range(people):
        user = User.objects.create_user(f"m{number}@people.example", name=f"Member {number}")
        person = somebody(cast.agency, cast.team, User(pk=user.pk, name=f"Member {number}", email=user.email))
        assert person.team == cast.team
        practice_actions.save_plan(user, {"awareness": "x"}, {"awareness": 0}, at=NOW)
        practice_actions.share_with_supervisor(user, cast.supervisor, at=NOW + timedelta(minutes=number))
    browser = as_(cast.supervisor)
    # session, account, navigation's four roles, requests, how many, the page
    with django_assert_num_queries(9):
        assert "Member 0" in browser.get("/practice/shared/").text


def test_leaving_the_agency_closes_what_a_supervisor_could_read(cast, as_, shared):
    person = cast.person(cast.staff)
    person.left_on = date(2026, 11, 20)
    enrollment.save_person(person, by=cast.leader, at=NOW)
    assert not reads(as_, cast.supervisor, shared)
