"""The page of wordings: checked first, installed second, for one's own agency only."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from assessments import actions
from assessments.models import WordingPack

from .conftest import NOW, Cast
from .surveying import PROQOL, a_wave, text_of
from .test_wording import KITCHEN, lines

pytestmark = pytest.mark.django_db


def test_a_wording_is_checked_first_and_installed_second(cast: Cast, as_: Any):
    browser, url = as_(cast.leader), reverse("assessments:wordings")
    first = {"instrument": "proqol-5", "agency": cast.agency.pk, "language": "en", "statements": lines()}
    page = browser.post(url, first)
    assert page.status_code == 200
    assert "30 statements, as ProQOL 5 asks for" in text_of(page)
    assert KITCHEN[29] in text_of(page)
    assert not WordingPack.objects.exists()
    assert browser.post(url, first | {"install": "1"})["Location"] == url
    pack = WordingPack.objects.get()
    assert (pack.agency, pack.installed_by, pack.statements["30"]) == (cast.agency, cast.leader, KITCHEN[29])
    assert "Version 1 of the wording" in text_of(browser.get(url))


def test_a_file_will_do_as_well(cast: Cast, as_: Any):
    file = SimpleUploadedFile("kitchen.txt", lines().encode())
    page = as_(cast.admin).post(
        reverse("assessments:wordings"), {"instrument": "proqol-5", "language": "en", "file": file}
    )
    assert "30 statements, as ProQOL 5 asks for" in text_of(page)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"statements": lines().replace("\n7. ", "\n6. "), "install": "1"}, "Line 7:"),
        ({"statements": f"0=Never\n{lines()}", "install": "1"}, "belong to another version"),
        ({"statements": ""}, "Paste the statements or choose a file."),
        ({"language": "english!"}, "Give a code such as en or es."),
        ({"agency": ""}, "required"),
        ({"file": SimpleUploadedFile("x.pdf", b"%PDF\0\0")}, "not a text file"),
    ],
)
def test_a_wording_that_does_not_fit_is_not_installed(cast: Cast, as_: Any, change: Any, reason: str):
    first = {"instrument": "proqol-5", "agency": cast.agency.pk, "language": "en", "statements": lines()}
    response = as_(cast.leader).post(reverse("assessments:wordings"), first | change)
    assert response.status_code == 422
    assert reason in text_of(response)
    assert not WordingPack.objects.exists()


def test_a_leader_installs_for_the_own_agency_only(cast: Cast, as_: Any):
    sent = {"instrument": "proqol-5", "language": "en", "statements": lines(), "install": "1"}
    for foreign in ({"agency": cast.other.pk}, {}):
        assert as_(cast.leader).post(reverse("assessments:wordings"), sent | foreign).status_code == 422
    assert not WordingPack.objects.exists()
    as_(cast.admin).post(reverse("assessments:wordings"), sent)
    assert WordingPack.objects.get().agency is None


def test_another_agencys_wording_is_not_listed(cast: Cast, as_: Any):
    actions.install_wording(
        PROQOL, dict(enumerate(KITCHEN, 1)), language="de", agency=cast.other, by=cast.other_leader, at=NOW
    )
    assert "Harbor" not in text_of(as_(cast.leader).get(reverse("assessments:wordings")))
    assert "Harbor" in text_of(as_(cast.other_leader).get(reverse("assessments:wordings")))


def test_a_statement_cannot_bring_markup(cast: Cast, as_: Any):
    sly = lines().replace(KITCHEN[0], "<script>alert(1)</script> spoon")
    sent = {"instrument": "proqol-5", "agency": cast.agency.pk, "language": "en", "statements": sly}
    assert b"<script>alert(1)" not in as_(cast.leader).post(reverse("assessments:wordings"), sent).content
    as_(cast.leader).post(reverse("assessments:wordings"), sent | {"install": "1"})
    wave = a_wave(cast.agency, wording=WordingPack.objects.get())
    assert (
        b"<script>alert(1)"
        not in as_(cast.staff).get(reverse("assessments:survey_answer", args=[wave.uuid])).content
    )
