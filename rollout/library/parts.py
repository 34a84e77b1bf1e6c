"""What the skills library is made of."""

from dataclasses import dataclass

from django.utils.functional import Promise

type Text = str | Promise
"""Shown to readers, in their language."""


@dataclass(frozen=True, slots=True)
class Skill:
    """One skill on one screen: what it is, when it belongs, how to try it in two minutes, what it is not.

    ``examples``: a child-welfare, a clinic and an office day, in this order.
    """

    code: str
    name: Text
    what: Text
    when: Text
    steps: tuple[Text, ...]
    examples: tuple[Text, Text, Text]
    not_this: Text


@dataclass(frozen=True, slots=True)
class Domain:
    """One of the five skill domains. ``code`` is the one of ``rollout.starter.DOMAINS``, which has its name."""

    code: str
    idea: Text
    about: Text
    skills: tuple[Skill, ...]

    @property
    def slug(self) -> str:
        """Its part of the address."""
        return self.code.replace("_", "-")

    @property
    def name(self) -> Text:
        from ..starter import DOMAINS

        return DOMAINS[self.code]


@dataclass(frozen=True, slots=True)
class Belief:
    """Something many people hold about this work, and what holds instead according to the model."""

    myth: Text
    holds: Text
