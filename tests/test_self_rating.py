"""Self-ratings: one's own alone, first against latest, deletable, in no report."""

from datetime import date, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction

from rollout import self_rating
from rollout.models import AuditEntry, Module, SelfRating
from rollout.training_actions import install_curricula

from .conftest import NOW

pytestmark = pytest.mark.django_db
PAGE = "/practice/rating/"


@pytest.fixture(autouse=True)
def curricula(db):
    install_curricula()
    with time_machine.travel(NOW, tick=False):
        yield


def all_areas():
    domains, helping = self_rating.areas()
    return [*domains, *helping]


def rate(user, value, *, ago=0, areas=None):
    modules = [area.module for area in areas or all_areas()]
    self_rating.rate(user, dict.fromkeys(modules, value), on=NOW.date() - timedelta(days=ago), at=NOW)


def test_there_are_five_domains_and_fifteen_areas():
    domains, helping = self_rating.areas()
    assert [area.name for area in domains] == [
        "Experiential engagement",
        "Reducing rumination",
        "Conscious narrative",
        "Reducing emotional labor",
        "Parasympathetic recovery",
    ]
    assert len(helping) == 15
    assert helping[0].name == "Welcoming and engaging"


def test_rating_one_area_is_enough_and_once_more_on_that_day_takes_the_new_value(cast, as_):
    browser, area = as_(cast.staff), all_areas()[0]
    assert browser.post(PAGE, {area.field: "2"}).url == PAGE
    browser.post(PAGE, {area.field: "4"})
    row = SelfRating.objects.get()
    assert (row.user, row.module, row.value, row.rated_on) == (cast.staff, area.module, 4, date(2026, 11, 21))
    assert f'name="{area.field}" value="4" checked' in browser.get(PAGE).text


def test_nonsense_and_nothing_are_refused(cast, as_):
    area = all_areas()[0]
    for data in ({}, {area.field: "9"}, {area.field: "x"}, {"area-0": "3"}):
        answer = as_(cast.staff).post(PAGE, data)
        assert answer.status_code == 422
        assert "Nothing was saved" in answer.text
    assert not SelfRating.objects.exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        SelfRating.objects.create(user=cast.staff, module=area.module, value=6, rated_on=NOW.date())


def test_the_first_stands_beside_the_latest_with_their_days(cast, as_):
    area = all_areas()[5]
    for ago, value in ((60, 2), (30, 5), (0, 4)):
        rate(cast.staff, value, ago=ago, areas=[area])
    [course] = self_rating.courses(cast.staff, all_areas())
    assert (course.first.value, course.latest.value, course.change) == (2, 4, "+2")
    page = as_(cast.staff).get(PAGE).text
    assert "Sept. 22, 2026" in page
    assert "4 (+2)" in page


def test_nobody_else_sees_them(cast, as_):
    rate(cast.staff, 5)
    for who in ("supervisor", "leader", "trainer", "admin", "colleague"):
        page = as_(getattr(cast, who)).get(PAGE).text
        assert "So far" not in page, who
        assert self_rating.courses(getattr(cast, who), all_areas()) == []
    assert "So far" in as_(cast.staff).get(PAGE).text


def test_a_day_or_all_of_them_can_be_thrown_away_and_only_ones_own(cast, as_):
    rate(cast.colleague, 3)
    rate(cast.staff, 3, ago=30)
    rate(cast.staff, 4)
    browser = as_(cast.staff)
    browser.post(f"{PAGE}delete/", {"on": "2026-11-21"})
    assert {row.rated_on for row in SelfRating.objects.filter(user=cast.staff)} == {date(2026, 10, 22)}
    for nonsense in ("2026-13-40", "", "everything"):
        browser.post(f"{PAGE}delete/", {"on": nonsense})
    assert SelfRating.objects.filter(user=cast.staff).exists()
    browser.post(f"{PAGE}delete/", {"on": "all"})
    assert set(SelfRating.objects.values_list("user", flat=True)) == {cast.colleague.pk}


def test_the_audit_holds_no_value(cast):
    rate(cast.staff, 4)
    self_rating.delete_ratings(cast.staff, at=NOW)
    rows = (
        AuditEntry.objects.filter(by=cast.staff)
        .order_by("pk")
        .values_list("verb", "before", "after", "agency")
    )
    assert list(rows) == [("rated themselves", {}, {}, None), ("deleted self-ratings", {}, {}, None)]


@pytest.mark.parametrize("days", [1, 30])
def test_the_page_costs_the_same_for_one_day_and_for_thirty(cast, as_, days, django_assert_num_queries):
    modules = list(Module.objects.all())
    SelfRating.objects.bulk_create(
        SelfRating(user=cast.staff, module=module, value=3, rated_on=NOW.date() - timedelta(days=day))
        for day in range(days)
        for module in modules
    )
    browser = as_(cast.staff)
    # session, account, domains, areas, zone, today's, history, days, navigation's four roles
    with django_assert_num_queries(12):
        assert browser.get(PAGE).status_code == 200
