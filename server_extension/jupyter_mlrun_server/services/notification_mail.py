"""Notifications by mail."""

from __future__ import annotations

import re
import smtplib
import socket
from collections.abc import Mapping
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Any

from jupyter_mlrun.errors import MLRunInvalidArgumentError, MLRunServiceUnavailableError

from .notification_message import Message, required
from .notification_text import html
from .outgoing import Deadline, Door, tls

PORT = 587
SECONDS = 20.0
# a whole session, however slowly the server talks
LONGEST = 60.0
FLAGS = ("use_tls", "start_tls", "validate_certs")
USUAL = {"use_tls": True, "start_tls": False, "validate_certs": True, "server_port": PORT}
CREDENTIALS = ("username", "password")
_ADDRESS = re.compile(r"[^@\s<>,;:\"\\]{1,64}@[A-Za-z0-9]([A-Za-z0-9.-]{0,250})")
_RUNS = re.compile(r"\{\{\s*runs\s*\}\}")


class Mail:
    """A mail by an SMTP server: the notification's own, else the administrator's."""

    def __init__(self) -> None:
        self.defaults: dict[str, Any] = {}

    def check(self, params: Mapping[str, Any]) -> None:
        """A server, a sender and recipients."""
        self._check_borrowed(params)
        found = self._whole(params)
        required("mail", found, "server_host", "server_port", "sender_address", "email_addresses")
        for flag in FLAGS:
            if not isinstance(found[flag], bool):
                raise MLRunInvalidArgumentError(
                    f"Parameter '{flag}' must be a boolean for mail notifications"
                )
        if found.get("password") and not found.get("username"):
            raise MLRunInvalidArgumentError(
                "Parameter 'username' is required when 'password' is provided for mail "
                "notifications"
            )
        for address in (found["sender_address"], *found["email_addresses"]):
            if not isinstance(address, str) or not _ADDRESS.fullmatch(address):
                raise MLRunInvalidArgumentError(f"Invalid email address '{address!s:.100}'")

    def send(self, message: Message, params: Mapping[str, Any], door: Door) -> None:
        """Tell it."""
        found = self._whole(params)
        self.check(params)
        page = html(message)
        if own := found.get("message_body_override"):
            page = _RUNS.sub(lambda _: page, str(own))
        mail = EmailMessage()
        mail["From"], mail["To"] = found["sender_address"], ", ".join(found["email_addresses"])
        subject = f"[{message.severity}] {message.text}".splitlines()[0]
        mail["Subject"], mail["Date"] = subject.strip()[:200], formatdate()
        mail["Message-ID"] = make_msgid(domain=found["sender_address"].rpartition("@")[2])
        mail.set_content(f"{message.text}\n{message.summary}\n{message.url}")
        mail.add_alternative(page, subtype="html")
        try:
            with Deadline(LONGEST) as deadline:
                self._deliver(mail, found, door, deadline)
        except (smtplib.SMTPException, OSError) as error:
            said = f"it took longer than {LONGEST:g} s" if deadline.passed else error
            raise MLRunServiceUnavailableError(
                f"The mail server {found['server_host']} did not take the mail: {said}"
            ) from None

    def _deliver(
        self, mail: EmailMessage, found: Mapping[str, Any], door: Door, deadline: Deadline
    ) -> None:
        host, port = str(found["server_host"]), int(found["server_port"])
        # the administrator's own server may stand in the private network
        made = (
            socket.create_connection((host, port), SECONDS)
            if host == self.defaults.get("server_host") and port == self._port()
            else door.connect(host, port, SECONDS)
        )
        deadline.watch(made)
        context = tls(found["validate_certs"])
        if found["use_tls"]:
            made = context.wrap_socket(made, server_hostname=host)
        with _Session(host, made) as session:
            if found["start_tls"]:
                session.starttls(context=context)
            if found.get("username"):
                session.login(str(found["username"]), str(found.get("password") or ""))
            session.send_message(mail)

    def _check_borrowed(self, params: Mapping[str, Any]) -> None:
        """Nothing, where the administrator's credentials go their usual way, or do not go."""
        defaults = self._inherited(params)
        if not any(defaults.get(name) for name in CREDENTIALS):
            return
        usual = USUAL | defaults
        for name in (*USUAL, "sender_address"):
            if name in params and str(params[name]) != str(usual.get(name, params[name])):
                raise MLRunInvalidArgumentError(
                    f"Parameter '{name}' cannot be changed for a mail that is sent with the "
                    "administrator's credentials: leave it out, or give 'username' and 'password' "
                    "of your own"
                )

    def _port(self) -> int:
        return int(self.defaults.get("server_port", PORT))

    def _whole(self, params: Mapping[str, Any]) -> dict[str, Any]:
        found = {**USUAL, **self._inherited(params), **params}
        more = found.pop("default_email_addresses", None)
        found["email_addresses"] = _addresses(params.get("email_addresses")) + _addresses(more)
        return found

    def _inherited(self, params: Mapping[str, Any]) -> dict[str, Any]:
        host = self.defaults.get("server_host")
        if "server_host" in params and params["server_host"] != host:
            # credentials of one server are not for another
            return {}
        if any(name in params for name in CREDENTIALS):
            return {key: item for key, item in self.defaults.items() if key not in CREDENTIALS}
        return dict(self.defaults)


class _Session(smtplib.SMTP):
    """A session over a connection that is there already."""

    def __init__(self, host: str, made: socket.socket) -> None:
        self._made = made
        super().__init__(host, PORT, timeout=SECONDS)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return self._made


def _addresses(given: Any) -> list[Any]:
    if isinstance(given, str):
        return [part.strip() for part in given.split(",") if part.strip()]
    return list(given) if isinstance(given, list) else []
