"""A line between browser and server that counts what comes down it: every byte, whoever asked for it."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from time import monotonic, sleep

QUIET = 0.3
"""Seconds without a byte after which nothing more is expected."""
PATIENCE = 15


@dataclass
class Wire:
    """Listens on ``port`` and passes everything on; ``bytes_down`` is what came from the server, headers included."""

    server: int
    port: int = 0
    bytes_down: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def carry(self, listener: socket.socket) -> None:
        """Take connections until the listener is closed."""
        with suppress(OSError):
            while True:
                near, _address = listener.accept()
                far = socket.create_connection(("127.0.0.1", self.server))
                for source, sink, down in ((near, far, False), (far, near, True)):
                    threading.Thread(target=self._pass_on, args=(source, sink, down), daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket, down: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if down:
                    with self.lock:
                        self.bytes_down += len(data)
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        if down:
            source.close()
            sink.close()

    def when_quiet(self) -> int:
        """Bytes so far, once nothing has come for a moment."""
        seen, since, until = -1, monotonic(), monotonic() + PATIENCE
        while monotonic() < until:
            if self.bytes_down != seen:
                seen, since = self.bytes_down, monotonic()
            elif monotonic() - since >= QUIET:
                break
            sleep(0.02)
        return seen


@contextmanager
def wire(server: int) -> Iterator[Wire]:
    """A line to the server on that port of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        found = Wire(server, int(listener.getsockname()[1]))
        threading.Thread(target=found.carry, args=(listener,), daemon=True).start()
        yield found
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
