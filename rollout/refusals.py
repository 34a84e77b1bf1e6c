"""Why a write did not happen, told apart for whoever asked for it."""


class Refused(ValueError):
    """Not possible. Its text is for the person: what is wrong, and what to do instead."""


class Changed(Exception):
    """Somebody else wrote this row meanwhile; nothing was written."""
