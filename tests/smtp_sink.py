"""A real mail server that keeps what it gets.

Take the fixture in by ``from tests import smtp_sink as sinks`` and ``smtp_sink = sinks.smtp_sink``.
"""

import asyncio
import email
import email.policy
import socket
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller


class Sink:
    """``messages`` in the order of arrival; ``answer`` says no to a command instead (None: yes)."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.no_to: dict[str, str] = {}
        self.arrived = threading.Event()
        self.cut_after_data = False
        self.hold_answer = False
        self.port = free_port()
        self.controller: Controller | None = None

    def start(self) -> None:
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self.controller.start()

    def stop(self) -> None:
        self.hold_answer = False
        if self.controller:
            self.controller.stop()

    def answer(self, command: str, reply: str | None) -> None:
        """``sink.answer("RCPT", "550 5.1.1 unknown")``: MAIL, RCPT or DATA; None takes it back."""
        self.no_to.pop(command, None)
        if reply:
            self.no_to[command] = reply

    @property
    def mailer(self) -> dict[str, Any]:
        """For ``settings.MAILERS``."""
        options = {"host": "127.0.0.1", "port": self.port, "timeout": 5}
        return {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}}

    @property
    def url(self) -> str:
        """For ``MAIL_URL``."""
        return f"smtp://127.0.0.1:{self.port}?tls=0"

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if "MAIL" not in self.no_to:
            envelope.mail_from = address
        return self.no_to.get("MAIL", "250 OK")

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if "RCPT" not in self.no_to:
            envelope.rcpt_tos.append(address)
        return self.no_to.get("RCPT", "250 OK")

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if "DATA" in self.no_to:
            return self.no_to["DATA"]
        self.messages.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        self.recipients += envelope.rcpt_tos
        self.arrived.set()
        while self.hold_answer:
            await asyncio.sleep(0.02)
        if self.cut_after_data:
            server.transport.abort()  # it has the mail and never says so
        return "250 OK"

    def text(self) -> str:
        """Everything that arrived, decoded: to search for what must not be there."""
        parts = [part for message in self.messages for part in message.walk() if not part.is_multipart()]
        heads = [f"{name}: {value}" for message in self.messages for name, value in message.items()]
        return "\n".join(heads + [part.get_content() for part in parts])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def smtp_sink(settings: Any) -> Iterator[Sink]:
    """A mail server on this machine that the product's mail goes to."""
    sink = Sink()
    sink.start()
    settings.MAILERS = sink.mailer
    try:
        yield sink
    finally:
        sink.stop()


__all__ = ["Sink", "free_port", "smtp_sink"]
