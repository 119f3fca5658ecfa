"""The keys under which secrets are stored: AES-256-GCM, each text bound to its place."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from pathlib import Path
from uuid import uuid4

from jupyter_mlrun.errors import MLRunInvalidArgumentError, MLRunServiceUnavailableError
from jupyter_mlrun_runtimes.local import write_private

VARIABLE = "JUPYTER_MLRUN_SECRETS_KEY"
FORM = "1"
NONCE = 12


class Keyring:
    """Seals texts with the first key, opens them with any.

    The keys come from ``$JUPYTER_MLRUN_SECRETS_KEY`` (newest first, separated by commas), else
    from a file that is made when the first secret is stored and that only its owner reads.
    """

    def __init__(self, file: Path, given: str | None = None) -> None:
        self.file = file
        self.given = os.environ.get(VARIABLE, "") if given is None else given
        self._keys: dict[str, bytes] = {}
        self._read()

    def seal(self, text: str, place: str) -> str:
        """The text, readable only with the key and only as the secret of this place."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        if not self._keys:
            self._make()
        name, key = next(iter(self._keys.items()))
        nonce = os.urandom(NONCE)
        sealed = AESGCM(key).encrypt(nonce, text.encode("utf-8", "surrogatepass"), place.encode())
        return f"{FORM}:{name}:{base64.b64encode(nonce + sealed).decode()}"

    def unseal(self, sealed: str, place: str) -> str:
        """The text again; refused where no key fits, or where it was moved or changed."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        _, name, body = sealed.split(":", 2)
        raw = base64.b64decode(body)
        try:
            text = AESGCM(self._key(name)).decrypt(raw[:NONCE], raw[NONCE:], place.encode())
        except InvalidTag:
            raise MLRunServiceUnavailableError(
                f"The secret {place} was changed in the store and cannot be opened: store it again"
            ) from None
        return text.decode("utf-8", "surrogatepass")

    @property
    def newest(self) -> str:
        """The name of the key that seals; empty where there is none yet."""
        return next(iter(self._keys), "")

    def add_key(self) -> None:
        """Put a new key before the others in the file; keys of the environment are its owner's."""
        if self.given:
            raise MLRunInvalidArgumentError(
                f"The keys come from {VARIABLE}: put the new key before the old one there, start "
                "the service again, and rotate then with --keep-key"
            )
        self._write([new_key(), *self._texts()])

    def drop_old_keys(self) -> None:
        """Keep the newest key alone."""
        if not self.given:
            self._write(self._texts()[:1])

    def _key(self, name: str) -> bytes:
        if name not in self._keys:
            self._read()  # another process may have rotated
        if name not in self._keys:
            where = f"${VARIABLE}" if self.given else str(self.file)
            raise MLRunServiceUnavailableError(
                f"The secrets were stored with a key ({name}) that {where} does not hold: give "
                "the old key back, or delete the secrets and store them again"
            )
        return self._keys[name]

    def _texts(self) -> list[str]:
        if self.given:
            return [text.strip() for text in self.given.split(",") if text.strip()]
        try:
            if self.file.stat().st_mode & 0o077:
                os.chmod(self.file, 0o600)
            return self.file.read_text().split()
        except FileNotFoundError:
            return []

    def _read(self) -> None:
        self._keys = {_name(key): key for key in map(_parse, self._texts())}

    def _make(self) -> None:
        draft = self.file.with_name(f".{self.file.name}.{uuid4().hex}.new")
        write_private(draft, new_key() + "\n")
        try:
            # two servers may be at this at once: the first one's key is everybody's
            os.link(draft, self.file)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
        self._read()

    def _write(self, texts: list[str]) -> None:
        write_private(self.file, "\n".join(texts) + "\n")
        self._read()


def new_key() -> str:
    """A key as text."""
    return base64.urlsafe_b64encode(os.urandom(32)).decode()


def _parse(text: str) -> bytes:
    try:
        key = base64.urlsafe_b64decode(text)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != 32:
        raise MLRunInvalidArgumentError(
            "A key of secrets is 32 bytes in base64, such as `jupyter mlrun secrets new-key` prints"
        )
    return key


def _name(key: bytes) -> str:
    return hashlib.sha256(key).hexdigest()[:8]
