"""What a log line must not hold: addresses that open something for whoever reads them."""

import logging
import re

SLASH = "(?:/|%2[Ff])"
"""As it stands, or in the address to go back to after the sign-in."""
SECRET_PATHS = re.compile(
    r"(/s/|/accounts/password/reset/key/|(?<![\w-])/certificates/(?!check/|file/)"
    rf"|{SLASH}check-in{SLASH}[0-9a-fA-F-]{{36}}{SLASH}(?!done\b))[^/\s%\"']+"
)
"""Survey links, password resets, certificate codes, codes of a room's screen: what follows the slash is the secret."""


def masked(text: str) -> str:
    """``text`` with the secret part of such paths as a hyphen."""
    return SECRET_PATHS.sub(r"\1-", text)


class MaskSecretPaths(logging.Filter):
    """Django names the path of every refused request; a survey link's path is the key to it."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(masked(arg) if isinstance(arg, str) else arg for arg in record.args)
        record.msg = masked(record.msg) if isinstance(record.msg, str) else record.msg
        return True
