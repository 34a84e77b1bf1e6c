"""Practice plans and self-ratings of the demo: two of an agency, one shared, and somebody on their own path."""

from collections.abc import Mapping

from rollout import enrollment, practice_actions, self_rating
from rollout.models import Person, User

from .days import Days
from .signins import OWN_PATH, STAFF_OPEN, SUPERVISOR

IMANI = {
    "awareness": "At every front door, hand on the bell: what am I feeling? One word, then I ring.",
    "activity-1": "Sorting the glove box by size.",
    "activity-2": "Three chords on the guitar, slowly.",
    "story-in": "It may be hard, and I can sit with a frightened parent.",
    "story-moment": "My body is getting ready.",
    "story-why": "Somebody came to our door once, when I was nine, and stayed calm.",
    "mindful-1": "The first coffee, standing at the window.",
}
THEO = {
    "awareness": "Before each supervision, two breaths and one honest word about how I come in.",
    "activity-1": "Watering the plants on the sill, leaf by leaf.",
    "compassion": "It is hardest with whoever is late with paperwork. I ask what the week was like first.",
    "wholeheartedness": "The Monday huddle. Phone stays in the drawer.",
    "mindful-2": "The stairs at the end of the day.",
}
ROBIN = {
    "awareness": "After every session, before I open the notes: where in the body is it?",
    "activity-1": "One row of the crossword.",
    "story-moment": "One thing, then the next.",
}
MEMBER = {
    "awareness": "When I park, I do not get out before I have named it.",
    "story-in": "I do not know what today brings. I am curious.",
}


def fill(days: Days, partner: str = STAFF_OPEN.email) -> None:
    """Everything of it, in the order of its dates."""
    imani, theo = (User.objects.get(email=one.email) for one in (STAFF_OPEN, SUPERVISOR))
    write(imani, IMANI, days, ago=60)
    practice_actions.share_with_partner(imani, theo.email, at=days.at(-58))
    write(theo, THEO, days, ago=59)
    team = Person.objects.current().filter(team__supervisor__user=theo).exclude(user=theo)
    for member in User.objects.filter(people__in=team).order_by("name")[:1]:
        write(member, MEMBER, days, ago=30)
        practice_actions.share_with_supervisor(member, theo, at=days.at(-29))
    rate(imani, {0: 2, 1: 1, 2: 2, 3: 2, 4: 3, 5: 3, 6: 4}, days, ago=56)
    rate(imani, {0: 3, 1: 3, 2: 2, 3: 3, 4: 3, 5: 4}, days, ago=14)
    robin = enrollment.account_with(OWN_PATH.email, OWN_PATH.name)
    robin.signed_up_at = robin.claimed_at = days.at(-40)
    robin.save(update_fields=["signed_up_at", "claimed_at"])
    write(robin, ROBIN, days, ago=39)
    practice_actions.share_with_partner(robin, partner, at=days.at(-20))
    rate(robin, {0: 2, 1: 2, 2: 1, 3: 3, 4: 2}, days, ago=38)


def write(user: User, texts: Mapping[str, str], days: Days, *, ago: int) -> None:
    practice_actions.save_plan(user, texts, {}, at=days.at(-ago))


def rate(user: User, values: Mapping[int, int], days: Days, *, ago: int) -> None:
    """Values by the place of the area on the page."""
    domains, helping = self_rating.areas()
    modules = [area.module for area in (*domains, *helping)]
    chosen = {modules[place]: value for place, value in values.items()}
    self_rating.rate(user, chosen, on=days.day(-ago), at=days.at(-ago))
