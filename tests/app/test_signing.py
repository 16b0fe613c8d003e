"""The key is made once, kept from others, and tells its own signatures from all else."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from app.signing import UnusableKey, load_or_make_key, load_public_key

MESSAGE = b"the audit trail"


def test_a_key_is_made_when_first_needed_and_is_the_same_ever_after(tmp_path: Path) -> None:
    """With its folder, and for its owner alone."""
    path = tmp_path / "audit" / "key.pem"

    made, again = load_or_make_key(path), load_or_make_key(path)

    assert made.public.pem == again.public.pem
    assert made.sign(MESSAGE) == again.sign(MESSAGE)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["key.pem"]


def test_of_many_processes_one_makes_it(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: load_or_make_key(tmp_path / "key.pem").public.digits, range(32)))

    assert len(keys) == 1


def test_a_signature_is_told_from_all_else(tmp_path: Path) -> None:
    ours, theirs = (load_or_make_key(tmp_path / name) for name in ("ours", "theirs"))
    signature = ours.sign(MESSAGE)

    assert ours.public.has_signed(MESSAGE, signature)
    assert not ours.public.has_signed(MESSAGE + b".", signature)
    assert not ours.public.has_signed(MESSAGE, theirs.sign(MESSAGE))
    assert not ours.public.has_signed(MESSAGE, b"")


def test_a_public_key_is_read_as_it_is_printed(tmp_path: Path) -> None:
    private = load_or_make_key(tmp_path / "key.pem")
    printed = tmp_path / "public.pem"
    printed.write_text(private.public.pem)

    assert load_public_key(printed).digits == private.public.digits
    assert load_public_key(printed).has_signed(MESSAGE, private.sign(MESSAGE))


def test_a_key_that_others_may_read_is_not_used(tmp_path: Path) -> None:
    """Nobody knows who has signed with it."""
    path = tmp_path / "key.pem"
    load_or_make_key(path)
    path.chmod(0o640)

    with pytest.raises(UnusableKey, match=r"key\.pem may be read by others .* chmod 600"):
        load_or_make_key(path)


OTHER = ec.generate_private_key(ec.SECP256R1())


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "no private key in PEM"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "no private key in PEM"),
        (OTHER.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), "no Ed25519 key"),
        (OTHER.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x")), "without a password"),
    ],
)
def test_what_is_no_key_of_ours_is_refused(tmp_path: Path, content: bytes, why: str) -> None:
    path = tmp_path / "key.pem"
    path.write_bytes(content)
    path.chmod(0o600)

    with pytest.raises(UnusableKey, match=why):
        load_or_make_key(path)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"nothing", "no public key in PEM"),
        (OTHER.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), "no Ed25519 key"),
    ],
)
def test_what_is_no_public_key_is_refused(tmp_path: Path, content: bytes, why: str) -> None:
    path = tmp_path / "public.pem"
    path.write_bytes(content)

    with pytest.raises(UnusableKey, match=why):
        load_public_key(path)


def test_a_file_that_cannot_be_read_or_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(UnusableKey, match=r"public\.pem: No such file"):
        load_public_key(tmp_path / "public.pem")
    with pytest.raises(UnusableKey, match="file/key: Not a directory"):
        load_or_make_key(tmp_path / "file" / "key")
    tmp_path.chmod(0o700)
    with pytest.raises(UnusableKey, match="Is a directory"):
        load_or_make_key(tmp_path)


def test_the_private_key_is_what_everybody_reads(tmp_path: Path) -> None:
    """PKCS #8 in PEM: who moves to another machine takes the file along."""
    private = load_or_make_key(tmp_path / "key.pem")

    read = load_pem_private_key((tmp_path / "key.pem").read_bytes(), password=None)

    assert (
        read.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode() == private.public.pem
    )
