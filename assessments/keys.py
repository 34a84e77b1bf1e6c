"""Keys of sealed answers: one root key file, and a key ring file with one data key per agency and wave.

Both files live outside the database and its backups. Deleting a wave's entry from the ring shreds its answers
even in old dumps; losing the root key or the ring makes every answer unreadable for good.

* Root key: 32 random bytes, mode 0600. HKDF-SHA256 with its own label derives a key for each purpose.
* Key ring: JSON, written whole (temporary file, fsync, rename). Data keys stand in it wrapped with
  AES-256-GCM, bound to agency, wave and key id. A lock file beside it keeps two writers from losing each
  other's keys.
* After a change of the root key the link key stays what it was, wrapped in the ring: the lookups of answers
  already stored depend on it.
"""

import base64
import fcntl
import hashlib
import hmac
import json
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

KEY_BYTES = 32
NONCE_BYTES = 12
RING_FORMAT = "cecert-key-ring/1"
Ring = dict[str, Any]


class KeysUnavailable(Exception):
    """The keys cannot be used. The text names the file and says what to do; it never holds key material."""


@dataclass(frozen=True)
class WaveKey:
    """The data key of one wave in one agency, and the id under which answers name it."""

    key_id: str
    key: bytes = field(repr=False)

    @cached_property
    def cipher(self) -> AESGCM:
        """AES-256-GCM under this key, set up once for many rows."""
        return AESGCM(self.key)


def length_prefixed(*parts: str | bytes | UUID) -> bytes:
    """One unambiguous byte string from several parts: each with its length, four bytes, in front."""
    packed = []
    for part in parts:
        raw = part.bytes if isinstance(part, UUID) else part.encode() if isinstance(part, str) else part
        packed += [len(raw).to_bytes(4, "big"), raw]
    return b"".join(packed)


@dataclass(frozen=True)
class _Opened:
    """Keys that were opened from one content of the files, which ``files`` is the hash of."""

    files: bytes
    keys: dict[tuple[UUID, UUID], tuple[WaveKey, bytes]] = field(default_factory=dict, repr=False)


_opened = _Opened(b"")


@dataclass(frozen=True)
class KeyStore:
    """The root key file and the key ring file. Methods raise ``KeysUnavailable`` when they cannot be used.

    Both files are made by the first ``ensure_wave_key`` and by nothing else.
    """

    root_file: Path
    ring_file: Path

    def exists(self) -> bool:
        """Whether both files are there; says nothing about their content."""
        return self.root_file.exists() and self.ring_file.exists()

    def ensure_wave_key(self, agency: UUID, wave: UUID) -> WaveKey:
        """The data key of a wave, made on the first call. Never a second one for a shredded wave."""
        with self._locked(fcntl.LOCK_EX):
            if not self.root_file.exists() and not self.ring_file.exists():
                self._create()
            root, ring = self._load()
            if _entry(agency, wave) in ring["waves"]:
                return self._unwrap(root, ring, agency, wave)
            made = WaveKey(secrets.token_hex(16), secrets.token_bytes(KEY_BYTES))
            aad = length_prefixed("wave/v1", agency, wave, made.key_id)
            ring["waves"][_entry(agency, wave)] = {"id": made.key_id, **_wrap(root, made.key, aad)}
            self._write_ring(ring)
            return made

    def wave_key(self, agency: UUID, wave: UUID) -> WaveKey:
        """The data key of a wave that has one."""
        with self._locked(fcntl.LOCK_SH):
            root, ring = self._load()
            return self._unwrap(root, ring, agency, wave)

    def answering_keys(self, agency: UUID, wave: UUID) -> tuple[WaveKey, bytes]:
        """A wave's data key and the link key, read together: what each page of a survey needs.

        Kept opened for as long as both files hold the same bytes; they are read anew for every page.
        """
        global _opened
        with self._locked(fcntl.LOCK_SH):
            files = self._fingerprint()
            known = _opened if _opened.files == files else _Opened(files)
            if (agency, wave) not in known.keys:
                root, ring = self._load()
                known.keys[agency, wave] = self._unwrap(root, ring, agency, wave), self._link(root, ring)
        if files:
            _opened = known  # what another content of the files had opened is forgotten with this
        return known.keys[agency, wave]

    def shred_wave(self, agency: UUID, wave: UUID) -> bool:
        """Delete a wave's key for good: its answers cannot be read any more. False if there was none.

        The entry stays as null, so that the wave gets no second key; the old ring's bytes are overwritten,
        as far as the file system lets them be.
        """
        with self._locked(fcntl.LOCK_EX):
            _, ring = self._load()
            if ring["waves"].get(_entry(agency, wave)) is None:
                return False
            ring["waves"][_entry(agency, wave)] = None
            with self.ring_file.open("r+b") as old:
                size = os.fstat(old.fileno()).st_size
                self._write_ring(ring)
                old.write(bytes(size))
                old.flush()
                os.fsync(old.fileno())
            return True

    def rewrap(self, new_root: bytes) -> None:
        """Change the root key: wrap every data key, and the link key, under the new one.

        All keys are unwrapped before anything is written; one that does not open stops the change.
        """
        if len(new_root) != KEY_BYTES:
            raise ValueError(f"A root key has {KEY_BYTES} bytes, not {len(new_root)}.")
        with self._locked(fcntl.LOCK_EX):
            root, ring = self._load()
            waves: dict[str, Any] = {}
            for entry, wrapped in ring["waves"].items():
                agency, wave = (UUID(part) for part in entry.split("/"))
                if wrapped is None:
                    waves[entry] = None
                    continue
                opened = self._unwrap(root, ring, agency, wave)
                aad = length_prefixed("wave/v1", agency, wave, opened.key_id)
                waves[entry] = {"id": opened.key_id, **_wrap(new_root, opened.key, aad)}
            link = _wrap(new_root, self._link(root, ring), length_prefixed("link/v1"))
            self._write(self._next_root, new_root)
            self._write_ring({**_empty_ring(new_root), "link": link, "waves": waves})
            os.replace(self._next_root, self.root_file)
            _sync_folder(self.root_file)

    def link_key(self) -> bytes:
        """Key of the lookups that stand in for a person; a change of the root key leaves it as it is."""
        with self._locked(fcntl.LOCK_SH):
            return self._link(*self._load())

    def token_key(self) -> bytes:
        """Key for hashing the tokens of survey links; a new root key ends the links sent before it."""
        with self._locked(fcntl.LOCK_SH):
            return derive(self._load()[0], "token")

    # --- inside -----------------------------------------------------------------------------------------

    @property
    def _next_root(self) -> Path:
        return self.root_file.with_name(self.root_file.name + ".new")

    @contextmanager
    def _locked(self, how: int) -> Iterator[None]:
        """Hold the advisory lock beside the ring, shared or exclusive, against threads and processes."""
        path = self.ring_file.with_name(self.ring_file.name + ".lock")
        handle = None
        try:
            if how == fcntl.LOCK_EX:
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            elif not path.parent.is_dir():
                raise KeysUnavailable(self._nothing_yet())
            handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(handle, how)
            yield
        except OSError as error:
            place = error.filename or self.ring_file
            raise KeysUnavailable(
                f"The survey keys cannot be used: {place}: {error.strerror}. Give the account that runs the "
                f"server access to the folders of {self.root_file} and {self.ring_file}."
            ) from error
        finally:
            if handle is not None:
                os.close(handle)

    def _nothing_yet(self) -> str:
        return (
            f"There are no survey keys: neither {self.root_file} nor {self.ring_file}. They are made when "
            "the first survey opens. If a survey was opened before, restore both files from their backup."
        )

    def _create(self) -> None:
        """Make the root key and an empty ring. The caller holds the lock and has seen that neither exists."""
        root = secrets.token_bytes(KEY_BYTES)
        self.root_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(self.root_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(root)
            file.flush()
            os.fsync(file.fileno())
        _sync_folder(self.root_file)
        self._write_ring(_empty_ring(root))

    def _load(self) -> tuple[bytes, Ring]:
        """Root key and ring, seen to belong together. The caller holds the lock."""
        root_there, ring_there = self.root_file.exists(), self.ring_file.exists()
        if not root_there and not ring_there:
            raise KeysUnavailable(self._nothing_yet())
        if not root_there:
            raise KeysUnavailable(
                f"The root key file {self.root_file} is missing, but the key ring {self.ring_file} is there. "
                "Restore the root key from its backup. No new one is made: it could open none of the answers."
            )
        if not ring_there:
            raise KeysUnavailable(
                f"The key ring {self.ring_file} is missing, but the root key {self.root_file} is there. "
                "Restore the ring from its backup. If no survey was ever opened, delete the root key: "
                "both are made anew."
            )
        root, ring = self._read_root(), self._read_ring()
        if not hmac.compare_digest(ring["root"], _check_value(root)):
            hint = "Restore both from the same backup."
            if self._next_root.exists():
                hint = (
                    f"A change of the root key stopped halfway: rename {self._next_root} to {self.root_file}."
                )
            raise KeysUnavailable(
                f"The root key {self.root_file} does not open the key ring {self.ring_file}. {hint}"
            )
        return root, ring

    def _fingerprint(self) -> bytes:
        """Of the bytes of both files; empty without one of them, which ``_load`` puts into words."""
        try:
            return hashlib.sha256(self._read_root() + self.ring_file.read_bytes()).digest()
        except FileNotFoundError:
            return b""

    def _read_root(self) -> bytes:
        with self.root_file.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if mode & 0o077:
                raise KeysUnavailable(
                    f"Others on this machine can use the root key {self.root_file} (mode {mode:04o}). "
                    f"Run: chmod 600 {self.root_file}"
                )
            root = file.read(KEY_BYTES + 1)
        if len(root) != KEY_BYTES:
            raise KeysUnavailable(
                f"The root key {self.root_file} is damaged: it must be exactly {KEY_BYTES} bytes long. "
                "Restore it from its backup."
            )
        return root

    def _read_ring(self) -> Ring:
        try:
            ring = json.loads(self.ring_file.read_bytes())
            sound = ring["format"] == RING_FORMAT and isinstance(ring["root"], str) and "link" in ring
            for entry, wrapped in ring["waves"].items():
                sound = sound and [str(UUID(part)) for part in entry.split("/")] == entry.split("/")
                sound = sound and (wrapped is None or isinstance(wrapped["id"], str))
        except (ValueError, KeyError, TypeError, AttributeError):
            sound = False
        if not sound:
            raise KeysUnavailable(
                f"The key ring {self.ring_file} is damaged. Restore it from its backup, with the root key "
                "of that time."
            )
        return dict(ring)

    def _unwrap(self, root: bytes, ring: Ring, agency: UUID, wave: UUID) -> WaveKey:
        if _entry(agency, wave) not in ring["waves"]:
            raise KeysUnavailable(
                f"The key ring {self.ring_file} has no key for wave {wave} of agency {agency}. "
                "Restore a ring from after that wave was opened."
            )
        wrapped = ring["waves"][_entry(agency, wave)]
        if wrapped is None:
            raise KeysUnavailable(
                f"The key of wave {wave} of agency {agency} was deleted on purpose: "
                "its answers cannot be read any more."
            )
        aad = length_prefixed("wave/v1", agency, wave, wrapped["id"])
        return WaveKey(wrapped["id"], self._open(root, wrapped, aad, f"the key of wave {wave}"))

    def _link(self, root: bytes, ring: Ring) -> bytes:
        if ring["link"] is None:
            return derive(root, "link")
        return self._open(root, ring["link"], length_prefixed("link/v1"), "the link key")

    def _open(self, root: bytes, wrapped: dict[str, str], aad: bytes, what: str) -> bytes:
        try:
            nonce, sealed = base64.b64decode(wrapped["nonce"]), base64.b64decode(wrapped["sealed"])
            return AESGCM(derive(root, "wrap")).decrypt(nonce, sealed, aad)
        except (InvalidTag, ValueError, KeyError, TypeError):
            raise KeysUnavailable(
                f"In the key ring {self.ring_file}, {what} is damaged or was moved. "
                "Restore the ring from its backup."
            ) from None

    def _write_ring(self, ring: Ring) -> None:
        self._write(self.ring_file, json.dumps(ring, indent=1, sort_keys=True).encode())

    @staticmethod
    def _write(path: Path, content: bytes) -> None:
        """Replace a file whole, or leave it as it was."""
        temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        _sync_folder(path)


def from_settings() -> KeyStore:
    """The key store at ``settings.ROOT_KEY_FILE`` and ``settings.KEY_RING_FILE``."""
    return KeyStore(Path(settings.ROOT_KEY_FILE), Path(settings.KEY_RING_FILE))


def derive(root: bytes, purpose: str) -> bytes:
    """A 256-bit key for one purpose from the root key (HKDF-SHA256, RFC 5869, no salt)."""
    info = f"cecert-rollout/{purpose}/v1".encode()
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(root)


def _check_value(root: bytes) -> str:
    """Tells whether a ring belongs to a root key, and nothing else about it."""
    return hashlib.sha256(derive(root, "check")).hexdigest()[:16]


def _wrap(root: bytes, key: bytes, aad: bytes) -> dict[str, str]:
    nonce = secrets.token_bytes(NONCE_BYTES)
    sealed = AESGCM(derive(root, "wrap")).encrypt(nonce, key, aad)
    return {"nonce": base64.b64encode(nonce).decode(), "sealed": base64.b64encode(sealed).decode()}


def _empty_ring(root: bytes) -> Ring:
    return {"format": RING_FORMAT, "root": _check_value(root), "link": None, "waves": {}}


def _entry(agency: UUID, wave: UUID) -> str:
    return f"{agency}/{wave}"


def _sync_folder(path: Path) -> None:
    """Make a rename in the folder of ``path`` last through a power cut."""
    handle = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
