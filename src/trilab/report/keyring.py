"""The key that signs reports on this machine, and the public keys that are trusted.

``id_ed25519`` (OpenSSH format, mode 0600), ``id_ed25519.pub``, and one ``trusted/<hex>.pub`` per trusted key, all in
the user's configuration folder.
"""

from __future__ import annotations

import getpass
import os
import socket
import stat
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from trilab.errors import FileError, HostError, InputError, StateError
from trilab.host.paths import config_dir
from trilab.report import sshsig

PRIVATE, PUBLIC, TRUSTED = "id_ed25519", "id_ed25519.pub", "trusted"
NAME_LENGTH = 80  # characters
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True)
class PublicKey:
    """A public key with the name that its owner, or whoever trusted it, gave it."""

    key: Ed25519PublicKey
    name: str

    @property
    def fingerprint(self) -> str:
        """``SHA256:…``."""
        return sshsig.fingerprint(self.key)

    def line(self) -> str:
        """One line in OpenSSH's format, without its newline."""
        text = self.key.public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH).decode()
        return f"{text} {self.name}".strip()


@dataclass(frozen=True)
class Signer:
    """The key of this machine, ready to sign."""

    private: Ed25519PrivateKey
    public: PublicKey

    def sign(self, message: bytes) -> bytes:
        """The armoured signature of ``message``; see :func:`trilab.report.sshsig.sign`."""
        return sshsig.sign(self.private, message)


class Keyring:
    """The keys of this user. Files are read when asked for."""

    def __init__(self, folder: Path | None = None) -> None:
        """``folder``: where the keys are; the user's configuration folder by default."""
        self.folder = folder or config_dir()

    @property
    def private_path(self) -> Path:
        """The file of the private key."""
        return self.folder / PRIVATE

    def create(self, name: str = "", *, replace: bool = False) -> Signer:
        """Make the key of this machine.

        Parameters:
            replace: put the present key aside (its public half stays trusted: its reports remain verifiable).

        Raises:
            StateError: there is one already.
            InputError: a name that does not fit on one line.
            HostError: the folder cannot be written.
        """
        chosen = check_name(name) or _default_name()
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self.private_path.exists():
                if not replace:
                    raise StateError(
                        f"Une clé existe déjà : {self.private_path}.",
                        "Pour la montrer : trilab keys show ; pour en changer : trilab keys create --replace",
                    )
                self._put_aside()
            signer = Signer(private := Ed25519PrivateKey.generate(), PublicKey(private.public_key(), chosen))
            self._save(signer)
        except OSError as error:
            raise HostError(
                f"La clé n'a pas pu être écrite dans « {self.folder} » : {error.strerror}.",
                "Choisissez un autre dossier avec TRILAB_CONFIG.",
            ) from error
        return signer

    def _save(self, signer: Signer) -> None:
        """Write both halves; the private one appears whole, under its name, and only if there is none."""
        octets = signer.private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
        )
        descriptor, name = tempfile.mkstemp(prefix=".id-", dir=self.folder)  # mode 0600
        partial = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(octets)
                stream.flush()
                os.fsync(stream.fileno())
            self.private_path.hardlink_to(partial)
        except FileExistsError as error:
            raise StateError(f"Une clé vient d'être créée : {self.private_path}.") from error
        finally:
            partial.unlink()
        (self.folder / PUBLIC).write_text(signer.public.line() + "\n", encoding="utf-8")

    def _put_aside(self) -> None:
        try:
            former = self.signer()
        except (FileError, HostError):  # spoilt, or read by others: its reports prove nothing any more
            former = None
        if former is not None:
            self.trust(former.public)
        self.private_path.rename(self.folder / f"{PRIVATE}.{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}")

    def signer(self) -> Signer | None:
        """The key of this machine; None when there is none.

        Raises:
            FileError: the file is not such a key.
            HostError: others may read it.
        """
        path = self.private_path
        try:
            octets, mode = path.read_bytes(), path.stat().st_mode
        except FileNotFoundError:
            return None
        except OSError as error:
            raise FileError(path, f"lecture impossible ({error.strerror}).") from error
        if mode & _OTHERS:
            raise HostError(
                f"La clé {path} est lisible par d'autres : elle ne prouve plus rien.",
                f"Changez de clé : trilab keys create --replace. Si personne ne l'a lue : chmod 600 {path}",
            )
        try:
            private = serialization.load_ssh_private_key(octets, None)
        except (ValueError, UnsupportedAlgorithm) as error:
            raise FileError(path, "ce n'est pas une clé privée d'OpenSSH.") from error
        if not isinstance(private, Ed25519PrivateKey):
            raise FileError(path, "ce n'est pas une clé Ed25519.")
        return Signer(private, PublicKey(private.public_key(), self._own_name()))

    def _own_name(self) -> str:
        try:
            return read_public(self.folder / PUBLIC).name
        except InputError:
            return _default_name()

    def trusted(self) -> tuple[PublicKey, ...]:
        """The trusted keys by name, this machine's own left out.

        Raises:
            FileError: one of the files is no public key.
        """
        found = [read_public(path) for path in (self.folder / TRUSTED).glob("*.pub")]
        return tuple(sorted(found, key=lambda one: (one.name.casefold(), one.fingerprint)))

    def trust(self, key: PublicKey) -> None:
        """Trust a public key; trusting it again changes its name. Raises HostError."""
        path = self._file(key.key)
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.write_text(key.line() + "\n", encoding="utf-8")
        except OSError as error:
            raise HostError(f"« {path} » n'a pas pu être écrit : {error.strerror}.") from error

    def forget(self, fingerprint: str) -> PublicKey:
        """Trust a key no longer.

        Raises:
            InputError: no trusted key has that fingerprint.
        """
        for key in self.trusted():
            if key.fingerprint == fingerprint:
                self._file(key.key).unlink(missing_ok=True)
                return key
        raise InputError(f"Aucune clé de confiance n'a l'empreinte « {fingerprint} ».", "Voir : trilab keys list")

    def known(self, key: Ed25519PublicKey) -> PublicKey | None:
        """The trusted key, or this machine's own, that ``key`` is; None for a stranger's."""
        path = self._file(key)
        if path.is_file():
            found = read_public(path)
            return found if found.key == key else None
        own = self.folder / PUBLIC
        mine = read_public(own) if own.is_file() and self.private_path.is_file() else None
        return mine if mine is not None and mine.key == key else None

    def _file(self, key: Ed25519PublicKey) -> Path:
        raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        return self.folder / TRUSTED / f"{raw.hex()}.pub"


def read_public(path: Path) -> PublicKey:
    """A public key file in OpenSSH's format.

    Raises:
        FileError: it is missing, a private key, or anything else.
    """
    try:
        octets = path.read_bytes()
    except OSError as error:
        raise FileError(path, f"lecture impossible ({error.strerror}).") from error
    if b"PRIVATE KEY" in octets:
        raise FileError(
            path,
            "c'est une clé privée, à ne donner à personne.",
            hint="La clé publique : trilab keys show > centre.pub",
        )
    try:
        text = octets.decode().strip()
        key = serialization.load_ssh_public_key(text.encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise FileError(path, "ce n'est pas une clé publique d'OpenSSH.") from error
    if not isinstance(key, Ed25519PublicKey) or "\n" in text:
        raise FileError(path, "une seule clé publique Ed25519 est attendue.")
    return PublicKey(key, " ".join(text.split()[2:]))


def check_name(name: str) -> str:
    """A key's name without outer spaces. Raises InputError when it does not fit on one short line."""
    kept = " ".join(name.split())
    if len(kept) > NAME_LENGTH or not kept.isprintable():
        raise InputError(f"Le nom d'une clé tient en une ligne de {NAME_LENGTH} caractères au plus.")
    return kept


def _default_name() -> str:
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # no such user in the password database
        user = str(os.getuid())
    return f"{user}@{socket.gethostname()}"
