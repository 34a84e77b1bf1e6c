"""What enrollment and the leadership commitment ask of whoever runs an agency; one query for both."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from . import day_words
from .commitment import Validity, held
from .enroll import NEXT_WORDS, STEPS, progress
from .models import Agency
from .todos import Todo


def slips(agency: Agency, now: datetime) -> list[Todo]:
    """Enrollment that has not come to its end; else a commitment that is missing, ends soon or has run out."""
    come = progress(agency)
    if come.at:
        fact = _("Go on with enrollment: step %(n)d of %(of)d") % {"n": come.number, "of": len(STEPS)}
        url = reverse("rollout:enroll", args=[agency.slug, come.at])
        return [Todo(fact, str(NEXT_WORDS[come.at]), _("Go on"), url, 95)]
    state = held(come.committed_on, now.astimezone(agency.zone).date())
    url = reverse("rollout:commitment", args=[agency.slug])
    if state.validity is Validity.NONE:
        return [_missing(agency, url)]
    if state.until_on is None or not state.wants_renewal:
        return []
    day = day_words.short_day(state.until_on)
    if state.validity is Validity.EXPIRED:
        fact = _("The leadership commitment has expired: it held until %(day)s") % {"day": day}
        why = _("Training stays open; a commitment is renewed every year, so that it stays a promise.")
    else:
        fact = _("The leadership commitment ends on %(day)s") % {"day": day}
        why = _("It is renewed every year, by whoever leads the agency then.")
    return [Todo(fact, why, _("Renew it"), url + "?renew=1#make", 72)]


def _missing(agency: Agency, url: str) -> Todo:
    if agency.override_at:
        why = _("By exception: %(reason)s") % {"reason": agency.override_reason}
        return Todo(_("Training is open without a leadership commitment"), why, _("Record it"), url, 45)
    why = _("The rollout stays in exploration, and no new training session can be planned.")
    return Todo(_("Leadership has not committed yet"), why, _("Record it"), url, 88)
