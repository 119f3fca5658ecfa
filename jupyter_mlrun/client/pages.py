"""One page of a list, and how the next one is asked for."""

from __future__ import annotations

import copy
from typing import Any, Protocol

from .transport import Client

SIZE = 200


class _Caller(Protocol):
    client: Client


class Paging(Client):
    """A connection whose next list is one page; afterwards it is like any other."""

    def __init__(
        self,
        client: Client,
        page: int | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
    ) -> None:
        super().__init__(client.address, client.own, client.follows)
        asked = {"page": page, "page-size": page_size, "page-token": page_token}
        self._asked: dict[str, Any] | None = {k: v for k, v in asked.items() if v is not None}
        self.token: str | None = None

    def json(self, method: str, path: str, *args: Any, **kwargs: Any) -> Any:
        """The answer's JSON; of the first list only the page, whose successor is ``token``."""
        if method != "GET" or self._asked is None:
            return super().json(method, path, *args, **kwargs)
        params, *rest = args or (kwargs.pop("params", None),)
        asked, self._asked = self._asked, None
        if asked.get("page-token"):
            # the token stands for all that was asked at first
            params = {}
        answer = super().json(method, path, {**(params or {}), **asked}, *rest, **kwargs)
        self.token = (answer.get("pagination") or {}).get("page-token")
        return answer


def paged(
    caller: _Caller,
    name: str,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    page: int | None = None,
    page_size: int | None = None,
    page_token: str | None = None,
) -> tuple[Any, str | None]:
    """What a method lists, of one page alone, and the token of the next page; None after the last.

    A token stands for all that was asked at first.
    """
    if page_token is None:
        page, page_size = page or 1, page_size or SIZE
    other = copy.copy(caller)
    other.client = paging = Paging(caller.client, page, page_size, page_token)
    return getattr(other, name)(*args, **kwargs), paging.token
