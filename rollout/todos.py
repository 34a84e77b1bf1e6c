"""One line of a list of what needs somebody."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Todo:
    """Something that needs its reader now. ``weight`` orders the list, the heaviest first."""

    fact: str
    why: str
    action: str
    url: str
    weight: int = 50
