"""What runs on every engine, and what runs once because no engine could change its answer."""

from typing import Any

import pytest

from rollout.models import User


def marks(request: Any) -> set[str]:
    return {mark.name for mark in request.node.iter_markers()}


def test_what_asks_no_database_runs_once(request):
    assert "pure" in marks(request)


def test_what_asks_one_runs_on_every_engine(request, db):
    assert "pure" not in marks(request)


def test_what_asks_one_by_way_of_another_fixture_does_too(request, cast):
    assert "pure" not in marks(request)


@pytest.mark.django_db
def test_what_is_marked_for_it_does_too(request):
    assert "pure" not in marks(request)


@pytest.mark.engines
def test_what_is_about_the_engines_themselves_does_too(request):
    assert "pure" not in marks(request)


def test_what_runs_once_cannot_ask_a_database_after_all(request):
    assert "pure" in marks(request)
    with pytest.raises(RuntimeError, match="Database access not allowed"):
        User.objects.exists()
