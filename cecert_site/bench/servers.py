"""The two servers of a run: the product as ``manage.py serve`` runs it, and the floor under the same gunicorn."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
THREADS = "8"
PROCESSES = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Server:
    """A running server: where it listens, and its first process."""

    port: int
    pid: int

    def cpu_seconds(self) -> float | None:
        """Processor time of this process and its workers so far; None where there is no /proc to read it from."""
        if not PROCESSES.exists():
            return None
        ticks = 0
        for stat in PROCESSES.glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
            except OSError:
                continue  # ended while we looked
            if str(self.pid) in (stat.parent.name, fields[1]):
                ticks += int(fields[11]) + int(fields[12])
        return ticks / TICKS


@contextmanager
def running(command: list[str], port: int, env: Mapping[str, str], log: Path) -> Iterator[Server]:
    """A server of ours on that port; stopped in the end, whatever happens. Only this process is ever ended."""
    with log.open("w") as out:
        server = subprocess.Popen(  # noqa: S603 - our own command
            command, cwd=ROOT, env={**os.environ, **env}, stdout=out, stderr=subprocess.STDOUT
        )
        try:
            _wait_for(server, port, log)
            yield Server(port, server.pid)
        finally:
            server.terminate()
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _wait_for(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    for _try in range(300):
        if server.poll() is not None:
            break
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError(f"The server did not start; {log} says why.")


@contextmanager
def product(env: Mapping[str, str], folder: Path) -> Iterator[Server]:
    """The product with its embedded queue in the same process, as ``script/server`` starts it."""
    port = free_port()
    command = [sys.executable, "manage.py", "serve", "--port", str(port), "--threads", THREADS]
    site = {"SITE_URL": f"http://127.0.0.1:{port}", "HEARTBEAT_SECONDS": "3600", "DEMO": "1"}
    with running(command, port, {**env, **site}, folder / "product.log") as found:
        yield found


@contextmanager
def floor(env: Mapping[str, str], folder: Path) -> Iterator[Server]:
    """The floor: one gunicorn worker with as many threads, and an access log as well."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "--worker-class", "gthread", "--workers", "1"]
    command += ["--threads", THREADS, "--bind", f"127.0.0.1:{port}", "--access-logfile", "-"]
    command += ["--no-control-socket", "django.core.wsgi:get_wsgi_application()"]
    bare = {"DJANGO_SETTINGS_MODULE": "cecert_site.bench.bare"}
    with running(command, port, {**env, **bare}, folder / "floor.log") as found:
        yield found
