"""Sealed rows: nothing outside the ciphertext tells anything, and a row opens only at its own place."""

import hashlib
import hmac
import json
import random
import sys
import traceback
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.views.debug import SafeExceptionReporterFilter
from hypothesis import given
from hypothesis import strategies as st

from assessments.keys import WaveKey
from assessments.sealing import (
    ANSWER,
    DRAFT,
    ContentTooLong,
    SealBroken,
    Sealed,
    SealedContent,
    lookup,
    open_sealed,
    padded_length,
    seal,
)

LINK = bytes(range(32))
AGENCY, PERSON, COLLEAGUE, WAVE, NEXT = (UUID(int=number) for number in range(1, 6))
KEY, NEXT_KEY = WaveKey("key-1", b"\x01" * 32), WaveKey("key-2", b"\x02" * 32)
PATH = (str(uuid4()), str(uuid4()))
CONTENT = SealedContent(
    {str(item): 1 + item % 5 for item in range(1, 31)}, {"CS": 42, "BO": 23, "STS": None}, str(uuid4()), PATH
)


def sealed(content: SealedContent = CONTENT, **changed: Any) -> Sealed:
    where = {"agency": AGENCY, "person": PERSON, "instrument": "proqol-5", "items": 30, "wave": WAVE}
    return seal(content, **{"key": KEY, "link_key": LINK, **where, **changed})


def opened(row: Sealed, **changed: Any) -> SealedContent:
    return open_sealed(
        row, **{"key": KEY, "agency": AGENCY, "instrument": "proqol-5", "wave": WAVE, **changed}
    )


def refused(row: Sealed, **changed: Any) -> bool:
    try:
        opened(row, **changed)
    except SealBroken:
        return True
    return False


def test_what_was_sealed_comes_back_whole():
    assert opened(sealed()) == CONTENT


def test_a_row_opens_from_the_memory_views_a_database_driver_may_give():
    row = sealed()
    views = {name: memoryview(getattr(row, name)) for name in ("lookup", "nonce", "ciphertext")}
    assert opened(replace(row, **views)) == CONTENT


@given(
    answers=st.dictionaries(
        st.integers(1, 40).map(str), st.none() | st.integers(1, 5) | st.just("na"), max_size=40
    ),
    scores=st.dictionaries(
        st.sampled_from(["CS", "BO", "STS"]), st.none() | st.integers(10, 50) | st.floats(1, 5)
    ),
    wording=st.text(max_size=20),
)
def test_any_answers_come_back_and_take_the_same_room(answers: Any, scores: Any, wording: str):
    content = SealedContent(answers, scores, wording, PATH)
    row = sealed(content, items=40)
    assert opened(row) == content
    assert len(row.ciphertext) == padded_length(40) + 16


def test_one_instrument_has_one_length_whatever_was_answered():
    empty = SealedContent({}, {}, "", ())
    full = SealedContent(
        {str(item): None for item in range(1, 31)}, {"CS": 10.25}, "w" * 36, (str(uuid4()),) * 3
    )
    assert {len(sealed(content).ciphertext) for content in (empty, full, CONTENT)} == {padded_length(30) + 16}
    assert padded_length(30) > 2 * len(json.dumps(CONTENT.answers) + json.dumps(CONTENT.scores)), (
        "generous room"
    )
    assert len(sealed(kind=DRAFT).ciphertext) == len(sealed().ciphertext)


def test_nothing_of_the_content_stands_in_the_row_in_clear():
    row = sealed(
        SealedContent({"1": "CANARY-ANSWER"}, {"CANARY-SCALE": 42}, "CANARY-WORDING", ("CANARY-TEAM",))
    )
    for column in (row.lookup, row.key_id.encode(), row.nonce, row.ciphertext):
        assert b"CANARY" not in column
        assert PERSON.bytes not in column
        assert AGENCY.bytes not in column


def test_the_same_person_in_two_waves_shares_no_column():
    first, second = sealed(), sealed(wave=NEXT, key=NEXT_KEY)
    for column in ("lookup", "key_id", "nonce", "ciphertext"):
        assert getattr(first, column) != getattr(second, column)


def test_the_same_content_sealed_twice_looks_different_but_stands_in_one_place():
    rows = [sealed() for _ in range(50)]
    assert len({row.nonce for row in rows}) == len({row.ciphertext for row in rows}) == 50
    assert len({row.lookup for row in rows}) == 1
    assert len(rows[0].nonce) == 12


def test_a_lookup_is_the_keyed_hash_of_the_length_prefixed_parts():
    """Worked by hand with the standard library: a changed formula would lose every stored answer."""
    parts = [b"answer/v1", AGENCY.bytes, PERSON.bytes, b"proqol-5", WAVE.bytes]
    message = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    where = {"agency": AGENCY, "person": PERSON, "instrument": "proqol-5", "wave": WAVE}
    assert lookup(LINK, **where) == hmac.new(LINK, message, hashlib.sha256).digest() == sealed().lookup


def test_every_part_of_a_lookup_matters():
    where = {"agency": AGENCY, "person": PERSON, "instrument": "proqol-5", "wave": WAVE, "kind": ANSWER}
    other = {"agency": NEXT, "person": COLLEAGUE, "instrument": "proqol", "wave": NEXT, "kind": DRAFT}
    found = {lookup(LINK, **where), lookup(bytes(32), **where)}
    found |= {lookup(LINK, **{**where, part: value}) for part, value in other.items()}
    assert len(found) == 7


def test_two_rows_with_their_ciphertexts_swapped_are_both_refused():
    mine, theirs = sealed(), sealed(person=COLLEAGUE)
    assert refused(replace(mine, nonce=theirs.nonce, ciphertext=theirs.ciphertext))
    assert refused(replace(theirs, nonce=mine.nonce, ciphertext=mine.ciphertext))
    assert not refused(mine)
    assert not refused(theirs)


@pytest.mark.parametrize(
    "place",
    [
        {"agency": NEXT},
        {"wave": NEXT},
        {"instrument": "stsi-oa"},
        {"kind": DRAFT},
        {"key": NEXT_KEY},
        {"key": WaveKey("key-1", b"\x02" * 32)},
        {"key": WaveKey("key-9", b"\x01" * 32)},
    ],
)
def test_a_row_opens_only_at_the_place_it_was_sealed_for(place: dict[str, Any]):
    assert refused(sealed(), **place)
    assert not refused(sealed())


def test_a_row_renamed_to_another_key_id_is_refused_even_with_the_same_key():
    assert refused(replace(sealed(), key_id="key-9"), key=WaveKey("key-9", KEY.key))


def test_a_draft_cannot_be_passed_off_as_an_answer():
    draft, answer = sealed(kind=DRAFT), sealed()
    assert draft.lookup != answer.lookup
    assert opened(draft, kind=DRAFT) == CONTENT
    assert refused(draft)
    assert refused(replace(draft, lookup=answer.lookup))
    assert refused(replace(answer, lookup=draft.lookup), kind=DRAFT)


def test_of_a_thousand_moved_or_altered_rows_none_is_accepted():
    dice = random.Random(7)
    rows = [sealed(person=UUID(int=100 + number)) for number in range(50)]
    accepted = 0
    for _ in range(1000):
        row, other = dice.sample(rows, 2)
        column = dice.choice(["lookup", "nonce", "ciphertext", "moved", "cut"])
        if column == "moved":
            changed = replace(row, lookup=other.lookup)
        elif column == "cut":
            changed = replace(row, ciphertext=row.ciphertext[: dice.randrange(len(row.ciphertext))])
        else:
            value = bytearray(getattr(row, column))
            value[dice.randrange(len(value))] ^= 1 << dice.randrange(8)
            changed = replace(row, **{column: bytes(value)})
        accepted += not refused(changed)
    assert accepted == 0


def test_an_altered_nonce_of_the_wrong_length_is_refused_not_a_crash():
    assert refused(replace(sealed(), nonce=b""))
    assert refused(replace(sealed(), nonce=bytes(200)))


def test_content_that_does_not_fit_is_refused_without_being_quoted():
    canary = uuid4().hex
    with pytest.raises(ContentTooLong, match="proqol-5") as caught:
        sealed(replace(CONTENT, wording=canary * 100))
    assert canary not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {4711}, b"4711"])
def test_content_that_is_not_json_is_refused_without_being_quoted(value: Any):
    with pytest.raises(ValueError, match="cannot be stored") as caught:
        sealed(replace(CONTENT, answers={"1": value}))
    for error in (caught.value, caught.value.__context__, caught.value.__cause__):
        assert "nan" not in str(error)
        assert "4711" not in str(error)
    assert caught.value.__context__ is None


def test_neither_repr_nor_error_shows_what_was_answered():
    assert repr(CONTENT) == "SealedContent(hidden)"
    assert str(CONTENT) == f"{CONTENT}" == "SealedContent(hidden)"
    with pytest.raises(SealBroken) as caught:
        opened(sealed(), wave=NEXT)
    assert "42" not in str(caught.value)


def test_error_reports_leave_the_local_variables_of_sealing_out(rf: Any, settings: Any):
    """Django's error mail prints local variables; those of sealing hold answers."""
    settings.DEBUG = False
    try:
        sealed(replace(CONTENT, answers={"1": {"CANARY"}}))
    except ValueError:
        frames = sys.exc_info()[2]
    report = SafeExceptionReporterFilter()
    seen = []
    while frames:
        if frames.tb_frame.f_code.co_filename.endswith("assessments/sealing.py"):
            seen.append(report.get_traceback_frame_variables(rf.get("/"), frames.tb_frame))
        frames = frames.tb_next
    assert seen
    assert "CANARY" not in str(seen)
    assert all(value == report.cleansed_substitute for frame in seen for _, value in frame)
