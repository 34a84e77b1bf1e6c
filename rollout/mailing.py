"""One mail on its way to the mail server, and what the server's answer means for it."""

import re
import smtplib
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, InvalidMailer, mailers
from django.core.mail.backends.base import BaseEmailBackend
from django.template import Context, engines
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

ENHANCED_CODE = re.compile(r"[245]\.(?P<subject>\d{1,3})\.\d{1,3}")
"""RFC 3463: the second figure is the subject, 1 the address, 2 the mailbox, 7 a policy."""


class NotTakenError(Exception):
    """The mail did not leave. The message is for a person: it quotes neither address nor text."""


class UnreachableError(NotTakenError):
    """The server takes no mail of ours at all: nothing is wrong with this one."""


class NotNowError(NotTakenError):
    """The server says: later (4xx)."""


class RefusedError(NotTakenError):
    """The server says: never (5xx), or the address cannot be one."""


class BrokenOffError(Exception):
    """The line broke or no answer came while handing over: the mail may have left or not."""


def open_mailer() -> BaseEmailBackend:
    """A connected mailer. Raises UnreachableError; until then nothing has left."""
    try:
        mailer: BaseEmailBackend = mailers.default
        mailer.open()
    except smtplib.SMTPAuthenticationError as error:
        raise UnreachableError(_("The mail server refuses our sign-in. Check MAIL_URL.")) from error
    except (OSError, InvalidMailer) as error:
        raise UnreachableError(_("The mail server could not be reached. Check MAIL_URL.")) from error
    return mailer


def hand_over(mailer: BaseEmailBackend, message: EmailMultiAlternatives) -> None:
    """Returns when the server has taken the mail; else raises a NotTakenError or a BrokenOffError."""
    bad_address = _("Mail cannot be sent to this address. Correct it under People.")
    try:
        taken = mailer.send_messages([message])
    except smtplib.SMTPSenderRefused as error:
        raise UnreachableError(_("The mail server refuses our sender address. Check MAIL_FROM.")) from error
    except smtplib.SMTPRecipientsRefused as error:
        raise refusal(*next(iter(error.recipients.values()))) from error
    except smtplib.SMTPResponseException as error:
        raise refusal(error.smtp_code, error.smtp_error) from error
    except (ValueError, smtplib.SMTPNotSupportedError) as error:
        raise RefusedError(bad_address) from error  # noticed on this side, before the first byte
    except Exception as error:
        raise BrokenOffError from error
    if not taken:
        raise RefusedError(bad_address)


def refusal(code: int, said: bytes | str) -> NotTakenError:
    """The server's no in our words. Its own are dropped: they may quote the address or a link of the mail."""
    words = (said.decode("ascii", "replace") if isinstance(said, bytes) else said).split(maxsplit=1)
    enhanced = ENHANCED_CODE.fullmatch(words[0]) if words else None
    reason = _("The receiving mail server answered %(code)s.") % {
        "code": f"{code} {enhanced[0]}" if enhanced else code
    }
    if 400 <= code < 500:
        return NotNowError(reason)
    hints = {
        "2": _("The mailbox is full or closed; ask its owner."),
        "7": _("Its rules keep our mail out; ask whoever runs it to let it in."),
    }
    hint = hints.get(enhanced["subject"] if enhanced else "", _("Check the address under People."))
    return RefusedError(f"{reason} {hint}")


def close(mailer: BaseEmailBackend) -> None:
    """What the server says to a good-bye changes nothing any more."""
    try:
        mailer.close()
    except OSError:  # smtplib's errors are among them
        return


def envelope(key: str, address: str, subject: str, text: str, html: str = "") -> EmailMultiAlternatives:
    """The mail as it leaves. Raises ValueError when it cannot be one (a line break in the subject)."""
    message = EmailMultiAlternatives(
        subject=subject,
        body=text,
        from_email=settings.MAIL_FROM,
        to=[address],
        headers={"Message-ID": message_id(key), "Auto-Submitted": "auto-generated"},
    )
    if html:
        message.attach_alternative(html, "text/html")
    message.message()
    return message


def message_id(key: str) -> str:
    """The same for every try of one notice; only holders of the secret key know which notice it is."""
    digest = salted_hmac("rollout.mailing.message_id", key, algorithm="sha256").hexdigest()
    return f"<{digest[:40]}@{urlsplit(settings.SITE_URL).hostname}>"


def link(name: str, *args: object) -> str:
    """The whole address of a page."""
    return settings.SITE_URL + reverse(name, args=args)


def text_of(template: str, context: Mapping[str, Any]) -> str:
    """A plain-text mail from ``templates/<app>/mail/*.txt``, without the escaping that HTML needs."""
    engine = engines["django"].engine  # type: ignore[attr-defined]
    text: str = engine.get_template(template).render(Context(dict(context), autoescape=False))
    return text.strip() + "\n"
