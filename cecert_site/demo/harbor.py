"""Harbor Point Clinic: a smaller agency with the same trainer, so that there always is somebody else's data."""

from datetime import datetime, time
from random import Random

from consultation import actions as consultation_actions
from rollout.models import Agency, User

from . import calls, house, names, roster, surveys, training
from .days import Days
from .house import House
from .training import Exceptions

SLUG = "harbor-point"
DOMAIN = "harborpoint.example"
LEADER = ("Ingrid Solberg-Ames", "ingrid.solberg-ames@harborpoint.example")
ANSWERED = {"Front Door": 8, "Counseling": 7, "Housing Support": 5}


def build(days: Days, starts: list[datetime], *, trainer: User, admin: User) -> House:
    """24 people between their baseline and their second training day; ``starts`` are their ten calls."""
    chance = names.chance(24)
    agency = Agency(
        name="Harbor Point Clinic",
        slug=SLUG,
        time_zone="America/Chicago",
        setting=Agency.Setting.CLINIC,
        starts_on=days.day(-63),
        region="IL",
        help_text="Employee assistance: 555-0177, any time.",
    )
    home = house.open_house(agency, days, leader=LEADER, trainer=trainer, by=admin)
    house.commit(
        home, name="Bertrand Ekholm", title="Clinic Director", made_on=days.day(-66), figures_together=False
    )
    people = roster.lines(roster.HARBOR, domain=DOMAIN, today=days.day(-63), first=700)
    house.fill(home, people, at=days.at(-60, 9))
    baseline(home, chance)
    foundations(home, chance)
    members = home.supervisors()
    link = "https://video.example/harbor-calls"
    calls.plan_series(home, name="Team leads", members=members, starts=starts, link=link, at=days.at(-20))
    return home


def baseline(home: House, chance: Random) -> None:
    """20 of 24 answered, closed three weeks ago."""
    days = home.days
    wave = surveys.open_wave(home, label="baseline", closes_on=days.day(-24), at=days.at(-45, 8))
    for team, count in ANSWERED.items():
        people = surveys.some(home.of_team(team), count, chance)
        surveys.answer(wave, people, surveys.BASELINE, chance, at=days.at(-30))
    surveys.close(wave)


def foundations(home: House, chance: Random) -> None:
    """Day 1 is done, day 2 is to come."""
    days, planned, people = home.days, home.days.at(-40), list(home.people.values())
    cohort = training.cohort_of(
        home, training.FOUNDATIONS, "Everybody", people, joined_on=days.day(-40), at=planned
    )
    for day, offset in ((1, -18), (2, 9)):
        session = training.plan_day(
            home,
            cohort,
            days.book(offset),
            title=f"Foundations, day {day}",
            day=day,
            modules=training.modules_of(cohort, day=day),
            hours=(time(8, 30), time(16)),
            place="Upstairs hall",
            trainer=home.trainer,
            at=planned,
        )
        if day == 1:
            training.take_attendance(home, session, people, Exceptions(absent=[str(people[-1])]), chance)


def call_starts(days: Days) -> list[datetime]:
    """Ten monthly calls at two in the afternoon, the first in about five weeks."""
    first_on = days.first_of_series(36, 0)
    return consultation_actions.call_starts(Agency(time_zone=str(days.zone)), first_on, time(14))
