"""Hand a request to the leading server, which alone starts and ends processes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jupyter_server.base.handlers import JupyterHandler
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest

from jupyter_mlrun.errors import MLRunServiceUnavailableError

WITH_BODY = ("POST", "PUT", "PATCH")


async def forward(handler: JupyterHandler, leader: Mapping[str, Any]) -> bool:
    """True, once the leader's answer is this request's answer."""
    path = below_mount(handler.request.uri or "", handler.base_url)
    method = handler.request.method or "POST"
    request = HTTPRequest(
        f"{leader['url']}{path}",
        method=method,
        # what has a body and what has none is the sender's affair
        body=handler.request.body or (b"" if method in WITH_BODY else None),
        allow_nonstandard_methods=True,
        headers={"Authorization": _authorization(handler, leader)},
        request_timeout=60,
    )
    try:
        answer = await AsyncHTTPClient().fetch(request, raise_error=False)
    except (OSError, HTTPClientError) as error:
        raise MLRunServiceUnavailableError(
            f"The server that starts runs does not answer ({error}): try again in a second"
        ) from None
    handler.set_status(answer.code)
    # an answer that is said to have no content may not have an empty one
    handler.finish(answer.body or None)
    return True


def below_mount(uri: str, base_url: str) -> str:
    """What of an address stands below the mount, whose name the base may hold too."""
    return uri.removeprefix(base_url.rstrip("/")).partition("/mlrun")[2]


def _authorization(handler: JupyterHandler, leader: Mapping[str, Any]) -> str:
    """The leader's own token; where a service stands alone the sender's, as it has none."""
    token = leader.get("token")
    return f"Bearer {token}" if token else handler.request.headers.get("Authorization", "")
