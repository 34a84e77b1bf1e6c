"""``manage.py serve``: the web server, and without Redis the queue inside it."""

import socket
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]
from gunicorn.glogging import Logger  # type: ignore[import-untyped]

from cecert_site.log_filters import masked

ACCESS_LINE = "%(t)s %(m)s %(U)s %(s)s %(b)s B %(M)s ms"
"""Time, method, path, status, size, duration: no query string, no address, nothing somebody typed."""


class AccessLogger(Logger):
    """gunicorn's logger, which must not write down a survey link or a password reset that still works."""

    def atoms(self, resp: Any, req: Any, environ: Any, request_time: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().atoms(resp, req, environ, request_time)
        return found | {"U": masked(found["U"] or "")}


class Server(BaseApplication):
    """gunicorn with the settings it is given and this product's WSGI application."""

    def __init__(self, options: dict[str, Any]) -> None:
        self.options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        from cecert_site.wsgi import application

        return application


def engine_hooks() -> dict[str, Any]:
    """gunicorn hooks that give its worker process the embedded queue and take it away again."""
    engines: list[Any] = []

    def begin(worker: Any) -> None:
        from cecert_site.embedded import Engine

        engines.append(Engine())
        engines[-1].start()

    def end(arbiter: Any, worker: Any) -> None:
        for engine in engines:
            engine.stop()

    return {"post_worker_init": begin, "worker_exit": end}


def refuse_taken(host: str, port: int) -> None:
    """Say in one line that the port cannot be had; gunicorn would try five times, then show a traceback."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            text = _("Cannot listen on %(bind)s: %(reason)s. Stop what uses it, or give another --port.")
            raise CommandError(text % {"bind": f"{host}:{port}", "reason": error.strerror}) from None


class Command(BaseCommand):
    help = "Serve the product. Without REDIS_URL the queue runs in the same process; with it, in others."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="where to listen (default %(default)s)")
        parser.add_argument("--port", type=int, default=8000, help="(default %(default)s)")
        parser.add_argument("--workers", type=int, default=2, help="with Redis (default %(default)s)")
        parser.add_argument("--threads", type=int, default=8, help="for each worker (default %(default)s)")

    def handle(self, *args: Any, host: str, port: int, workers: int, threads: int, **options: Any) -> None:
        refuse_taken(host, port)
        embedded = not settings.REDIS_URL
        bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        hooks = engine_hooks() if embedded else {}

        def announce(arbiter: Any) -> None:
            listening = "" if settings.SITE_URL.endswith(f"://{bind}") else _(" (listening on %s)") % bind
            self.stdout.write(_("Open %(address)s") % {"address": settings.SITE_URL} + listening)
            self.stdout.write(_("Ctrl-C stops it."))
            self.stdout.flush()

        Server(
            {
                "bind": bind,
                "worker_class": "gthread",
                # The embedded queue lives in the memory of one process.
                "workers": 1 if embedded else workers,
                "threads": threads,
                "timeout": 60,
                "graceful_timeout": 15,
                "accesslog": "-",
                "access_log_format": ACCESS_LINE,
                "logger_class": AccessLogger,
                "loglevel": "warning",
                "control_socket_disable": True,
                "proc_name": "cecert-rollout",
                "when_ready": announce,
                **hooks,
            }
        ).run()
