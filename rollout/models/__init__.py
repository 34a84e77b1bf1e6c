"""The nouns of the rollout."""

from .people import Agency, Commitment, Person, PersonQuerySet, Team, User
from .records import AuditEntry, Document, Notice, RosterUpload
from .training import Attendance, Cohort, CohortMember, Curriculum, Module, Session

__all__ = [
    "Agency",
    "Attendance",
    "AuditEntry",
    "Cohort",
    "CohortMember",
    "Commitment",
    "Curriculum",
    "Document",
    "Module",
    "Notice",
    "Person",
    "PersonQuerySet",
    "RosterUpload",
    "Session",
    "Team",
    "User",
]
