"""Finished logs of one occasion side by side, as they are read."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from rollout.models import User

from .fidelity import Fidelity, below_threshold, fidelity
from .models import ChecklistPoint, MapsEntry, MapsLog
from .summaries import entry_of


@dataclass(frozen=True)
class Answered:
    """One point as one person logged it; the remark is "" for readers it is not for."""

    point: ChecklistPoint
    aired: str
    label: str
    remark: str


@dataclass(frozen=True)
class Reading:
    """One finished log."""

    log: MapsLog
    is_own: bool
    fidelity: Fidelity
    answers: list[Answered]

    @property
    def is_low(self) -> bool:
        """Under the threshold."""
        return below_threshold(self.fidelity.score)


def readings(logs: Sequence[MapsLog], user: User, *, with_remarks: bool) -> list[Reading]:
    """Finished logs with their answers, one's own first. One query."""
    by_log: dict[int, list[MapsEntry]] = defaultdict(list)
    entries = MapsEntry.objects.filter(log__in=[log.pk for log in logs]).select_related("point")
    for entry in entries.order_by("point__position"):
        by_log[entry.log_id].append(entry)
    found = [
        Reading(
            log,
            log.logged_by_id == user.pk,
            fidelity(entry_of(entry.point.code, entry.point.must, entry.aired) for entry in by_log[log.pk]),
            [
                Answered(
                    entry.point, entry.aired, entry.get_aired_display(), entry.remark if with_remarks else ""
                )
                for entry in by_log[log.pk]
            ],
        )
        for log in logs
    ]
    return sorted(found, key=lambda reading: (not reading.is_own, reading.log.finished_at, reading.log.pk))
