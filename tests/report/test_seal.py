"""Who signed a report, and whether that is worth anything."""

from __future__ import annotations

import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from trilab.errors import FileError, HostError, InputError, StateError
from trilab.report import Keyring, Seal, read_public, sshsig, verify
from trilab.report.sums import SIGNATURE, SUMS


@pytest.fixture
def centre(tmp_path: Path) -> Keyring:
    """The keys of a training centre."""
    keyring = Keyring(tmp_path / "centre")
    keyring.create("Centre de Rennes")
    return keyring


@pytest.fixture
def jury(tmp_path: Path) -> Keyring:
    """The keys of a juror, who has met nobody yet."""
    return Keyring(tmp_path / "jury")


@pytest.fixture
def signed(written: Path, centre: Keyring) -> Path:
    """A report that the centre signed."""
    signer = centre.signer()
    assert signer is not None
    (written / SIGNATURE).write_bytes(signer.sign((written / SUMS).read_bytes()))
    return written


def test_the_centre_trusts_its_own_reports(signed: Path, centre: Keyring) -> None:
    result = verify(signed, centre)
    assert result.proved and result.seal is Seal.TRUSTED
    assert result.lines()[-1] == f"✓ signé par Centre de Rennes ({result.fingerprint}), clé de confiance."
    assert "TRI-07" in result.lines()[1]


def test_a_stranger_s_report_is_intact_and_not_proved(signed: Path, jury: Keyring) -> None:
    result = verify(signed, jury)
    assert (result.intact, result.proved, result.seal) == (True, False, Seal.UNKNOWN)
    said = "\n".join(result.lines())
    assert "✓ Rapport intact" in said and f"clé inconnue : {result.fingerprint}" in said


def test_trust_is_given_by_the_public_key_and_taken_back(signed: Path, centre: Keyring, jury: Keyring) -> None:
    public = read_public(centre.folder / "id_ed25519.pub")
    jury.trust(public)
    result = verify(signed, jury)
    assert result.proved and result.signer == "Centre de Rennes"
    assert jury.forget(result.fingerprint).name == "Centre de Rennes"
    assert verify(signed, jury).seal is Seal.UNKNOWN
    with pytest.raises(InputError, match="Aucune clé"):
        jury.forget(result.fingerprint)


def test_no_signature_is_told(written: Path, centre: Keyring) -> None:
    result = verify(written, centre)
    assert (result.intact, result.proved, result.seal) == (True, False, Seal.MISSING)
    assert "non signé" in result.lines()[-1]


def test_a_change_is_found_and_the_signature_still_holds(signed: Path, centre: Keyring) -> None:
    (signed / "rapport.html").write_text("autre")
    result = verify(signed, centre)
    assert (result.intact, result.proved, result.seal) == (False, False, Seal.TRUSTED)
    assert result.altered == ("rapport.html",)


@pytest.mark.parametrize("spoil", ["list", "octet", "cut", "text", "empty", "other"])
def test_a_wrong_signature_is_told(signed: Path, centre: Keyring, spoil: str) -> None:
    path = signed / SIGNATURE
    good = path.read_bytes()
    if spoil == "list":
        lines = (signed / SUMS).read_text().splitlines(keepends=True)
        (signed / SUMS).write_text("".join(lines[1:]))
    elif spoil == "octet":
        middle = len(good) // 2
        path.write_bytes(good[:middle] + (b"A" if good[middle : middle + 1] != b"A" else b"B") + good[middle + 1 :])
    elif spoil == "cut":
        path.write_bytes(good.replace(good.splitlines()[2] + b"\n", b""))
    elif spoil == "other":
        path.write_bytes(sshsig.sign(Ed25519PrivateKey.generate(), b"another list"))
    else:
        path.write_bytes(b"" if spoil == "empty" else "é\n".encode())
    result = verify(signed, centre)
    assert result.seal is Seal.WRONG and not result.intact
    assert "signature fausse" in result.lines()[-1]
    assert "Centre de Rennes" not in "\n".join(result.lines())


def test_a_whole_report_written_anew_by_another_is_a_stranger_s(signed: Path, centre: Keyring, tmp_path: Path) -> None:
    forger = Keyring(tmp_path / "faussaire").create("Centre de Rennes")  # the name proves nothing
    (signed / SIGNATURE).write_bytes(forger.sign((signed / SUMS).read_bytes()))
    result = verify(signed, centre)
    assert (result.seal, result.signer) == (Seal.UNKNOWN, "")


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is not installed")
def test_ssh_keygen_agrees(signed: Path, centre: Keyring) -> None:
    public = read_public(centre.folder / "id_ed25519.pub")
    allowed = centre.folder / "allowed_signers"
    allowed.write_text(f"centre {public.line()}\n")

    def check(message: bytes) -> subprocess.CompletedProcess[bytes]:
        argv = ["ssh-keygen", "-Y", "verify", "-f", str(allowed), "-I", "centre", "-n", sshsig.NAMESPACE]
        return subprocess.run([*argv, "-s", str(signed / SIGNATURE)], input=message, capture_output=True, timeout=30)

    message = (signed / SUMS).read_bytes()
    good = check(message)
    assert good.returncode == 0, good.stderr
    assert public.fingerprint.encode() in good.stdout
    assert check(message + b"x").returncode != 0


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is not installed")
def test_a_signature_of_ssh_keygen_is_read(signed: Path, centre: Keyring) -> None:
    (signed / SIGNATURE).unlink()
    argv = ["ssh-keygen", "-q", "-Y", "sign", "-f", str(centre.private_path), "-n", sshsig.NAMESPACE, SUMS]
    subprocess.run(argv, cwd=signed, check=True, timeout=30, capture_output=True)
    assert verify(signed, centre).proved
    (signed / SIGNATURE).unlink()
    subprocess.run([*argv[:-2], "file", SUMS], cwd=signed, check=True, timeout=30, capture_output=True)
    assert verify(signed, centre).seal is Seal.WRONG  # another namespace: signed for another purpose


def test_a_key_is_private_and_never_overwritten(centre: Keyring) -> None:
    before = centre.private_path.read_bytes()
    assert centre.private_path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(StateError, match="existe déjà"):
        centre.create("Autre")
    assert centre.private_path.read_bytes() == before
    assert {path.name for path in centre.folder.iterdir()} == {"id_ed25519", "id_ed25519.pub"}


def test_a_replaced_key_is_put_aside_and_its_reports_stay_good(signed: Path, centre: Keyring) -> None:
    before = centre.private_path.read_bytes()
    centre.create("Centre de Rennes 2027", replace=True)
    assert verify(signed, centre).signer == "Centre de Rennes"
    aside = [path for path in centre.folder.glob("id_ed25519.*Z")]
    assert [path.read_bytes() for path in aside] == [before]
    fresh = centre.signer()
    assert fresh is not None and fresh.public.name == "Centre de Rennes 2027"


def test_two_gradings_at_once_make_one_key(tmp_path: Path) -> None:
    keyring = Keyring(tmp_path / "k")

    def make(name: str) -> bool:
        try:
            keyring.create(name)
        except StateError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(make, "abcdefgh")) == 1
    signer = keyring.signer()
    assert signer is not None
    assert read_public(keyring.folder / "id_ed25519.pub").key == signer.public.key


def test_a_key_that_others_read_is_refused(centre: Keyring) -> None:
    centre.private_path.chmod(0o640)
    with pytest.raises(HostError, match="lisible par d'autres"):
        centre.signer()
    leaked = read_public(centre.folder / "id_ed25519.pub").key
    centre.create("Neuve", replace=True)
    assert centre.known(leaked) is None


def test_what_is_no_key_is_refused(centre: Keyring, tmp_path: Path) -> None:
    with pytest.raises(FileError, match="clé privée"):
        read_public(centre.private_path)
    with pytest.raises(FileError, match="lecture impossible"):
        read_public(tmp_path / "absent.pub")
    other = tmp_path / "rsa.pub"
    for text in ("", "bonjour", "ssh-ed25519 AAAA", "é", "ssh-rsa AAAAB3NzaC1yc2E= x"):
        other.write_text(text)
        with pytest.raises(FileError, match=r"rsa\.pub"):
            read_public(other)
    line = (centre.folder / "id_ed25519.pub").read_text()
    other.write_text(line + line)
    with pytest.raises(FileError):
        read_public(other)
    centre.private_path.write_text("x")
    with pytest.raises(FileError, match="OpenSSH"):
        centre.signer()


@pytest.mark.parametrize("name", ["a" * 81, "a\x1b[31m", "a\u202eb"])
def test_a_name_is_one_plain_line(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="une ligne"):
        Keyring(tmp_path / "k").create(name)
    assert not (tmp_path / "k").exists()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("x")
    with pytest.raises(HostError, match="TRILAB_CONFIG"):
        Keyring(tmp_path / "f" / "k").create("x")
