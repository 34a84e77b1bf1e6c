"""An agency of any size for the bench: rows in bulk where the actions would take minutes, else the actions."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from itertools import batched
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib.auth.hashers import make_password

from cecert_site.demo import calls, house, names, notices, surveys, training
from cecert_site.demo.days import Days
from consultation import actions as consultation_actions
from consultation import maps_actions
from consultation.logs import Occasion, checklist_for
from consultation.models import Call, Series
from rollout import documents, enrollment
from rollout.models import Agency, Attendance, Cohort, Document, Person, Session, Team, User
from rollout.training_actions import install_curricula

TEAM, COHORT = 17, 40
ZONE = ZoneInfo("America/Denver")


@dataclass
class World:
    """What the bench opens: one agency in mid-rollout and who looks at it."""

    home: house.House
    respondents: list[User] = field(default_factory=list)
    """Accounts invited to the open wave."""
    open_wave: UUID = field(init=False)
    closed_wave: UUID = field(init=False)
    cohort: Cohort = field(init=False)
    session: Session = field(init=False)
    series: Series = field(init=False)
    call: Call = field(init=False)
    """Held, with the trainer's log begun and nothing answered in it."""


def fill(people: int, now: datetime, slug: str = "bench") -> World:
    """An agency of that many people with a history of every kind. The database has no agency of that name yet."""
    days, luck = Days(now.astimezone(ZONE).date(), ZONE), names.chance(people)
    install_curricula(at=days.at(-200))
    consultation_actions.install_checklists(at=days.at(-200))
    admin = enrollment.account_with("admin@bench.example", "Bench Admin")
    trainer = enrollment.account_with(f"trainer@{slug}.example", "Bench Trainer")
    agency = Agency(name=f"Bench {slug}", slug=slug, time_zone=str(ZONE), starts_on=days.day(-180))
    home = house.open_house(
        agency, days, leader=("Bench Leader", f"leader@{slug}.example"), trainer=trainer, by=admin
    )
    house.commit(home, name="Bench Leader", title="Director", made_on=days.day(-178))
    roster(home, people)
    world = World(home, respondents=[home.of(person) for person in home.people.values()])
    world.cohort, world.session = foundations(home)
    waves(world, luck)
    consultation(world)
    Document.objects.create(
        kind=documents.ROLLOUT_REPORT,
        agency=agency,
        requested_by=home.by,
        requested_at=now,
        state=Document.State.READY,
        filename="report.pdf",
        content=b"",
    )
    notices.mark_as_sent(now)  # or the server mails everybody while it is measured
    return world


def roster(home: house.House, count: int) -> None:
    """People with accounts, in teams of 17 whose first is the supervisor."""
    agency, days = home.agency, home.days
    unusable = make_password(None)
    teams = Team.objects.bulk_create(
        Team(agency=agency, name=f"Team {number:03}") for number in range(1, -(-count // TEAM) + 1)
    )
    made = [(*names.full_name(number), number) for number in range(count)]
    users = User.objects.bulk_create(
        User(email=f"p{n}@{agency.slug}.example", name=f"{first} {last}", password=unusable)
        for first, last, n in made
    )
    people = Person.objects.bulk_create(
        Person(
            agency=agency,
            team=teams[n // TEAM],
            user=user,
            first_name=first,
            last_name=last,
            email=user.email,
            job_title="Caseworker",
            employee_number=str(n),
            hired_on=days.day(-400 - n),
        )
        for (first, last, n), user in zip(made, users, strict=True)
    )
    for team, first_of_team in zip(teams, people[::TEAM], strict=True):
        team.supervisor = first_of_team
    Team.objects.bulk_update(teams, ["supervisor"])
    home.people = {str(person): person for person in people}
    home.teams = {team.name: team for team in teams}


def foundations(home: house.House) -> tuple[Cohort, Session]:
    """Cohorts of 40 through both days, one person in twenty away; the first of them is returned."""
    days, found = home.days, []
    for number, people in enumerate(batched(home.people.values(), COHORT), start=1):
        cohort = training.cohort_of(
            home,
            training.FOUNDATIONS,
            f"Cohort {number:02}",
            people,
            joined_on=days.day(-170),
            at=days.at(-170),
        )
        for day, offset in ((1, -140), (2, -133)):
            session = training.plan_day(
                home,
                cohort,
                days.day(offset),
                title=f"Foundations, day {day}",
                day=day,
                modules=training.modules_of(cohort, day=day),
                trainer=None,
                at=days.at(-170),
            )
            attend(session, people)
            found.append((cohort, session))
    return found[0]


def attend(session: Session, people: Iterable[Person]) -> None:
    """Nineteen of twenty, from start to end."""
    Attendance.objects.bulk_create(
        Attendance(
            session=session, person=person, signed_in_at=session.starts_at, signed_out_at=session.ends_at
        )
        for place, person in enumerate(people, start=1)
        if place % 20
    )


def waves(world: World, luck: Random) -> None:
    """A closed baseline that most answered, and an open wave that waits for everybody."""
    home, days = world.home, world.home.days
    people = list(home.people.values())
    baseline = surveys.open_wave(home, label="baseline", closes_on=days.day(-150), at=days.at(-170))
    answered = surveys.some(people, round(len(people) * 0.85), luck)
    surveys.answer(baseline, answered, surveys.BASELINE, luck, at=days.at(-160))
    surveys.close(baseline)
    following = surveys.open_wave(home, label="midpoint", closes_on=days.day(30), at=days.at(-2))
    world.closed_wave, world.open_wave = baseline.uuid, following.uuid


def consultation(world: World) -> None:
    """Ten calls for all supervisors: four held, three of them logged; the fourth's log has only begun."""
    home, days = world.home, world.home.days
    members = home.supervisors()
    starts = consultation_actions.call_starts(home.agency, days.first_of_series(12, 4), time(10))
    series = calls.plan_series(
        home, name="Supervisors", members=members, starts=starts, link="", at=days.at(-130)
    )
    world.series = series
    for call in series.calls.select_related("series__agency")[:4]:
        calls.hold(home, call, dict.fromkeys(members, 60))
        occasion, at = Occasion(call=call), call.ends_at + timedelta(minutes=10)
        if call.number < 4:
            calls.log_maps(occasion, calls.Log(partly=(3,)), by=home.trainer, at=at)
            continue
        checklist = checklist_for(occasion)
        assert checklist is not None  # installed above
        maps_actions.start_log(occasion, checklist, by=home.trainer, at=at)
        world.call = call
