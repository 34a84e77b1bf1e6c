"""Key files: made once, guarded, never lost to a second writer, shredded for good, rewrapped without loss."""

import json
import multiprocessing
import os
import stat
import threading
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from assessments import keys
from assessments.keys import KeyStore, KeysUnavailable, from_settings, length_prefixed

AGENCY, OTHER = UUID(int=1), UUID(int=2)
WAVE, NEXT = UUID(int=11), UUID(int=12)


@pytest.fixture
def store(tmp_path: Path) -> KeyStore:
    return KeyStore(tmp_path / "root" / "root.key", tmp_path / "ring" / "ring.json")


def test_the_paths_come_from_the_settings(settings: Any, tmp_path: Path):
    settings.ROOT_KEY_FILE, settings.KEY_RING_FILE = tmp_path / "a", tmp_path / "b"
    assert from_settings() == KeyStore(tmp_path / "a", tmp_path / "b")


def test_the_first_wave_makes_both_files_readable_by_the_owner_alone(store: KeyStore):
    assert not store.exists()
    store.ensure_wave_key(AGENCY, WAVE)
    assert store.exists()
    assert len(store.root_file.read_bytes()) == 32
    for path in (store.root_file, store.ring_file):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_wave_keeps_its_key_and_no_two_waves_or_agencies_share_one(store: KeyStore):
    first = store.ensure_wave_key(AGENCY, WAVE)
    assert store.ensure_wave_key(AGENCY, WAVE) == first == store.wave_key(AGENCY, WAVE)
    others = [store.ensure_wave_key(AGENCY, NEXT), store.ensure_wave_key(OTHER, WAVE)]
    assert len({first.key, *(other.key for other in others)}) == 3
    assert len({first.key_id, *(other.key_id for other in others)}) == 3
    assert len(first.key) == 32


def test_no_key_stands_in_the_ring_in_clear_or_in_a_repr(store: KeyStore):
    made = store.ensure_wave_key(AGENCY, WAVE)
    text = store.ring_file.read_text()
    root = store.root_file.read_bytes()
    for secret in (made.key, root, store.link_key(), keys.derive(root, "wrap")):
        assert secret.hex() not in text
        assert keys.base64.b64encode(secret).decode() not in text
    assert str(made.key) not in repr(made)


def test_each_purpose_has_a_key_of_its_own(store: KeyStore):
    store.ensure_wave_key(AGENCY, WAVE)
    root = store.root_file.read_bytes()
    assert (
        len(
            {root, store.link_key(), store.token_key(), keys.derive(root, "wrap"), keys.derive(root, "check")}
        )
        == 5
    )


def test_hkdf_agrees_with_the_formula_of_rfc_5869():
    root = bytes(range(32))
    extracted = keys.hmac.digest(bytes(32), root, "sha256")
    assert keys.derive(root, "link") == keys.hmac.digest(extracted, b"cecert-rollout/link/v1\x01", "sha256")


def test_parts_of_different_lengths_never_pack_to_the_same_bytes():
    assert length_prefixed("ab", "c") != length_prefixed("a", "bc")
    assert length_prefixed("a", UUID(int=1)) == b"\0\0\0\x01a\0\0\0\x10" + bytes(15) + b"\x01"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o660])
def test_a_root_key_that_others_can_use_is_refused_with_the_command_that_mends_it(store: KeyStore, mode: int):
    store.ensure_wave_key(AGENCY, WAVE)
    store.root_file.chmod(mode)
    with pytest.raises(KeysUnavailable, match=f"chmod 600 {store.root_file}"):
        store.wave_key(AGENCY, WAVE)
    with pytest.raises(KeysUnavailable):
        store.link_key()
    store.root_file.chmod(0o600)
    store.wave_key(AGENCY, WAVE)


def test_a_lost_root_key_is_never_replaced_while_a_ring_is_there(store: KeyStore):
    store.ensure_wave_key(AGENCY, WAVE)
    kept = store.ring_file.read_bytes()
    store.root_file.unlink()
    for use in (store.ensure_wave_key, store.wave_key, store.shred_wave):
        with pytest.raises(KeysUnavailable, match=r"root key file .* is missing.* backup"):
            use(AGENCY, NEXT)
    assert not store.root_file.exists()
    assert store.ring_file.read_bytes() == kept


def test_a_lost_ring_is_never_replaced_while_a_root_key_is_there(store: KeyStore):
    store.ensure_wave_key(AGENCY, WAVE)
    store.ring_file.unlink()
    for use in (store.ensure_wave_key, store.wave_key):
        with pytest.raises(KeysUnavailable, match=r"key ring .* is missing.* backup"):
            use(AGENCY, WAVE)
    for use in (store.link_key, store.token_key):
        with pytest.raises(KeysUnavailable):
            use()
    assert not store.ring_file.exists()


def test_reading_makes_no_files(store: KeyStore, tmp_path: Path):
    for use in (store.link_key, store.token_key, lambda: store.wave_key(AGENCY, WAVE)):
        with pytest.raises(KeysUnavailable, match="no survey keys"):
            use()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"short", bytes(33)])
def test_a_damaged_root_key_is_named(store: KeyStore, content: bytes):
    store.ensure_wave_key(AGENCY, WAVE)
    store.root_file.write_bytes(content)
    with pytest.raises(KeysUnavailable, match=r"root\.key is damaged"):
        store.wave_key(AGENCY, WAVE)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "null",
        '{"format": "other/1"}',
        '{"format": "cecert-key-ring/1", "root": "x", "waves": {}}',
        '{"format": "cecert-key-ring/1", "root": "x", "link": null, "waves": {"a/b": null}}',
        '{"format": "cecert-key-ring/1", "root": "x", "link": null, "waves": []}',
    ],
)
def test_a_damaged_ring_is_named(store: KeyStore, content: str):
    store.ensure_wave_key(AGENCY, WAVE)
    store.ring_file.write_text(content)
    with pytest.raises(KeysUnavailable, match=r"ring\.json is damaged"):
        store.wave_key(AGENCY, WAVE)


def test_a_ring_of_another_root_key_is_told_apart_from_a_damaged_one(store: KeyStore, tmp_path: Path):
    store.ensure_wave_key(AGENCY, WAVE)
    foreign = KeyStore(tmp_path / "x" / "root.key", tmp_path / "x" / "ring.json")
    foreign.ensure_wave_key(AGENCY, WAVE)
    store.ring_file.write_bytes(foreign.ring_file.read_bytes())
    with pytest.raises(KeysUnavailable, match="same backup"):
        store.wave_key(AGENCY, WAVE)


def test_a_wrapped_key_put_in_the_place_of_another_does_not_open(store: KeyStore):
    store.ensure_wave_key(AGENCY, WAVE)
    store.ensure_wave_key(OTHER, NEXT)
    ring = json.loads(store.ring_file.read_text())
    here, there = f"{AGENCY}/{WAVE}", f"{OTHER}/{NEXT}"
    ring["waves"][here], ring["waves"][there] = ring["waves"][there], ring["waves"][here]
    store.ring_file.write_text(json.dumps(ring))
    for agency, wave in ((AGENCY, WAVE), (OTHER, NEXT)):
        with pytest.raises(KeysUnavailable, match="damaged or was moved"):
            store.wave_key(agency, wave)


def test_a_wave_without_a_key_is_named(store: KeyStore):
    store.ensure_wave_key(AGENCY, WAVE)
    with pytest.raises(KeysUnavailable, match=f"no key for wave {NEXT}"):
        store.wave_key(AGENCY, NEXT)


def test_a_shredded_wave_is_gone_for_good_and_the_others_stay(store: KeyStore):
    gone, kept = store.ensure_wave_key(AGENCY, WAVE), store.ensure_wave_key(AGENCY, NEXT)
    assert store.shred_wave(AGENCY, WAVE) is True
    assert gone.key_id not in store.ring_file.read_text()
    for use in (store.wave_key, store.ensure_wave_key):
        with pytest.raises(KeysUnavailable, match="deleted on purpose"):
            use(AGENCY, WAVE)
    assert store.wave_key(AGENCY, NEXT) == kept
    assert store.shred_wave(AGENCY, WAVE) is False
    assert store.shred_wave(OTHER, WAVE) is False


def test_shredding_overwrites_the_bytes_of_the_old_ring(store: KeyStore):
    store.ensure_wave_key(AGENCY, WAVE)
    with store.ring_file.open("rb") as old:
        size = len(old.read())
        store.shred_wave(AGENCY, WAVE)
        old.seek(0)
        assert old.read() == bytes(size)


def test_a_new_root_key_opens_every_wave_and_the_old_one_opens_none(store: KeyStore):
    made = [store.ensure_wave_key(AGENCY, wave) for wave in (WAVE, NEXT)]
    store.ensure_wave_key(OTHER, WAVE)
    store.shred_wave(OTHER, WAVE)
    link, old = store.link_key(), store.root_file.read_bytes()
    before = store.ring_file.read_text()
    new = bytes(range(32))
    store.rewrap(new)
    assert store.root_file.read_bytes() == new
    assert stat.S_IMODE(store.root_file.stat().st_mode) == 0o600
    assert [store.wave_key(AGENCY, wave) for wave in (WAVE, NEXT)] == made
    with pytest.raises(KeysUnavailable, match="deleted on purpose"):
        store.wave_key(OTHER, WAVE)
    sealed = json.loads(before)["waves"][f"{AGENCY}/{WAVE}"]["sealed"]
    assert sealed not in store.ring_file.read_text()
    assert store.link_key() == link, "lookups of stored answers must stay"
    store.rewrap(bytes(reversed(new)))
    assert store.link_key() == link
    store.root_file.write_bytes(old)
    with pytest.raises(KeysUnavailable):
        store.wave_key(AGENCY, WAVE)


def test_a_change_of_root_key_stops_before_it_writes_when_one_key_does_not_open(store: KeyStore):
    store.ensure_wave_key(AGENCY, WAVE)
    store.ensure_wave_key(AGENCY, NEXT)
    ring = json.loads(store.ring_file.read_text())
    ring["waves"][f"{AGENCY}/{NEXT}"]["id"] = "forged"
    store.ring_file.write_text(json.dumps(ring))
    files = {path: path.read_bytes() for path in (store.root_file, store.ring_file)}
    with pytest.raises(KeysUnavailable):
        store.rewrap(bytes(32))
    assert {path: path.read_bytes() for path in files} == files
    with pytest.raises(ValueError, match="32 bytes"):
        store.rewrap(b"short")


def test_a_change_of_root_key_that_stopped_halfway_says_which_file_to_rename(
    store: KeyStore, monkeypatch: pytest.MonkeyPatch
):
    made = store.ensure_wave_key(AGENCY, WAVE)
    replace = os.replace

    def stop(source: Path, target: Path) -> None:
        if target == store.root_file:
            raise KeyboardInterrupt
        replace(source, target)

    with monkeypatch.context() as patched:
        patched.setattr(keys.os, "replace", stop)
        with pytest.raises(KeyboardInterrupt):
            store.rewrap(bytes(range(32)))
    with pytest.raises(KeysUnavailable, match=r"rename .*root\.key\.new to .*root\.key"):
        store.wave_key(AGENCY, WAVE)
    store.root_file.with_name("root.key.new").rename(store.root_file)
    assert store.wave_key(AGENCY, WAVE) == made


def test_a_write_that_fails_leaves_the_ring_as_it_was_and_no_scraps(
    store: KeyStore, monkeypatch: pytest.MonkeyPatch
):
    store.ensure_wave_key(AGENCY, WAVE)
    before, names = store.ring_file.read_bytes(), sorted(os.listdir(store.ring_file.parent))

    def full(source: Path, target: Path) -> None:
        raise OSError(28, "No space left on device", str(target))

    monkeypatch.setattr(keys.os, "replace", full)
    with pytest.raises(KeysUnavailable, match="No space left on device"):
        store.ensure_wave_key(AGENCY, NEXT)
    assert store.ring_file.read_bytes() == before
    assert sorted(os.listdir(store.ring_file.parent)) == names


def test_a_folder_that_cannot_be_used_is_a_message_not_a_crash(tmp_path: Path):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    store = KeyStore(blocked / "root.key", blocked / "ring.json")
    with pytest.raises(KeysUnavailable, match=f"{blocked}.*access"):
        store.ensure_wave_key(AGENCY, WAVE)


def open_waves(store: KeyStore, waves: list[UUID], start: Any, found: Any) -> None:
    start.wait(timeout=60)
    try:
        found.put([(wave, store.ensure_wave_key(AGENCY, wave).key) for wave in waves])
    except KeysUnavailable as error:
        found.put(str(error))


@pytest.mark.parametrize("kind", ["threads", "processes"])
def test_writers_at_the_same_time_lose_no_key_and_agree_on_one_root(store: KeyStore, kind: str):
    """Each writer opens ten waves of its own and the same three as everybody, from nothing."""
    shared = [uuid4() for _ in range(3)]
    context = multiprocessing.get_context("spawn")
    number = 6 if kind == "threads" else 2
    start, found = (
        (threading.Barrier(number), multiprocessing.SimpleQueue())
        if kind == "threads"
        else (context.Barrier(number), context.SimpleQueue())
    )
    maker: Any = threading.Thread if kind == "threads" else context.Process
    workers = [
        maker(target=open_waves, args=(store, [*shared, *(uuid4() for _ in range(10))], start, found))
        for _ in range(number)
    ]
    for worker in workers:
        worker.start()
    answers = [found.get() for _ in workers]
    for worker in workers:
        worker.join()
    assert [answer for answer in answers if isinstance(answer, str)] == []
    pairs = [pair for answer in answers for pair in answer]
    assert len({wave for wave, _ in pairs}) == 3 + 10 * number
    assert len(set(pairs)) == 3 + 10 * number, "the same wave got two keys"
    for wave, key in pairs:
        assert store.wave_key(AGENCY, wave).key == key


def test_keys_opened_for_answering_are_forgotten_with_what_they_were_opened_from(store: KeyStore):
    store.ensure_wave_key(AGENCY, WAVE)
    store.ensure_wave_key(AGENCY, NEXT)
    opened = store.answering_keys(AGENCY, WAVE)
    assert store.answering_keys(AGENCY, WAVE) is opened, "kept: nothing has changed"
    assert opened == (store.wave_key(AGENCY, WAVE), store.link_key())
    with pytest.raises(KeysUnavailable, match="no key for wave"):
        store.answering_keys(OTHER, WAVE)
    store.rewrap(bytes(range(32)))
    assert store.answering_keys(AGENCY, WAVE) == opened
    store.shred_wave(AGENCY, WAVE)
    with pytest.raises(KeysUnavailable, match="deleted on purpose"):
        store.answering_keys(AGENCY, WAVE)
    assert store.answering_keys(AGENCY, NEXT)[1] == opened[1]
    assert opened[0].key not in [wave.key for wave, _link in keys._opened.keys.values()], "not even in memory"
    store.root_file.chmod(0o640)
    with pytest.raises(KeysUnavailable, match="Others on this machine"):
        store.answering_keys(AGENCY, NEXT)
    store.root_file.chmod(0o600)
    store.ring_file.rename(store.ring_file.with_name("elsewhere"))
    with pytest.raises(KeysUnavailable, match="is missing"):
        store.answering_keys(AGENCY, NEXT)


def test_two_stores_never_open_with_each_others_keys(store: KeyStore, tmp_path: Path):
    other = KeyStore(tmp_path / "b" / "root.key", tmp_path / "b" / "ring.json")
    for one in (store, other):
        one.ensure_wave_key(AGENCY, WAVE)
    assert store.answering_keys(AGENCY, WAVE) != other.answering_keys(AGENCY, WAVE)
    assert store.answering_keys(AGENCY, WAVE)[0] == store.wave_key(AGENCY, WAVE)
