"""The embedded queue: Celery's worker and beat as watched threads of the web process.

Celery's ``memory://`` broker lives inside one process, so worker and beat must live there too (``celery
worker -B`` would fork beat away from it). Nothing is lost when the process ends: the database row is the
queue, a message only says "look now". With Redis none of this is used.
"""

import logging
import os
import socket
import threading
import time
from collections.abc import Callable

from celery import Celery
from celery.beat import Service
from celery.worker import WorkController, state

from .celery import app as our_app

logger = logging.getLogger(__name__)

HEARTBEAT = "cecert_site.tasks.heartbeat"
LONGEST_PAUSE = 60.0
"""Seconds: a part that keeps dying is started again after 1, 2, 4 … seconds, at most this."""
SETTLED = 120.0
"""Seconds a part must have lived for its next death to count as the first again."""


class Engine:
    """Worker and beat of one process. ``start`` returns at once; ``stop`` lets the running task finish."""

    def __init__(self, app: Celery = our_app, *, concurrency: int = 2, look_every: float = 1.0) -> None:
        """``concurrency``: tasks at a time; ``look_every``: seconds between two looks at the threads."""
        self.app = app
        self.concurrency = concurrency
        self.look_every = look_every
        self.beat: Service | None = None
        self.threads: dict[str, threading.Thread] = {}
        self._parts: dict[str, Callable[[], None]] = {"worker": self._work, "beat": self._beat}
        self._started_at: dict[str, float] = {}
        self._deaths: dict[str, int] = {}
        self._leaving = threading.Event()
        self._watch: threading.Thread | None = None

    def start(self) -> None:
        """Start both parts and the watch over them."""
        if self._watch is not None:
            raise RuntimeError("This engine has been started before.")
        # The checks have run before the server started; Celery would run them again in the worker's thread.
        os.environ.setdefault("CELERY_SKIP_CHECKS", "1")
        for name in self._parts:
            self._launch(name)
        self._watch = threading.Thread(target=self._keep_running, name="queue-watch", daemon=True)
        self._watch.start()

    def stop(self, patience: float = 10.0) -> bool:
        """End both parts. True when they ended within ``patience`` seconds; else a task was still running."""
        self._leaving.set()
        state.should_stop = os.EX_OK  # the way Celery's own signal handlers ask a worker to finish
        for _ in range(2):
            # A worker looks up when a message comes, else every two seconds, and makes one more round when
            # told to stop. A message that has expired by then wakes it without any work.
            self.app.send_task(HEARTBEAT, ignore_result=True, expires=0.001)
        if self.beat is not None:
            self.beat.stop()
        until = time.monotonic() + patience
        for thread in (self._watch, *self.threads.values()):
            if thread is not None:
                thread.join(max(0.0, until - time.monotonic()))
        ended = not any(thread.is_alive() for thread in self.threads.values())
        if ended:
            state.should_stop = None
        return ended

    def _launch(self, name: str) -> None:
        self._started_at[name] = time.monotonic()
        thread = threading.Thread(target=self._guarded, args=(name,), name=f"queue-{name}", daemon=True)
        self.threads[name] = thread
        thread.start()

    def _guarded(self, name: str) -> None:
        """Run one part to its end; whatever ends it unasked is logged and leaves the web process alone."""
        try:
            self._parts[name]()
        except BaseException:
            logger.exception("The queue's %s failed.", name)

    def _keep_running(self) -> None:
        """Start again what has died, with growing pauses, until the engine is stopped."""
        due: dict[str, float] = {}
        while not self._leaving.wait(self.look_every):
            now = time.monotonic()
            for name, thread in list(self.threads.items()):
                if thread.is_alive():
                    continue
                if name not in due:
                    pause = self._pause(name, now)
                    due[name] = now + pause
                    logger.warning("The queue's %s has ended; it starts again in %g s.", name, pause)
                elif now >= due[name]:
                    del due[name]
                    self._launch(name)

    def _pause(self, name: str, now: float) -> float:
        lived = now - self._started_at[name]
        self._deaths[name] = 1 if lived > SETTLED else self._deaths.get(name, 0) + 1
        return float(min(LONGEST_PAUSE, 2 ** (self._deaths[name] - 1)))

    def _work(self) -> None:
        WorkController(
            app=self.app,
            hostname=f"embedded@{socket.gethostname()}",
            pool_cls="threads",
            concurrency=self.concurrency,
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
        ).start()

    def _beat(self) -> None:
        # Ticking every second keeps a stop short: beat's sleep cannot be interrupted.
        self.beat = Service(self.app, max_interval=1, scheduler_cls=self.app.conf.beat_scheduler)
        if self._leaving.is_set():
            return
        # What fell due while nothing ran should not wait for the first interval to pass.
        self.app.send_task(HEARTBEAT, ignore_result=True)
        self.beat.start()
