"""Mail that was written to files instead of being sent: read back for the demo's Sent mail page."""

import email
import email.policy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

SEPARATOR = re.compile(rb"^-{79}$", re.MULTILINE)
"""What Django's file backend writes after each message."""


@dataclass(frozen=True)
class SentMail:
    """One message as it would have gone out."""

    id: str
    at: datetime | None
    to: str
    subject: str
    text: str


def sent_mail(folder: Path, *, most: int = 200) -> list[SentMail]:
    """The newest messages of ``folder`` first; files that are being written or are no mail are left out."""
    files = (
        sorted(folder.glob("*.log"), key=lambda path: path.stat().st_mtime, reverse=True)
        if folder.exists()
        else []
    )
    found: list[SentMail] = []
    for path in files[:most]:
        found += reversed(list(messages_in(path)))
        if len(found) >= most:
            break
    return sorted(found, key=lambda mail: mail.at.timestamp() if mail.at else 0, reverse=True)[:most]


def messages_in(path: Path) -> Iterator[SentMail]:
    """The messages of one file, in the order they were written."""
    for number, raw in enumerate(SEPARATOR.split(path.read_bytes())):
        if not raw.strip():
            continue
        message = email.message_from_bytes(raw.lstrip(b"\n"), policy=email.policy.default)
        if not isinstance(message, EmailMessage) or not message["To"]:
            continue
        body = message.get_body(preferencelist=("plain",))
        date = message["Date"]
        yield SentMail(
            id=f"{path.stem}-{number}",
            at=in_utc(date.datetime) if date is not None and date.datetime else None,
            to=str(message["To"]),
            subject=str(message["Subject"]),
            text=body.get_content().strip() if body is not None else "",
        )


def in_utc(at: datetime) -> datetime:
    """The header's time in UTC; one that names no zone ("-0000") is in UTC already."""
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
