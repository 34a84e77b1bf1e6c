"""Training rows shared by tests: a Foundations cohort, its sessions, a guest's own cohort."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from threading import Event, Thread
from typing import Any

from django.db import connections, transaction

from rollout import training_actions as actions
from rollout.models import Agency, Cohort, Curriculum, Person, Session, User

from .conftest import NOW

JUNE = date(2026, 6, 1)


def a_cohort(agency: Agency, by: User, name: str = "Spring", **fields: Any) -> Cohort:
    """A cohort of Foundations; the curricula are installed when they are not."""
    if not Curriculum.objects.exists():
        actions.install_curricula(at=NOW)
    foundations = Curriculum.objects.get(code="ce-cert-foundations")
    return actions.create_cohort(agency, foundations, name, by=by, at=NOW, **fields)


def a_session(cohort: Cohort, starts_at: datetime = NOW, *, day: int = 1, **fields: Any) -> Session:
    """One training day from ``starts_at`` on, 7½ hours, with its modules."""
    fields = {"title": f"Day {day}", "place": "Room 1"} | fields
    ends_at = starts_at + timedelta(hours=fields.pop("hours", 7.5))
    session = Session.objects.create(cohort=cohort, day=day, starts_at=starts_at, ends_at=ends_at, **fields)
    session.modules.set(cohort.curriculum.modules.filter(day=day))
    return session


def people(agency: Agency, many: int, first_name: str = "P") -> list[Person]:
    """``many`` people on the roster, by number."""
    rows = [Person(agency=agency, first_name=first_name, last_name=f"{number:03}") for number in range(many)]
    return Person.objects.bulk_create(rows)


def overlapping(first: Callable[[], Any], second: Callable[[], Any]) -> list[Any]:
    """Results of both; ``second`` begins while ``first`` has written and not yet committed."""
    found: list[Any] = [None, None]
    written, over = Event(), Event()

    def run(place: int, work: Callable[[], Any]) -> None:
        try:
            found[place] = work()
        except Exception as why:
            found[place] = why
        finally:
            connections.close_all()

    def held() -> Any:
        with transaction.atomic():
            result = first()
            written.set()
            # Whoever waits for this write is still waiting then; whoever does not is done long before.
            over.wait(0.3)
        return result

    def late() -> Any:
        written.wait(10)
        try:
            return second()
        finally:
            over.set()

    threads = [Thread(target=run, args=each) for each in enumerate((held, late))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return found
