"""The edge: who may do what, JSON in, documents out, every refusal as ``{"detail": …}``."""

from __future__ import annotations

import asyncio
import errno
import functools
import json
import re
from collections.abc import Callable, Coroutine, Sequence
from http.client import responses
from typing import Any

from jupyter_core.utils import ensure_async
from jupyter_server.auth import User
from jupyter_server.base.call_context import CallContext
from jupyter_server.base.handlers import APIHandler, JupyterHandler
from jupyter_server.extension.handler import ExtensionHandlerMixin
from sqlalchemy.engine import Connection
from tornado import web
from tornado.iostream import StreamClosedError

from jupyter_mlrun.errors import (
    MLRunAccessDeniedError,
    MLRunHTTPError,
    MLRunInvalidArgumentError,
    MLRunServiceUnavailableError,
)
from jupyter_mlrun.masking import Masker
from jupyter_mlrun.model.document import dumps

from ..services.access import Identity, Wish, check
from ..services.secrets import conceal
from ..services.service import Service
from ..services.uploads import SENT, at_home
from ..store.tokens import RUN, Grant, is_ours
from .arguments import Arguments
from .clients import VERSION_HEADER, client_of, take_session, version_for

JSON = "application/json"
LARGE = 1 << 20
_SENT = SENT.encode()
_HALF = re.compile(rb"\\u[dD][89a-fA-F]")
# they bring no document along in which a secret could stand
_EMPTY_HANDED = ("GET", "HEAD", "OPTIONS", "DELETE")
VERBS = {"GET": "read", "HEAD": "read", "DELETE": "write"}

Door = Callable[..., Coroutine[Any, Any, Any]]
Method = Callable[..., Coroutine[Any, Any, None]]

# What a run's own token opens: nothing, what belongs to its project, or what belongs to itself.
NOTHING, PROJECT, OWN, SERVICE = "nothing", "project", "own", "service"
# Whose role is asked where the path names no project: the verb shows those that the sender may
# read, it asks itself once it knows the project, everybody may, administrators of the service
# alone may, or nobody is asked at all in a service that stands alone.
EACH, BODY, ANYBODY, ADMINS, OPEN = "each", "body", "anybody", "admins", "open"


def guarded(
    resource: str, run: str = NOTHING, action: str | None = None, where: str = ""
) -> Callable[[Method], Method]:
    """A verb that asks who is there and whether they may; errors become answers.

    ``run`` says how far a run's own token opens the verb: for its project's ``project`` argument,
    only with its own ``uid`` too, or not at all. ``where`` says whose role is asked where the path
    names no project, or all of them (``*``); without it nobody's will do.
    """

    def decorate(method: Method) -> Method:
        @functools.wraps(method)
        async def checked(self: Handler, *args: Any, **kwargs: Any) -> None:
            try:
                await self.admit(action, resource, run, kwargs, where)
                if where != OPEN:
                    self.set_header(VERSION_HEADER, version_for(client_of(self.request)))
                await self.know_secrets(resource, kwargs.get("project"))
                await self.read_large()
                await method(self, *args, **kwargs)
            except MLRunHTTPError as error:
                self.refuse(error)
            except StreamClosedError:
                return  # whoever asked has gone
            except OSError as error:
                if error.errno == errno.ENAMETOOLONG:
                    self.refuse(MLRunInvalidArgumentError("A name in the address is too long"))
                    return
                if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                    raise
                self.refuse(
                    MLRunServiceUnavailableError(
                        f"The disk that holds {self.service.place.root} is full: free some space "
                        "and try again"
                    )
                )
            except RecursionError:
                self.refuse(MLRunInvalidArgumentError("The document is nested too deeply"))
            except OverflowError as error:
                self.refuse(MLRunInvalidArgumentError(f"A number is too large: {error}"))

        # what jupyter_server looks for to know that the verb is not open to everybody
        checked.__dict__["__allow_unauthenticated"] = False
        checked.__dict__["jupyter_mlrun_guard"] = (resource, run)
        checked.__dict__["jupyter_mlrun_role"] = (action, where)
        return checked

    return decorate


class Admission(ExtensionHandlerMixin, JupyterHandler):
    """Who sends the request: a token of ours, else whoever Jupyter's identity provider knows."""

    grant: Grant | None = None
    known: Identity | None = None
    masker: Masker | None = None
    resource = ""
    token_header = ""
    """Another header that may hold the token, as another protocol has it"""

    @property
    def identity(self) -> Identity:
        """The sender, as authorizers know people."""
        return self.known or Identity(self.user)

    @property
    def user(self) -> str:
        """The name of the sender: who owns what this request makes.

        Inside a Jupyter server all who are admitted are its one user.
        """
        return self.known.name if self.known else self.service.place.owner

    @property
    def founder(self) -> str:
        """Who owns a project that this request makes; empty where roles are not kept."""
        return self.user if self.service.authorizer.enforced and self.grant is None else ""

    async def know_secrets(self, resource: str, project: str | None) -> None:
        """Have the mask at hand for what the request writes into a project."""
        if project in (None, "*") or resource == "secrets" or self.request.method in _EMPTY_HANDED:
            return
        secrets = self.service.secrets
        known = secrets.known_masker(str(project))
        if known is None:
            known = await self.service.threads.call(secrets.masker, str(project))
        self.masker = known

    @property
    def service(self) -> Service:
        """The service that this server extension holds."""
        app: Any = self.extensionapp
        service: Service = app.service
        return service

    async def identify(self) -> bool:
        """Whether the request carries a token of ours; one that opens nothing is refused."""
        take_session(self.request)
        text = self._given_token()
        book, identities = self.service.tokens, self.service.identities
        if identities is None and not is_ours(text):
            return False
        CallContext.set(CallContext.JUPYTER_HANDLER, self)
        name: str | None = self.service.place.owner
        if identities is None or text.startswith(RUN):
            self.grant = book.remembered(text) or await self.service.threads.call(book.find, text)
        else:
            self.known = await identities.of(text)
            name = self.known.name if self.known else None
        self.current_user = self._jupyter_current_user = User(name) if name else None
        self._token_authenticated = True
        return True

    def _given_token(self) -> str:
        headers = self.request.headers
        if self.token_header and (key := headers.get(self.token_header, "")):
            return key
        scheme, _, text = headers.get("Authorization", "").partition(" ")
        return text.strip() if scheme.lower() in ("bearer", "token") else ""

    async def admit(
        self, action: str | None, resource: str, run: str, path: dict[str, str], where: str = ""
    ) -> None:
        """Nothing, where the sender may do this; else a refusal."""
        if where == OPEN and self.service.identities is not None:
            return
        if self.current_user is None:
            raise MLRunAccessDeniedError(
                "The request is not authenticated: log in, or send a token as "
                "'Authorization: Bearer <token>'"
            )
        self.resource = resource
        verb = action or VERBS.get(self.request.method or "", "write")
        if self.grant is not None:
            _check_grant(self.grant, verb, resource, run, path)
            return
        allowed = self.authorizer.is_authorized(self, self.current_user, verb, f"mlrun.{resource}")
        if not await ensure_async(allowed):
            raise MLRunAccessDeniedError(f"The user may not {verb} mlrun.{resource}")
        project = path.get("project", "")
        if project not in ("", "*"):
            await self.require_role(project, verb)
        elif self.service.authorizer.enforced:
            _check_where(self.identity, where, verb, resource)

    async def require_role(self, project: str, action: str) -> None:
        """Nothing, where the sender's role in a project is high enough for this; else a refusal."""
        service = self.service
        if self.grant is None and service.authorizer.enforced:
            wish = Wish(action, self.resource, project, self.request.method or "")
            await service.threads.call(
                check, service.authorizer, service.database, self.identity, wish
            )

    async def scope(self, project: str) -> str | frozenset[str]:
        """The project asked for, which the sender must be able to read; for ``*`` those it can."""
        if project in ("", "*"):
            readable = await self.readable()
            return "*" if readable is None else readable
        await self.require_role(project, "read")
        return project

    async def readable(self) -> frozenset[str] | None:
        """The projects that the sender may read; None for all."""
        if self.grant is not None:
            return None if self.grant.kind == "kernel" else frozenset([self.grant.project])
        authorizer = self.service.authorizer
        if not authorizer.enforced:
            return None
        return await self.service.threads.call(authorizer.readable, self.identity)

    def check_xsrf_cookie(self) -> None:
        """Checked for cookies only: a token of ours cannot be sent by another site."""
        if self.grant is None:
            super().check_xsrf_cookie()

    def check_origin(self, origin_to_satisfy_tornado: str = "") -> bool:
        """Checked as Jupyter does, but not for a token of ours."""
        return self.grant is not None or bool(super().check_origin(origin_to_satisfy_tornado))

    async def read_large(self) -> None:
        """Nothing: a socket has no body."""

    def refuse(self, error: MLRunHTTPError) -> None:
        """The error as MLRun's clients read it; an answer that has begun is broken off."""
        if self._headers_written:
            self.log.warning("%s %s broke off: %s", self.request.method, self.request.path, error)
            connection: Any = self.request.connection
            connection.close()
            return
        given = error.args[0] if error.args else None
        detail = given if isinstance(given, list | dict) else str(error)
        self.set_status(error.status_code)
        self.set_header("Content-Type", JSON)
        self.finish(dumps({"detail": detail}))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Every other error in the same shape; a fault of ours says no more than that."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        detail = responses.get(status_code, "Unknown error")
        if isinstance(error, web.HTTPError):
            detail = error.reason or error.log_message or detail
        elif status_code >= 500:
            detail = f"The service failed ({type(error).__name__}): see the Jupyter server's log"
        self.set_header("Content-Type", JSON)
        self.finish(dumps({"detail": detail}))


class Handler(Admission, APIHandler):
    """A resource of the REST service."""

    auth_resource = "mlrun"
    takes_bytes = False
    _parsed: tuple[Any] | None = None

    async def prepare(self) -> None:  # type: ignore[override]
        """Know the sender; a token of ours needs no cookie, no XSRF header and no origin."""
        try:
            ours = await self.identify()
        except MLRunHTTPError as error:
            self.refuse(error)
            return
        if ours:
            if not self.check_host():
                raise web.HTTPError(403)
            self.set_cors_headers()
        else:
            await super().prepare()

    @property
    def query(self) -> Arguments:
        """The request's query."""
        return Arguments(self)

    async def read_large(self) -> None:
        """Nothing for bodies as usual; a body of megabytes is parsed in a thread."""
        if len(self.request.body) > LARGE and not self.takes_bytes:
            self._parsed = (await self.service.threads.slow(self._parse),)

    def body(self) -> dict[str, Any]:
        """The body as a JSON object; no content type is asked for."""
        value = self.body_or_none()
        if not isinstance(value, dict):
            raise MLRunInvalidArgumentError(f"The body must be a JSON object, not {value!r:.80}")
        return value

    def body_or_none(self) -> Any:
        """The body as JSON; None where it is empty or ``null``."""
        return self._parsed[0] if self._parsed else self._parse()

    def _parse(self) -> Any:
        if not self.request.body.strip():
            return None
        try:
            value = json.loads(self.request.body)
        except (ValueError, RecursionError) as error:
            raise MLRunInvalidArgumentError(f"bad JSON body: {error}") from None
        if _HALF.search(self.request.body):
            value = _whole_characters(value)
        if self.grant is not None and self.grant.kind == "run" and _SENT in self.request.body:
            value = at_home(self.service.place, self.grant.project, self.grant.uid, value)
        return conceal(self.masker, value) if self.masker else value

    def answer(self, document: Any, status: int = 200) -> None:
        """A document as strict JSON."""
        self.answer_text(dumps(document), status)

    async def answer_from(
        self, door: Door, function: Callable[..., Any], *arguments: Any, status: int = 200
    ) -> None:
        """What a function of the store gives through a door of the service; JSON made there."""

        def call(connection: Connection) -> bytes:
            return dumps(function(connection, *arguments)).encode()

        self.answer_text(await door(call), status)

    def answer_text(self, text: str | bytes, status: int = 200) -> None:
        """Text that is JSON already; a long one comes as bytes from the thread that made it."""
        self.set_status(status)
        self.finish(text)

    async def answer_pieces(self, pieces: Sequence[bytes]) -> None:
        """Pieces of a text that is JSON already; other requests have their turn between them."""
        if len(pieces) == 1:
            self.answer_text(pieces[0])
            return
        self.set_header("Content-Type", JSON)
        self.set_header("Content-Length", str(sum(map(len, pieces))))
        for piece in pieces:
            self.write(piece)
            await self.flush()
            await asyncio.sleep(0)
        self.finish()

    def answer_nothing(self, status: int = 204) -> asyncio.Future[Any]:
        """No body; what comes of it tells, where somebody waits, that it was sent."""
        self.set_status(status)
        return self.finish(**({"set_content_type": JSON} if status != 204 else {}))

    def compute_etag(self) -> None:
        """None: hashing every answer would cost more than it saves."""
        return None


def _whole_characters(value: Any) -> Any:
    """The value with the replacement character for halves of characters, which no text can hold."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {_whole_characters(key): _whole_characters(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_whole_characters(item) for item in value]
    return value


def _check_where(who: Identity, where: str, action: str, resource: str) -> None:
    if where in (EACH, BODY, ANYBODY, OPEN) or who.admin:
        return
    raise MLRunAccessDeniedError(
        f"{who.name} may not {action} {resource} of the whole service: its administrators may"
    )


def _check_grant(grant: Grant, action: str, resource: str, run: str, where: dict[str, str]) -> None:
    if grant.kind == "kernel" or run == SERVICE:
        return
    same_project = where.get("project") == grant.project
    if run == PROJECT and same_project:
        return
    if run == OWN and same_project and where.get("uid") == grant.uid:
        return
    raise MLRunAccessDeniedError(
        f"The token of run {grant.uid} may not {action} this ({resource}): it opens its own run, "
        f"and reads project {grant.project}"
    )
