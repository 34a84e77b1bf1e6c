"""Several people, tabs and the close at the same moment: one answer each, and every answer kept is one counted."""

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections

from assessments import actions, survey
from assessments.models import Answer, Draft, Invitation, Release
from rollout.refusals import Refused

from .conftest import Cast
from .surveying import HIGH_AVERAGE_LOW, LATER, a_wave, invitation_of, staff

pytestmark = pytest.mark.django_db(transaction=True)
ANSWERS = dict(enumerate(HIGH_AVERAGE_LOW, 1))


def together(*works: Callable[[], Any]) -> Counter[str]:
    """Run all at once, each with a connection of its own; how they ended: "done" or the error's name."""
    ends: Counter[str] = Counter()
    gate = threading.Barrier(len(works))

    def run(work: Callable[[], Any]) -> None:
        gate.wait()
        try:
            work()
            ends["done"] += 1
        except Exception as error:
            ends[type(error).__name__] += 1
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return ends


def test_eight_tabs_that_send_at_once_leave_one_answer(cast: Cast):
    wave = a_wave(cast.agency)
    tabs = [invitation_of(cast.staff, wave) for _tab in range(8)]
    ends = together(*(lambda tab=tab: survey.submit(tab, ANSWERS, LATER) for tab in tabs))
    assert ends == {"done": 1, "AlreadyAnswered": 7}
    assert (Answer.objects.count(), Draft.objects.count()) == (1, 0)


def test_six_tabs_that_save_at_once_lose_nothing(cast: Cast):
    wave = a_wave(cast.agency)
    invitation = invitation_of(cast.staff, wave)
    ends = together(
        *(
            lambda page=page: survey.save_draft(invitation, {page * 5 + n: n for n in range(1, 6)})
            for page in range(6)
        )
    )
    assert ends == {"done": 6}
    assert survey.answers_so_far(invitation) == {page * 5 + n: n for page in range(6) for n in range(1, 6)}


@pytest.mark.parametrize("attempt", range(3))
def test_whoever_sends_while_the_wave_closes_is_counted_or_refused(cast: Cast, attempt: int):
    people = staff(cast.agency, cast.team, 14)
    wave = a_wave(cast.agency)
    actions.submit_many(wave, {one.pk: HIGH_AVERAGE_LOW for one in people[:7]}, LATER)
    late = [invitation_of(one.user, wave) for one in people[7:]]
    sending = [lambda who=who: survey.submit(who, ANSWERS, LATER) for who in late]
    ends = together(*sending[:4], lambda: actions.close_wave(wave, by=None, at=LATER), *sending[4:])
    assert set(ends) <= {"done", Refused.__name__}, ends
    kept = Answer.objects.count()
    assert Release.objects.get().figures[0]["n"] == [kept, kept]
    assert Invitation.objects.filter(completed=True).count() == kept
    assert kept == 7 + ends["done"] - 1


def test_two_who_close_at_once_make_one_release(cast: Cast):
    wave = a_wave(cast.agency)
    ends = together(*(lambda: actions.close_wave(wave, by=None, at=LATER),) * 3)
    assert ends == {"done": 1, "Refused": 2}
    assert Release.objects.count() == 1


def test_two_who_open_at_once_make_one_wave(cast: Cast):
    ends = together(*(lambda: a_wave(cast.agency),) * 3)
    assert ends == {"done": 1, "Refused": 2}
