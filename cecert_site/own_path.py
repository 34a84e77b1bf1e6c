"""The home of somebody who works through the skills on their own: where they are, and one thing to do next."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from rollout import practice
from rollout.agenda import Todo
from rollout.models import PlanShare, SelfRating, User
from rollout.practice_actions import plan_of


@dataclass(frozen=True)
class OwnPath:
    """What stands on the page. ``filled`` of ``prompts`` have something written under them."""

    came_alone: bool
    filled: int
    prompts: int
    next: list[Todo]


def own_path(user: User, now: datetime) -> OwnPath:
    """Five small queries, for people without any role only."""
    entries = practice.entries_of(plan_of(user))
    filled = sum(bool(entry.text) for entry in entries.values())
    asked = PlanShare.objects.asked_of(user).select_related("plan__user").first()
    rated = SelfRating.objects.filter(user=user).order_by("-rated_on").first()
    steps = []
    if asked:
        fact = _("%(name)s asks you to read their practice plan") % {"name": asked.plan.user}
        why = _("You decide. If you accept, they see your name.")
        steps.append(Todo(fact, why, _("Look"), reverse("rollout:practice_shared"), 90))
    part = next(
        (part for part, lines in practice.sheet(entries) if not any(line.text for line in lines)), None
    )
    if part:
        fact = _("Pick one skill: %(domain)s") % {"domain": part.domain.name}
        url = reverse("rollout:skills_domain", args=[part.domain.slug])
        steps.append(Todo(fact, str(part.domain.idea), _("Try it"), url, 70))
        fact = _("Write one line in your practice plan") if filled else _("Begin your practice plan")
        why = _("Saved as you type, yours alone until you share it.")
        steps.append(Todo(fact, why, _("Write"), reverse("rollout:practice"), 60))
    if rated is None or (now.date() - rated.rated_on).days >= 28:
        fact = (
            _("Look back: rate yourself again") if rated else _("Rate yourself once, to look back on later")
        )
        why = _("Two minutes. Only you see it.")
        steps.append(Todo(fact, why, _("Rate"), reverse("rollout:rating"), 50))
    return OwnPath(user.signed_up_at is not None, filled, len(practice.PROMPTS), steps)
