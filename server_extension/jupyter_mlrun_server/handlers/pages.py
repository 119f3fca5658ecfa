"""Lists in pages: what is asked for, the page itself, and the token of the next.

A token holds the question and where its next page begins. It belongs to one user, one list and
one project, and to one hour; whoever sends another's begins again at page 1.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import json
import time
from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy.engine import Connection

from jupyter_mlrun.errors import MLRunInvalidArgumentError, MLRunNotFoundError
from jupyter_mlrun.model.document import dumps

from ..store.query import Page, Scope, pieces, rebuilt
from .base import Handler

LARGEST = 1_000_000
USUAL = 200
SECONDS = 3600


class Asked(Protocol):
    """A filter that knows how much of the list is wanted."""

    limit: int | None
    skip: int


F = TypeVar("F", bound=Asked)


@dataclasses.dataclass
class Question(Generic[F]):
    """A list that somebody asks for, or a page of it."""

    user: str
    list: str
    project: str
    asked: F
    page: int | None = None
    size: int | None = None

    def token(self, last: tuple[Any, ...]) -> str:
        """What the page after the last entry is asked for with."""
        following = dataclasses.replace(self.asked, after=last)  # type: ignore[type-var]
        state = {
            "user": self.user, "list": self.list, "project": self.project,
            "filter": dataclasses.asdict(following),  # type: ignore[call-overload]
            "page": (self.page or 1) + 1, "size": self.size, "until": int(time.time()) + SECONDS,
        }  # fmt: skip
        return base64.urlsafe_b64encode(dumps(state).encode()).decode().rstrip("=")


def question(
    handler: Handler, name: str, project: str, kind: type[F], ask: Callable[[], F]
) -> Question[F]:
    """What the request asks for: the page of its token, else what its query says."""
    user = _user(handler)
    if token := handler.query.text("page-token"):
        return _resumed(_decoded(token), Question(user, name, project, kind()), kind)
    size, page = handler.query.whole("page-size", low=1), handler.query.whole("page", low=1)
    if size is None and page is not None:
        size = USUAL
    if size is not None and size > LARGEST:
        raise MLRunInvalidArgumentError(f"page-size {size} is more than {LARGEST}")
    asked = ask()
    if size is None:
        return Question(user, name, project, asked)
    asked.limit, asked.skip = size, ((page or 1) - 1) * size
    return Question(user, name, project, asked, page or 1, size)


async def answer(
    handler: Handler, key: str, about: Question[F], select: Callable[[Connection, Scope, F], Page]
) -> None:
    """The page as MLRun's client reads it, put together in the thread that has read it.

    Of all projects together everybody sees those that they may read.
    """
    readable = await handler.readable() if about.project == "*" else None
    scope: Scope = about.project if readable is None else readable

    def read(connection: Connection) -> list[bytes]:
        page = select(connection, scope, about.asked)
        full = about.size is not None and len(page.documents) == about.size
        token = about.token(page.last) if full and page.last else None
        told = dumps({"page": about.page, "page-size": about.size, "page-token": token})
        return pieces(f'{{"{key}":', page.documents, f',"pagination":{told}}}')

    await handler.answer_pieces(await handler.service.read(read))


def _user(handler: Handler) -> str:
    """Who asks; whoever holds Jupyter's own token is its owner, under a new name each time."""
    if handler.known is None and handler.token_authenticated:
        return str(handler.service.place.owner)
    return handler.user


def _decoded(token: str) -> dict[str, Any]:
    try:
        value = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise MLRunNotFoundError(f"Page token {token!r:.60} is not one: begin again at page 1")
    return value


def _resumed(state: dict[str, Any], about: Question[F], kind: type[F]) -> Question[F]:
    if (state.get("user"), state.get("list")) != (about.user, about.list):
        raise MLRunNotFoundError("The page token is another user's or list's: begin at page 1")
    if state.get("project") != about.project:
        raise MLRunNotFoundError("The page token belongs to another project's list")
    try:
        if int(state["until"]) < time.time():
            raise MLRunNotFoundError("The page token has expired: begin again at page 1")
        about.asked = rebuilt(kind, state["filter"])
        about.page, about.size = int(state["page"]), int(state["size"])
    except (KeyError, TypeError, ValueError, OverflowError):
        raise MLRunNotFoundError("The page token is not one: begin again at page 1") from None
    return about
