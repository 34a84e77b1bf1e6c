"""Constraints that the database itself keeps."""

import pytest
from django.db import IntegrityError, transaction

from rollout.models import Agency


def test_no_agency_may_show_groups_below_five(cast):
    with pytest.raises(IntegrityError), transaction.atomic():
        Agency.objects.filter(pk=cast.agency.pk).update(k=4)
    Agency.objects.filter(pk=cast.agency.pk).update(k=6)
