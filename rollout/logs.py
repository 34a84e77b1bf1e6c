"""Logs say what happened, never what somebody wrote or answered."""

from pathlib import Path


def kind_and_place(error: BaseException) -> str:
    """What to log of an error, like ``ValueError at reminders.py:41``: its message may quote private text."""
    trace, place = error.__traceback__, ""
    while trace is not None:
        place, trace = f" at {Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}", trace.tb_next
    return f"{type(error).__name__}{place}"
