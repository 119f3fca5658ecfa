"""Inputs of a magic line as addresses that a run can read anywhere."""

from __future__ import annotations

from collections.abc import Iterable

from jupyter_mlrun.client.transport import Client
from jupyter_mlrun.datastore import inputs
from jupyter_mlrun.errors import (
    MLRunBadRequestError,
    MLRunInvalidArgumentError,
    MLRunNotFoundError,
)
from jupyter_mlrun.grammar.secrets import refuse_secret
from jupyter_mlrun.grammar.split import unquote
from jupyter_mlrun.grammar.values import check_name, split_pair


def parse_inputs(texts: Iterable[str]) -> dict[str, str]:
    """The names and addresses of ``-i``, as they were written."""
    found: dict[str, str] = {}
    for text in texts:
        name, address = split_pair("-i", text, "ADDRESS")
        address = unquote(address.strip())
        check_name("-i", name, found)
        if not address:
            raise MLRunInvalidArgumentError(f"-i {name}: give a path, an address or a key")
        refuse_secret("-i", name, address, named=False)
        found[name] = address
    return found


def resolve_input(client: Client, project: str, name: str, address: str, folder: str) -> str:
    """A path, URL, ``store://`` address, ``KEY[:TAG]`` or ``FUNCTION.KEY`` as a full address."""
    try:
        return inputs.resolve_input(client, project, address, folder)
    except (MLRunBadRequestError, MLRunNotFoundError) as error:
        raise type(error)(f"-i {name}={address}: {error}") from None
