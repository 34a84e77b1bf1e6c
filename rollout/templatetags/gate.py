"""Said where training is planned: whether leadership has committed."""

from typing import Any

from django import template
from django.template import Context

from ..commitment_actions import is_open
from ..models import Agency

register = template.Library()


@register.inclusion_tag("rollout/not_open.html", takes_context=True)
def training_gate(context: Context, agency: Agency) -> dict[str, Any]:
    """A note, with the way out, while no training session can be planned; else nothing. One query, two if closed."""
    if is_open(agency):
        return {"is_open": True}
    user = context["request"].user
    may_commit = Agency.objects.editable_by(user).filter(pk=agency.pk).exists()
    return {"is_open": False, "may_commit": may_commit, "agency": agency}
