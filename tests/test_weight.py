"""What a first visit and each next page weigh on the wire, and that no page with answers is compressed.

The product runs as an installation runs it: collected, named by content and compressed files, pages as gzip.
"""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser

from cecert_site.bench import paint
from tests.surveying import just_signed_in, token_of
from tests.world import furnish_both

WANTS_GZIP = {"accept-encoding": "gzip, deflate, br"}


@pytest.mark.browser
@pytest.mark.looks
def test_a_first_visit_is_light_and_the_next_page_lighter(browser: Browser, tmp_path: Path) -> None:
    light = []
    with paint.demo(tmp_path) as line:
        for role in paint.STOPS:
            state = paint.sign_in(browser, line, role)
            for place, (stop, (_paint, _moved, weight)) in enumerate(paint.walk(browser, line, role, state)):
                least, most = (3_000, paint.NEXT_BYTES) if place else (15_000, paint.FIRST_BYTES)
                light.append((role, stop.name, weight, least < weight <= most))
    assert [one for one in light if not one[-1]] == []
    assert len(light) == sum(map(len, paint.STOPS.values()))


def test_a_page_misses_what_its_median_misses_and_may_weigh_less_when_it_is_the_next() -> None:
    good = paint.Measured(first=True, paint=[0.2, 1.0, 3.0], moved=[0.0, 0.01, 0.2], weight=[150_000] * 3)
    assert good.missed == []
    bad = paint.Measured(first=False, paint=[0.2, 1.1, 3.0], moved=[0.0, 0.02, 0.2], weight=[30_001] * 3)
    assert bad.missed == ["paint", "shift", "weight"]
    head, _rule, *rows = paint.lines({("leader", "home"): good, ("leader", "roster"): bad})
    assert head.count("|") == rows[0].count("|") == rows[1].count("|")
    assert rows[0].endswith("| 150.0 / 150.0 / 150.0 (first visit) | met |")
    assert rows[1].endswith("(next) | MISSED: paint, shift, weight |")


@pytest.mark.django_db
def test_a_list_is_compressed_and_no_page_with_answers_or_keys_is(cast: Any) -> None:
    ours, _theirs = furnish_both(cast)
    token = token_of(cast.colleague, ours.wave)
    leader, staff = Client(), just_signed_in(Client(), cast.staff)
    leader.force_login(cast.leader)
    wave = [ours.wave.uuid]

    def compressed(browser: Client, path: str) -> bool:
        response = browser.get(path, headers=WANTS_GZIP)
        assert response.status_code == 200, path
        assert not response.has_header("Content-Encoding") or "Accept-Encoding" in response["Vary"]
        return response.get("Content-Encoding", "") == "gzip"

    assert compressed(leader, reverse("rollout:people", args=[ours.agency.slug]))
    assert compressed(leader, reverse("home"))
    plain = [reverse("assessments:survey", args=wave), reverse("assessments:my_results")]
    plain += [
        reverse("assessments:survey_answer", args=wave) + f"?page={page}" for page in ("1", "all", "review")
    ]
    assert [path for path in plain if compressed(staff, path)] == []
    given = {f"q{number}": "3" for number in range(1, 31)} | {"go": "send"}
    staff.post(reverse("assessments:survey_answer", args=wave) + "?page=all", given)
    own = [reverse("assessments:result", args=wave), reverse("assessments:my_results")]
    assert [path for path in own if compressed(staff, path)] == []
    keys = [reverse("assessments:survey_link", args=[token]), reverse("account_login")]
    assert [path for path in keys if compressed(Client(), path)] == []
