"""What the queue works from: each app's rules for notices, and who makes which document."""

from collections.abc import Mapping, Sequence

from assessments import reminders as assessments_reminders
from consultation import reminders as consultation_reminders
from rollout import reminders as rollout_reminders
from rollout.documents import ROLLOUT_REPORT, Maker
from rollout.outbox import Rules

from .reports import make_rollout_report

RULES: Sequence[Rules] = (rollout_reminders, consultation_reminders, assessments_reminders)
MAKERS: Mapping[str, Maker] = {ROLLOUT_REPORT: make_rollout_report}
