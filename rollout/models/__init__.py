"""The nouns of the rollout."""

from .history import Merge, NotTheSame, Placement
from .outcomes import Certificate, WorkforceMonth
from .people import Agency, Commitment, CommitmentPaper, Person, PersonQuerySet, Team, User
from .plan import ClosedDay, Milestone, Plan
from .practice import PlanShare, PracticeEntry, PracticePlan, SelfRating
from .records import AuditEntry, Document, Notice, RosterUpload
from .training import (
    Attendance,
    Cohort,
    CohortMember,
    Curriculum,
    Module,
    Session,
    TrainerAway,
    TrainerProfile,
    WaitingPlace,
)

__all__ = [
    "Agency",
    "Attendance",
    "AuditEntry",
    "Certificate",
    "ClosedDay",
    "Cohort",
    "CohortMember",
    "Commitment",
    "CommitmentPaper",
    "Curriculum",
    "Document",
    "Merge",
    "Milestone",
    "Module",
    "NotTheSame",
    "Notice",
    "Person",
    "PersonQuerySet",
    "Placement",
    "Plan",
    "PlanShare",
    "PracticeEntry",
    "PracticePlan",
    "RosterUpload",
    "SelfRating",
    "Session",
    "Team",
    "TrainerAway",
    "TrainerProfile",
    "User",
    "WaitingPlace",
    "WorkforceMonth",
]
