"""Who can sign in to the demo: one account for each role, all with one password that everybody may know."""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

PASSWORD = "clearwater-demo"  # noqa: S105 (the demo listens on loopback only and holds invented people)


class SignIn(NamedTuple):
    """One account of the demo. ``note``: what its pages show that another's do not; may be empty."""

    role: str | Promise
    name: str
    email: str
    note: str | Promise = ""


LEADER = SignIn(_("program leader"), "Marta Quintana", "marta.quintana@clearwater.example")
TRAINER = SignIn(
    _("trainer"), "Ellis Norwood", "ellis.norwood@ce-training.example", _("serves both agencies")
)
SUPERVISOR = SignIn(_("supervisor"), "Theo Lindqvist", "theo.lindqvist@clearwater.example", _("Intake"))
STAFF_OPEN = SignIn(
    _("staff"),
    "Imani Castellanos",
    "imani.castellanos@clearwater.example",
    _("has not answered the open survey"),
)
STAFF_ANSWERED = SignIn(
    _("staff"), "Jonas Whitlock", "jonas.whitlock@clearwater.example", _("has answered it: own result")
)
OWN_PATH = SignIn(
    _("own path"), "Robin Ashdown", "robin.ashdown@own-path.example", _("came without an agency")
)
ADMIN = SignIn(_("site administrator"), "Avery Holt", "avery.holt@program-office.example")

SIGN_INS = (LEADER, TRAINER, SUPERVISOR, STAFF_OPEN, STAFF_ANSWERED, OWN_PATH, ADMIN)


def as_text() -> str:
    """The sign-ins as a small table, for the terminal."""
    rows = [(str(one.role), one.email, str(one.note)) for one in SIGN_INS]
    wide = [max(len(row[column]) for row in rows) for column in (0, 1)]
    lines = [f"  {role:<{wide[0]}}  {email:<{wide[1]}}  {note}".rstrip() for role, email, note in rows]
    head = _("Sign in as one of these, all with the password %(password)s:") % {"password": PASSWORD}
    return "\n".join([str(head), *lines])
