"""Where a MAPS log is offered, and the line a commitment is written on."""

from datetime import timedelta

import pytest
import time_machine

from consultation.forms import PersonHeldForm
from rollout.models import Cohort, Curriculum, Person, Session
from rollout.training_actions import install_curricula

from .conftest import NOW


@pytest.mark.parametrize(
    ("code", "shown"), [("ce-cert-foundations", True), ("helping-relationship-skills", False)]
)
def test_only_a_course_with_a_checklist_offers_to_log_maps(cast, as_, code, shown):
    install_curricula(at=NOW)
    cohort = Cohort.objects.create(
        agency=cast.agency, curriculum=Curriculum.objects.get(code=code), name="Spring"
    )
    session = Session.objects.create(
        cohort=cohort, title="Day 1", starts_at=NOW, ends_at=NOW + timedelta(hours=7)
    )
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        assert ("Log MAPS" in as_(cast.trainer).get(f"/sessions/{session.uuid}/").text) is shown
        assert "Log MAPS" not in as_(cast.leader).get(f"/sessions/{session.uuid}/").text


def test_a_commitment_is_one_line_of_at_most_300_characters():
    person = Person(pk=3)
    form = PersonHeldForm(
        {"p3-quick": "60", "p3-commitment": " a\r\n b "}, person=person, choices=[(60, "60")]
    )
    assert form.is_valid()
    assert form.cleaned_data["commitment"] == "a b"
    long = PersonHeldForm({"p3-quick": "60", "p3-commitment": "a" * 301}, person=person, choices=[(60, "60")])
    assert not long.is_valid()
