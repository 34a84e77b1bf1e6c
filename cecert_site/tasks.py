"""What the queue does. Tasks take no arguments: rows say what there is to do, a lost message loses nothing.

Every step may run any number of times at once, and a step that fails leaves the others alone.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from importlib import import_module
from typing import Any

from celery import shared_task
from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

logger = logging.getLogger(__name__)

HEARTBEAT = "heartbeat"
"""Cache entry: when the last heartbeat began (an aware datetime)."""
HOUSEKEEPING = "housekeeping"


@shared_task
def heartbeat() -> None:
    """Queue what should exist now, send what is due, make documents, and once a day clear away."""
    # Inside: the beat names tasks before models can be loaded.
    from rollout import documents, outbox

    from .rules import MAKERS, RULES

    now = timezone.now
    _step("marking the heartbeat", lambda: cache.set(HEARTBEAT, now(), None))
    _each("tick", now(), RULES)
    _step("queuing notices", lambda: outbox.plan(now(), RULES))
    _step("sending notices", lambda: outbox.send_due(now(), RULES))
    _step("making documents", lambda: documents.make_waiting(now(), MAKERS))
    _step("housekeeping", lambda: housekeeping(now(), RULES))


@shared_task
def make_documents() -> None:
    """Make the documents that people wait for."""
    from rollout import documents

    if documents.waiting(timezone.now()).exists():
        from .rules import MAKERS

        _step("making documents", lambda: documents.make_waiting(timezone.now(), MAKERS))


def housekeeping(now: datetime, rules: Sequence[Any]) -> bool:
    """Once a day: expired sessions go, each app does its ``daily(now)``; what failed once more in an hour.

    Returns whether this call did it: the cache entry lets one of several in.
    """
    if not cache.add(HOUSEKEEPING, now, 24 * 3600):
        return False
    cleared = _step("clearing sessions", import_module(settings.SESSION_ENGINE).SessionStore.clear_expired)
    if not (_each("daily", now, rules) and cleared):
        cache.set(HOUSEKEEPING, now, 3600)
    return True


def _each(hook: str, now: datetime, rules: Sequence[Any]) -> bool:
    """Call every module's function of this name, if it has one; True when all went well."""
    from rollout.outbox import name_of

    owners = [module for module in rules if hasattr(module, hook)]
    done = [_step(f"{hook} of {name_of(module)}", partial(getattr(module, hook), now)) for module in owners]
    return all(done)


def _step(name: str, step: Callable[[], object]) -> bool:
    """One part of a beat; an error is logged without what it says, and goes no further."""
    from rollout.logs import kind_and_place

    try:
        step()
    except Exception as error:
        logger.error("%s failed: %s", name, kind_and_place(error))
        return False
    return True
