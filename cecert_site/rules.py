"""What the queue works from: each app's rules for notices, and who makes which document."""

from collections.abc import Mapping, Sequence

from assessments import reminders as assessments_reminders
from consultation import reminders as consultation_reminders
from rollout import certificate_notices
from rollout import reminders as rollout_reminders
from rollout.certificate_papers import make_certificates
from rollout.documents import CERTIFICATES, HOURS, ROLLOUT_REPORT, Maker
from rollout.hours_papers import make_hours_report
from rollout.outbox import Rules

from .reports import make_rollout_report

RULES: Sequence[Rules] = (
    rollout_reminders,
    certificate_notices,
    consultation_reminders,
    assessments_reminders,
)
MAKERS: Mapping[str, Maker] = {
    ROLLOUT_REPORT: make_rollout_report,
    CERTIFICATES: make_certificates,
    HOURS: make_hours_report,
}
