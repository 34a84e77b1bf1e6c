"""After a whole journey no answer and no score stands anywhere in clear: database, sessions, logs, mail, files.

The instrument is swapped for one whose answers are numbers of twelve digits that occur nowhere by chance, so that a
plain search finds every leak. The search itself is first seen finding.
"""

import base64
import logging
import pickle
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments import instruments, reminders, rows, survey
from assessments.instruments import Instrument, Option
from assessments.models import Answer, Draft, Wave
from cecert_site.sessions import SessionStore
from rollout import outbox
from rollout.audit import record
from rollout.models import AuditEntry

from .conftest import NOW, Cast
from .surveying import LATER, PROQOL, invitation_of, just_signed_in, text_of

BASE = 731173117311
CANARIES = [str(BASE + value) for value in range(1, 6)]
"""Sums of ten answers begin with one of them as well: 10 × BASE + 10 … 50."""


@pytest.fixture
def canary(monkeypatch: Any) -> Instrument:
    """ProQOL's structure with answers that can be searched for."""
    ten = 10 * BASE
    one = replace(
        PROQOL,
        options=tuple(Option(option.value + BASE, option.label) for option in PROQOL.options),
        scales=tuple(replace(scale, minimum=ten + 10, maximum=ten + 50) for scale in PROQOL.scales),
        levels=replace(PROQOL.levels, low_up_to=ten + 22, high_from=ten + 42),
        norms=tuple(
            replace(norm, norms=tuple(replace(of, mean=of.mean + ten) for of in norm.norms))
            for norm in PROQOL.norms
        ),
    )
    monkeypatch.setattr(instruments, "INSTRUMENTS", MappingProxyType({one.code: one}))
    return one


@pytest.fixture
def house(cast: Cast, settings: Any, tmp_path: Path, transactional_db: None) -> Iterator[Cast]:
    """The cast, with mail written to files and a cache in the database."""
    settings.MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "OPTIONS": {"file_path": str(tmp_path / "mail")},
        }
    }
    call_command("createcachetable")
    cache.clear()  # not a model: nothing empties it between tests
    if connection.vendor == "sqlite":  # what an earlier test planted and deleted still lies in the files
        connection.cursor().execute("VACUUM")
        connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with time_machine.travel(LATER, tick=True):
        yield cast


# --- the search -------------------------------------------------------------------------------------------------


def forms(text: str) -> set[bytes]:
    """A text as it may stand somewhere: plain, hexadecimal, UTF-16, base64 at each of three offsets."""
    raw = text.encode()
    found = {raw, raw.hex().encode(), raw.hex().upper().encode(), text.encode("utf-16-le")}
    for shift in range(3):
        coded = base64.b64encode(b"\0" * shift + raw)
        # The first and last characters hang on the neighbors, so only the sure middle is searched for.
        found.add(coded[(0, 2, 3)[shift] : len(coded) - 4])
    return found


FORMS = {one: forms(one) for one in CANARIES}


def finds(data: bytes) -> list[str]:
    """Which canaries stand in the data, in any form."""
    return [one for one in CANARIES if any(form in data for form in FORMS[one])]


def database() -> dict[str, bytes]:
    """Everything the database holds: rows as text, sessions and cache unpacked, and on SQLite the files' bytes."""
    found: dict[str, bytes] = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            quoted = connection.ops.quote_name(table)
            cursor.execute(f"SELECT * FROM {quoted}")
            rows = [
                [bytes(cell) if isinstance(cell, memoryview) else cell for cell in row]
                for row in cursor.fetchall()
            ]
            found[f"rows of {table}"] = repr(rows).encode() + b"".join(
                cell for row in rows for cell in row if isinstance(cell, bytes)
            )
            if connection.vendor == "postgresql":
                cursor.execute(f"SELECT t::text FROM {quoted} t")
                found[f"dump of {table}"] = "\n".join(row[0] for row in cursor.fetchall()).encode()
        cursor.execute("SELECT value FROM cache_entries")
        found["cache"] = repr([pickle.loads(base64.b64decode(row[0])) for row in cursor.fetchall()]).encode()
    found["sessions"] = repr(
        [SessionStore().decode(one.session_data) for one in Session.objects.all()]
    ).encode()
    if connection.vendor == "sqlite":
        path = Path(str(connection.settings_dict["NAME"]))
        files = [path, path.with_name(path.name + "-wal")]
        found["files"] = (
            b"".join(one.read_bytes() for one in files if one.exists())
            if path.is_file()
            else connection.connection.serialize()
        )
    return found


def everywhere(tmp_path: Path, said: str) -> dict[str, bytes]:
    """All places an answer might have got to."""
    kept = {str(path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    return {**database(), **kept, "logs and output": said.encode()}


def leaks(places: dict[str, bytes]) -> dict[str, list[str]]:
    return {place: found for place, data in places.items() if (found := finds(data))}


@pytest.mark.parametrize("value", [*CANARIES, str(10 * BASE + 33)])
def test_the_search_finds_an_answer_in_every_form(value: str):
    assert leaks({"plain": f'{{"7":{value}}}'.encode()})
    assert leaks({"hex": value.encode().hex().encode()})
    assert leaks({"wide": value.encode("utf-16-le")})
    for before in ("", "x", "xx"):
        assert leaks({"base64": base64.b64encode(f"{before}{value},".encode())}), before
    assert not leaks({"nothing": f"2 3 {BASE} {BASE + 6} 73117311731".encode()})


@pytest.mark.django_db
def test_the_search_looks_into_rows_sessions_and_cache(house: Cast, tmp_path: Path):
    assert leaks(everywhere(tmp_path, "")) == {}
    record("planted", house.agency, by=None, at=NOW, after={"answers": [BASE + 3]})
    session = SessionStore()
    session["draft"] = {"q1": str(BASE + 2)}
    session.create()
    cache.set("planted", {"score": BASE + 1})
    (tmp_path / "planted.txt").write_text(CANARIES[4])
    found = leaks(everywhere(tmp_path, f"log line with {CANARIES[0]}"))
    assert {"rows of rollout_auditentry", "sessions", "cache", "logs and output"} <= set(found)
    assert str(tmp_path / "planted.txt") in found
    if connection.vendor == "sqlite":
        assert "files" in found


# --- the journey ------------------------------------------------------------------------------------------------


def answers(value: int) -> dict[str, str]:
    return {f"q{number}": str(BASE + 1 + (value + number * 7) % 5) for number in range(1, 31)}


def open_and_invite(house: Cast, leader: Client, tmp_path: Path) -> tuple[Wave, dict[str, str]]:
    """The leader opens a wave, the queue mails the links; the links by address."""
    new = reverse("assessments:wave_new", args=[house.agency.slug])
    assert leader.post(new, {"label": "baseline", "closes_on": "2026-12-11"}).status_code == 302
    outbox.plan(timezone.now(), [reminders])
    outbox.send_due(timezone.now(), [reminders])
    mails = [path.read_text() for path in (tmp_path / "mail").iterdir()]
    links = {}
    for mail in re.split(r"-{70,}\n", "".join(mails)):
        if link := re.search(r"/s/([\w-]+)/", mail.replace("=\n", "")):
            links[re.search(r"^To: (.+)$", mail, re.MULTILINE)[1]] = link[1]
    return Wave.objects.get(), links


def by_link(wave: Wave, token: str) -> None:
    """On the phone, page by page, with one change after the other saved on the way; a gap, looked at, then sent."""
    phone, address = Client(), reverse("assessments:survey_answer", args=[wave.uuid])
    phone.get(reverse("assessments:survey_link", args=[token]))
    phone.post(reverse("assessments:survey_begin"), {"token": token})
    given = answers(1)
    for number in range(1, 7):
        some = {
            name: given[name]
            for name in (f"q{n}" for n in range(number * 5 - 4, number * 5 + 1))
            if name != "q11"
        }
        phone.post(
            f"{address}?page={number}", dict([next(iter(some.items()))]), headers={"HX-Request": "true"}
        )
        phone.post(f"{address}?page={number}", {**some, "go": "finish" if number == 6 else "next"})
    assert "One statement has no answer yet" in text_of(phone.get(f"{address}?page=review"))
    phone.post(f"{address}?page=3", {"q11": given["q11"], "go": "next"})
    sent = phone.post(f"{address}?page=review", {"go": "send"}, follow=True)
    assert "Thank you" in text_of(sent)


def signed_in(house: Cast, wave: Wave) -> None:
    """At the desk: everything on one page, the result, the history, both exports; deleted and sent again."""
    desk = just_signed_in(Client(), house.colleague)
    address = reverse("assessments:survey_answer", args=[wave.uuid])
    for value in (2, 3):
        shown = desk.post(f"{address}?page=all", {**answers(value), "go": "finish"}, follow=True)
        assert finds(shown.content), "the result page shows the canary to its owner"
        if value == 2:
            desk.post(reverse("assessments:survey_delete", args=[wave.uuid]))
    assert finds(desk.get(reverse("assessments:my_results")).content)
    for kind in ("csv", "json"):
        assert finds(desk.get(reverse("assessments:my_results_export", args=[kind])).content)


def trouble(house: Cast, wave: Wave, monkeypatch: Any) -> None:
    """What goes wrong must not say what was answered either: a bad value, a crash while sealing, an altered row."""
    desk, address = (
        Client(raise_request_exception=False),
        reverse("assessments:survey_answer", args=[wave.uuid]),
    )
    just_signed_in(desk, house.supervisor)
    desk.post(f"{address}?page=1", {"q1": CANARIES[2], "go": "next"})
    assert desk.post(f"{address}?page=1", {"q1": f"{CANARIES[2]}0"}).status_code == 422

    def crash(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("planted")

    with monkeypatch.context() as patched:
        patched.setattr(rows, "keep_draft", crash)
        assert desk.post(f"{address}?page=1", {"q2": CANARIES[3], "go": "next"}).status_code == 500


@pytest.mark.django_db
def test_no_answer_and_no_score_is_left_anywhere_in_clear(
    house: Cast, canary: Instrument, tmp_path: Path, monkeypatch: Any, caplog: Any, capfd: Any
):
    caplog.set_level(logging.DEBUG)
    leader = just_signed_in(Client(), house.leader)
    wave, links = open_and_invite(house, leader, tmp_path)
    assert set(links) == {house.staff.email, house.colleague.email, house.supervisor.email}
    by_link(wave, links[house.staff.email])
    signed_in(house, wave)
    trouble(house, wave, monkeypatch)
    assert (Answer.objects.count(), Draft.objects.count()) == (2, 1)
    assert survey.own_result(invitation_of(house.staff, wave)).scores["CS"].value > 10 * BASE

    output = capfd.readouterr()
    said = caplog.text + output.out + output.err
    assert "planted" in said, "the crash was logged"
    assert leaks(everywhere(tmp_path, said)) == {}

    page = leader.post(reverse("assessments:wave_close", args=[wave.uuid]), follow=True)
    assert "No figures for this wave" in text_of(page)
    output = capfd.readouterr()
    assert leaks(everywhere(tmp_path, caplog.text + output.out + output.err)) == {}
    assert not finds(page.content)
    assert AuditEntry.objects.filter(subject="assessments.Wave").count() == 2


@pytest.mark.django_db
def test_no_token_is_left_outside_the_mail(
    house: Cast, canary: Instrument, tmp_path: Path, caplog: Any, capfd: Any
):
    caplog.set_level(logging.DEBUG)
    wave, links = open_and_invite(house, just_signed_in(Client(), house.leader), tmp_path)
    by_link(wave, links[house.staff.email])
    output = capfd.readouterr()
    places = everywhere(tmp_path, caplog.text + output.out + output.err)
    for token in links.values():
        assert {
            place for place, data in places.items() if token.encode() in data and "/mail/" not in place
        } == set()
