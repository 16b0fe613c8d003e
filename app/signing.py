"""Ed25519 (RFC 8032): the key of this installation, made when it is first needed, and signatures with it.

Keys are kept as PEM, so that OpenSSL and everybody else reads them: the private one as PKCS #8 with mode 0600.
"""

from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from app.durable import write_secret
from measurements.errors import RasadError

OF_OTHERS = 0o077


class UnusableKey(RasadError):
    """A key file cannot be made or read, is no Ed25519 key, or can be read by others."""


class PublicKey:
    """Tells what was signed by its private key."""

    def __init__(self, key: Ed25519PublicKey) -> None:
        self._key = key

    @property
    def digits(self) -> str:
        """Its 32 bytes in hexadecimal digits."""
        return self._key.public_bytes_raw().hex()

    @property
    def pem(self) -> str:
        """As OpenSSL reads it."""
        return self._key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    def has_signed(self, message: bytes, signature: bytes) -> bool:
        """Whether a signature is this key's, of this message."""
        try:
            self._key.verify(signature, message)
        except InvalidSignature:
            return False
        return True


class PrivateKey:
    """Signs."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    @property
    def public(self) -> PublicKey:
        """The key that tells what this one has signed."""
        return PublicKey(self._key.public_key())

    def sign(self, message: bytes) -> bytes:
        """The signature, 64 bytes."""
        return self._key.sign(message)


def load_or_make_key(path: Path) -> PrivateKey:
    """The private key in a file; made, with its folder, where there is none yet. Raises `UnusableKey`."""
    try:
        if not path.exists():
            write_secret(path, _pem(Ed25519PrivateKey.generate()))
        if path.stat().st_mode & OF_OTHERS:
            raise UnusableKey(
                f"{path} may be read by others than its owner: chmod 600 it, and think of who has read it"
            )
        key = load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise UnusableKey(f"{path}: {error.strerror}") from error
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise UnusableKey(f"{path} is no private key in PEM without a password") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise UnusableKey(f"{path} is no Ed25519 key")
    return PrivateKey(key)


def load_public_key(path: Path) -> PublicKey:
    """The public key in a file, as `rasad audit key` prints it. Raises `UnusableKey`."""
    try:
        key = load_pem_public_key(path.read_bytes())
    except OSError as error:
        raise UnusableKey(f"{path}: {error.strerror}") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise UnusableKey(f"{path} is no public key in PEM") from error
    if not isinstance(key, Ed25519PublicKey):
        raise UnusableKey(f"{path} is no Ed25519 key")
    return PublicKey(key)


def _pem(key: Ed25519PrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
