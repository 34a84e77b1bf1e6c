"""Words for delivery fidelity in templates."""

from fractions import Fraction

from django import template

from ..fidelity import Fidelity, percent, points_text

register = template.Library()


@register.filter
def whole_percent(score: Fraction) -> int:
    """A score as whole per cent, rounded down: 79.6 never reads as having reached 80."""
    return percent(score)


@register.filter
def aired_points(result: Fidelity) -> str:
    """Points aired over applicable points: "5½ of 6"."""
    return points_text(result)
