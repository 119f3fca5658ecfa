"""The keys with which this user's Dask clusters and their clients know each other.

Who can talk to a scheduler can run code as the user who started it, and on a machine of several
users its port is open to all of them: so it speaks TLS with a certificate of its own authority.
"""

from __future__ import annotations

import datetime
import os
from pathlib import Path

from filelock import FileLock

from .local import write_private_bytes

_YEARS = 10
_NAMES = ("ca", "cert", "key")


def make_keys(folder: Path) -> None:
    """Make them where they are not there; readable by this user alone."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.chmod(folder, 0o700)
    with FileLock(folder / "lock"):
        if all((folder / f"{name}.pem").exists() for name in _NAMES):
            return
        certificate, key = _self_signed()
        write_private_bytes(folder / "key.pem", key)
        write_private_bytes(folder / "cert.pem", certificate)
        # each is its own authority: whoever has the key is this user
        write_private_bytes(folder / "ca.pem", certificate)


def _self_signed() -> tuple[bytes, bytes]:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "jupyter-mlrun dask")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=365 * _YEARS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return certificate.public_bytes(serialization.Encoding.PEM), private
