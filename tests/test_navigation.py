"""The main navigation: what each role finds, which entry is current, which agency it is about."""

import re
from datetime import date

import pytest

from rollout.models import Agency

pytestmark = [pytest.mark.django_db]


def bar(response):
    """Labels in the bar, the current one marked."""
    html = response.content.decode()
    found = re.search(r'<nav class="nav".*?</nav>', html, re.DOTALL)
    links = re.findall(r"<a ([^>]*)>([^<]*)</a>", found.group(0)) if found else []
    return [f"*{label}" if "aria-current" in attributes else label for attributes, label in links]


def menu(response):
    """Pages in the person's menu that show at any width."""
    found = re.search(r'<details class="menu">.*?</details>', response.content.decode(), re.DOTALL)
    return re.findall(r'<li><a href="([^"]+)"', found.group(0))


LEADERS = ["Home", "Overview", "People", "Training", "Consultation", "Assessments", "Reports"]


@pytest.mark.parametrize(
    ("who", "labels"),
    [
        ("leader", ["*Home", *LEADERS[1:]]),
        ("admin", ["*Home", "Agencies", *LEADERS[1:]]),
        ("trainer", ["*Home", "People", "Training", "Consultation"]),
        ("supervisor", ["*Home", "My calls", "My training", "My results", "My practice", "Skills"]),
        ("staff", ["*Home", "My training", "My results", "My practice", "Skills"]),
        ("nobody", ["*Home", "My practice", "Skills"]),
    ],
)
def test_each_role_finds_its_pages(cast, as_, who, labels):
    assert bar(as_(getattr(cast, who)).get("/")) == labels


@pytest.mark.parametrize("who", ["leader", "admin", "trainer", "supervisor", "staff"])
def test_every_entry_opens(cast, as_, who):
    browser = as_(getattr(cast, who))
    html = browser.get("/").content.decode()
    links = re.findall(r'href="([^"]+)"', re.search(r'<nav class="nav".*?</nav>', html, re.DOTALL).group(0))
    assert len(links) > 1
    for link in links:  # one's own results ask to sign in again first
        assert browser.get(link).status_code == (302 if link == "/me/results/" else 200), link


def test_a_leader_on_the_roster_finds_the_own_pages_in_the_menu(cast, as_):
    cast.agency.leaders.add(cast.supervisor)
    page = as_(cast.supervisor).get("/")
    assert bar(page) == ["*Home", *LEADERS[1:]]
    mine = ["/me/calls/", "/me/training/", "/me/results/", "/practice/", "/skills/"]
    assert menu(page)[: len(mine)] == mine


@pytest.mark.parametrize(
    ("address", "entry"),
    [
        ("/agencies/clearwater/", "Overview"),
        ("/agencies/clearwater/edit/", "Overview"),
        ("/agencies/clearwater/people/", "People"),
        ("/agencies/clearwater/teams/", "People"),
        ("/agencies/clearwater/training/", "Training"),
        ("/agencies/clearwater/consultation/", "Consultation"),
        ("/agencies/clearwater/assessments/", "Assessments"),
        ("/agencies/clearwater/documents/", "Reports"),
    ],
)
def test_one_entry_is_current(cast, as_, address, entry):
    assert [label for label in bar(as_(cast.leader).get(address)) if label[0] == "*"] == [f"*{entry}"]


def test_a_persons_page_belongs_to_people_for_leaders_and_to_my_training_for_staff(cast, as_):
    address = f"/people/{cast.person(cast.staff).uuid}/"
    assert "*People" in bar(as_(cast.leader).get(address))
    assert "*My training" in bar(as_(cast.staff).get(address))


def test_with_several_agencies_the_one_opened_last_stays(cast, as_):
    cast.other.leaders.add(cast.leader)
    browser = as_(cast.leader)
    assert "Clearwater" in browser.get("/").content.decode().split("<main")[1]
    assert "Agencies" in bar(browser.get("/"))
    browser.get("/agencies/harbor/people/")
    assert "Harbor Clinic" in browser.get("/").content.decode().split("<main")[1]


def test_an_agency_that_is_not_ones_own_is_never_remembered(cast, as_):
    browser = as_(cast.leader)
    assert browser.get("/agencies/harbor/").status_code == 404
    assert "Harbor" not in browser.get("/").content.decode()


def test_pages_without_an_agency_in_their_address_are_about_their_own(cast, as_):
    """A trainer follows a link to a person in another agency than the one opened last."""
    cast.other.trainers.add(cast.trainer)
    browser = as_(cast.trainer)
    browser.get("/agencies/clearwater/people/")
    html = browser.get(f"/people/{cast.person(cast.other_staff).uuid}/").content.decode()
    assert 'href="/agencies/harbor/training/"' in html.split("<main")[0]


def test_whoever_leads_one_agency_and_trains_another_sees_the_led_one_at_home(cast, as_):
    Agency.objects.create(
        name="Aspen House", slug="aspen", time_zone="America/Denver", starts_on=date(2026, 1, 5)
    ).trainers.add(cast.leader)
    browser = as_(cast.leader)
    browser.get("/agencies/aspen/people/")
    assert "Overview" not in bar(browser.get("/agencies/aspen/people/")), "it is not theirs to run"
    assert "Where it stands" in browser.get("/").content.decode()
    assert "Clearwater Family Services" in browser.get("/").content.decode().split("<main")[1]


def test_nobody_signed_in_finds_no_navigation(client, cast):
    assert bar(client.get("/accounts/login/")) == []


def test_fragments_ask_no_questions_for_a_navigation_they_do_not_show(cast, as_, django_assert_num_queries):
    browser = as_(cast.leader)
    browser.post("/agencies/clearwater/report/")
    address = browser.get("/agencies/clearwater/documents/").content.decode()
    address = re.search(r"/documents/[0-9a-f-]{36}/", address).group(0)
    # Session, account, four roles, the document, whether one runs its agency.
    with django_assert_num_queries(8):
        browser.get(address, headers={"HX-Request": "true"})
