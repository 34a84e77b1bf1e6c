"""The first visit of an empty installation."""

import pytest

from rollout.models import Agency, AuditEntry, User

pytestmark = [pytest.mark.django_db]

FILLED = {
    "name": "Avery Holt",
    "email": "Avery@Office.example",
    "password": "seven quiet rivers",
    "agency": "Río Bravo Services",
    "setting": "clinic",
    "time_zone": "America/Denver",
    "leads": "on",
}


def test_the_first_visit_leads_to_the_set_up(client):
    page = client.get("/", follow=True)
    assert page.redirect_chain == [("/setup/", 302)]
    assert "This installation is empty" in page.content.decode()


def test_it_makes_the_first_administrator_and_agency_and_signs_in(client):
    answer = client.post("/setup/", FILLED)
    admin, agency = User.objects.get(), Agency.objects.get()
    assert answer.headers["Location"] == f"/agencies/{agency.slug}/enroll/commitment/"
    assert (admin.email, admin.is_site_admin, admin.check_password("seven quiet rivers")) == (
        "avery@office.example",
        True,
        True,
    )
    assert (agency.name, agency.slug, agency.time_zone) == (
        "Río Bravo Services",
        "rio-bravo-services",
        "America/Denver",
    )
    assert list(agency.leaders.all()) == [admin]
    assert AuditEntry.objects.filter(agency=agency).exists()
    assert client.get("/").status_code == 200


def test_an_administrator_need_not_lead_the_agency(client):
    client.post("/setup/", {key: value for key, value in FILLED.items() if key != "leads"})
    assert not Agency.objects.get().leaders.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("password", "short"),
        ("password", "avery@office.example"),
        ("password", "password123"),
        ("email", "not an address"),
        ("time_zone", "Mars/Olympus"),
        ("agency", "???"),
        ("agency", "New"),
        ("name", ""),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_made(client, field, value):
    page = client.post("/setup/", FILLED | {field: value})
    assert page.status_code == 422
    assert f'id="id_{field}_error"' in page.content.decode()
    assert "seven quiet rivers" not in page.content.decode(), "a password is never sent back"
    assert not User.objects.exists()
    assert not Agency.objects.exists()


def test_it_is_gone_for_good_once_anybody_has_an_account(client):
    User.objects.create_user("a@people.example", name="Ada One")
    assert client.get("/setup/").status_code == 404
    assert client.post("/setup/", FILLED).status_code == 404
    assert User.objects.count() == 1
