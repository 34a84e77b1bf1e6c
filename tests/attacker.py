"""A reader of released figures who knows the tree, who answered, and linear algebra; agencies to try it on.

The attack shares no code with the release rules: it takes the kept rows, treats every mean as an exact sum
over the people it is about, and looks for a combination that touches fewer than k people.
"""

import random
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assessments.release import Group, Release, Respondent, release

PRIME = 2**61 - 1
SCALES = {"CS": ("low", "average", "high"), "BO": ("low", "average", "high"), "SUM": ()}
"""SUM is the total of the two others: a figure that ties scales to each other."""

ONE_SCALE = {"BO": ("low", "average", "high")}

Sum = Mapping[tuple[Hashable, str], int]
"""One published figure: its weight for each (person, quantity)."""


@dataclass(frozen=True)
class Organization:
    tree: Group
    respondents: list[Respondent]

    def inside(self, path: Sequence[str]) -> list[Respondent]:
        return [one for one in self.respondents if one.path[: len(path)] == tuple(path)]


# --- organizations --------------------------------------------------------------------------------------


def organization(seed: int) -> Organization:
    """Agency with teams, with or without departments, people outside any team, gaps, skipped scales."""
    dice = random.Random(seed)
    respondents: list[Respondent] = []
    answering, skipping = dice.uniform(0.4, 1.0), dice.choice([0, 0.02, 0.1])
    size = dice.choice([(4, 12), (6, 20), (10, 30)])

    def people(path: tuple[str, ...], number: int) -> int:
        answered = [one for one in range(number) if dice.random() < answering]
        respondents.extend(respondent(dice, path, skipping, f"{path}{one}") for one in answered)
        return number

    def team(path: tuple[str, ...]) -> Group:
        return Group(path[-1], f"Team {path[-1]}", people(path, dice.randint(*size)))

    def unit(path: tuple[str, ...], name: str, children: tuple[Group, ...]) -> Group:
        loose = people(path, dice.choice([0, 0, 0, 1, 2, 6]))
        return Group(
            path[-1] if path else "agency", name, loose + sum(child.invited for child in children), children
        )

    if dice.random() < 0.5:
        parts = tuple(team((f"t{number}",)) for number in range(dice.randint(1, 12)))
    else:
        parts = tuple(
            unit(
                (f"d{a}",),
                f"Department {a}",
                tuple(team((f"d{a}", f"t{b}")) for b in range(dice.randint(1, 5))),
            )
            for a in range(dice.randint(1, 4))
        )
    return Organization(unit((), "Agency", parts), respondents)


def respondent(dice: random.Random, path: tuple[str, ...], skipping: float, person: str) -> Respondent:
    scores: dict[str, float | None] = {
        code: None if dice.random() < skipping else min(50, max(10, round(dice.gauss(center, 6))))
        for code, center in (("CS", 38), ("BO", 23))
    }
    both = [score for score in scores.values() if score is not None]
    scores["SUM"] = sum(both) if len(both) == 2 else None
    return Respondent(path, scores, {code: level(score) for code, score in scores.items()}, person)


def level(score: float | None) -> str | None:
    return None if score is None else "low" if score <= 22 else "high" if score >= 42 else "average"


def made(teams: dict[str, list[float]], *, loose: list[float] | None = None) -> Organization:
    """An agency of teams with these burnout scores; ``loose``: people in no team. All invited answered."""
    groups = tuple(Group(key, f"Team {key}", len(scores)) for key, scores in teams.items())
    people = [((key,), score) for key, scores in teams.items() for score in scores]
    people += [((), score) for score in loose or []]
    respondents = [
        Respondent(path, {"BO": score}, {"BO": level(score)}, f"p{number}")
        for number, (path, score) in enumerate(people)
    ]
    return Organization(Group("agency", "Agency", len(people), groups), respondents)


def figures(of: Organization, **options: Any) -> Release:
    return release(of.tree, of.respondents, **{"scales": ONE_SCALE, **options})


def shown(published: Release) -> set[str]:
    return {"/".join(group.path) for group in published.groups if group.shown}


def spread(number: int, start: int = 15) -> list[float]:
    """Scores on both sides of the cut at 22."""
    return [start + 3 * (place % 5) for place in range(number)]


# --- what is published ----------------------------------------------------------------------------------


def on_all_scales(one: Respondent, scale: str) -> bool:
    return all(score is not None for score in one.scores.values())


def on_this_scale(one: Respondent, scale: str) -> bool:
    return one.scores[scale] is not None


def published_means(
    rows: Iterable[Mapping[str, Any]], made: Organization, counted: Callable[[Respondent, str], bool]
) -> list[Sum]:
    """The mean of each shown row as a sum over (person, scale); SUM spelled out in the scales it adds up."""
    return [
        {
            (one.person, part): 1
            for one in made.inside(row["path"])
            if counted(one, row["scale"])
            for part in (("CS", "BO") if row["scale"] == "SUM" else (row["scale"],))
        }
        for row in rows
        if row["shown"]
    ]


def published_levels(rows: Iterable[Mapping[str, Any]], made: Organization, scale: str) -> list[Sum]:
    """Each shown distribution of one scale as a sum over the people in it."""
    return [
        {(one.person, scale): 1 for one in made.inside(row["path"]) if on_all_scales(one, scale)}
        for row in rows
        if row["levels"] and row["scale"] == scale
    ]


def bare_threshold(
    made: Organization, k: int, counted: Callable[[Respondent, str], bool]
) -> list[dict[str, Any]]:
    """Rows as a tool would publish them that only asks for n ≥ k in every cell."""
    return [
        {"path": path, "scale": scale, "shown": sum(counted(one, scale) for one in made.inside(path)) >= k}
        for path in paths(made.tree)
        for scale in SCALES
    ]


def paths(tree: Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield path
    for child in tree.children:
        yield from paths(child, (*path, child.key))


# --- the attack -----------------------------------------------------------------------------------------


def parts(sums: Sequence[Sum]) -> dict[Hashable, list[Hashable]]:
    """People whom no published figure tells apart, together; keyed by their weights in all figures."""
    weights: dict[Hashable, list[tuple[int, str, int]]] = {}
    for number, one in enumerate(sums):
        for (person, quantity), weight in one.items():
            weights.setdefault(person, []).append((number, quantity, weight))
    together: dict[Hashable, list[Hashable]] = {}
    for person, own in weights.items():
        together.setdefault(tuple(own), []).append(person)
    return together


def exposed(sums: Sequence[Sum], k: int) -> list[Hashable] | None:
    """Fewer than k people about whom alone something follows from the figures; None if there are none.

    Something follows about S alone if some combination of the figures is zero on everybody else and not on S,
    that is, if leaving out the columns of S lowers the rank.
    """
    together = parts(sums)
    small = [own for own, people in together.items() if len(people) < k]
    whole = None
    for chosen in _subsets(small, {own: len(together[own]) for own in small}, k):
        if whole is None:
            whole = _rank(together)
        if _rank([own for own in together if own not in chosen]) < whole:
            return [person for own in chosen for person in together[own]]
    return None


def _subsets(small: Sequence[Any], sizes: Mapping[Any, int], k: int) -> Iterator[tuple[Any, ...]]:
    waiting: list[tuple[tuple[Any, ...], int, int]] = [((), 0, 0)]
    for chosen, start, size in waiting:
        for place in range(start, len(small)):
            if size + sizes[small[place]] < k:
                waiting.append(((*chosen, small[place]), place + 1, size + sizes[small[place]]))
                yield (*chosen, small[place])


def _rank(people: Iterable[Any]) -> int:
    """Rank over a large prime field of the columns of these people, each a sparse vector over the figures."""
    basis: dict[int, dict[int, int]] = {}
    for own in people:
        columns: dict[str, dict[int, int]] = {}
        for number, quantity, weight in own:
            columns.setdefault(quantity, {})[number] = weight % PRIME
        for column in columns.values():
            while column and (lead := min(column)) in basis:
                factor = column[lead]
                for number, value in basis[lead].items():
                    column[number] = (column.get(number, 0) - factor * value) % PRIME
                    if not column[number]:
                        del column[number]
            if column:
                inverse = pow(column[lead], -1, PRIME)
                basis[lead] = {number: value * inverse % PRIME for number, value in column.items()}
    return len(basis)
