"""The service itself under the method names of MLRun's ``get_run_db()``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Self

from ...errors import MLRunAccessDeniedError, MLRunBaseError
from .. import background_tasks
from ..answers import Answer, Reply
from ..arguments import document, plain, query, times, week_ago
from ..connected import Connected
from ..pages import SIZE
from ..transport import part

API = "api/v1"


class Requests(Connected):
    """Requests as they are, for what has no method of its own."""

    @property
    def base_url(self) -> str:
        """The service's address."""
        return self.client.url

    def connect(self, secrets: Any = None) -> Self:
        """This, when the service has answered; raises MLRunServiceUnreachableError."""
        self.client.request("GET", "client-spec")
        return self

    @staticmethod
    def get_api_path_prefix(version: str | None = None) -> str:
        """``api/v1``, or another version's."""
        return API if version is None else f"api/{version}".rstrip("/")

    def get_base_api_url(self, path: str, version: str | None = None) -> str:
        """The whole address of a path of the API."""
        return f"{self.base_url}/{self.get_api_path_prefix(version)}/{path}"

    def api_call(
        self,
        method: str,
        path: str,
        error: str | None = None,
        params: Mapping[str, Any] | None = None,
        body: Any = None,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
        timeout: float = 45,
        version: str | None = None,
    ) -> Reply:
        """The answer to a request below the API; what is refused raises the class of its status.

        ``body`` is bytes, text or a document; ``error`` begins the sentence of a refusal.
        """
        sent = json if body is None else body.encode() if isinstance(body, str) else body
        asked = {name: getattr(value, "value", value) for name, value in (params or {}).items()}
        try:
            found = self.client.request(
                str(plain(method)), path, asked, sent, headers, version=version or "v1",
                timeout=timeout,
            )  # fmt: skip
        except MLRunBaseError as refusal:
            raise type(refusal)(f"{error}: {refusal}") if error else refusal from None
        return Reply(found)

    def paginated_api_call(
        self,
        method: str,
        path: str,
        error: str | None = None,
        params: Mapping[str, Any] | None = None,
        body: Any = None,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
        timeout: float = 45,
        version: str | None = None,
        return_all: bool = False,
    ) -> Iterator[Reply]:
        """The answer to a request for a page of a list, and with ``return_all`` each next one."""
        asked = dict(params or {})
        if asked.get("page-token") is None and asked.get("page") is None:
            asked["page"] = 1
        if asked.get("page-size") is None:
            asked["page-size"] = SIZE
        while True:
            reply = self.api_call(method, path, error, asked, body, json, headers, timeout, version)
            yield reply
            token = (reply.json().get("pagination") or {}).get("page-token")
            if not return_all or not token:
                return
            asked = {"page-token": token}

    @staticmethod
    def process_paginated_responses(
        responses: Iterable[Reply], key: str = "data"
    ) -> tuple[list[Any], str | None]:
        """What all these answers list, and the token of the page after the last of them."""
        found: list[Any] = []
        token = None
        for reply in responses:
            answer = reply.json()
            token = (answer.get("pagination") or {}).get("page-token")
            found += answer.get(key) or []
        return found, token


class Tasks(Connected):
    """What the service works on after it has answered, and what it is asked to do for itself."""

    def get_project_background_task(self, project: str, name: str) -> Answer:
        """How far a project's task is."""
        return Answer(background_tasks.read(self.client, name, self._project(project)))

    def list_project_background_tasks(
        self,
        project: str | None = None,
        state: str | None = None,
        created_from: datetime | None = None,
        created_to: datetime | None = None,
        last_update_time_from: datetime | None = None,
        last_update_time_to: datetime | None = None,
    ) -> list[Answer]:
        """A project's tasks, newest first; where nothing is asked, the last week's."""
        asked = query(state=state) | times(
            created_from=created_from, created_to=created_to,
            last_update_time_from=last_update_time_from, last_update_time_to=last_update_time_to,
        )  # fmt: skip
        asked = asked or times(created_from=week_ago())
        found = background_tasks.list(self.client, self._project(project), **asked)
        return [Answer(each) for each in found]

    def get_background_task(self, name: str) -> Answer:
        """How far a task of the service itself is."""
        return Answer(background_tasks.read(self.client, name))

    def wait_for_background_task_to_reach_terminal_state(
        self, name: str, project: str = ""
    ) -> Answer:
        """A task when it has ended; raises MLRunTimeoutError after an hour."""
        return self._task_ended(name, project)

    def verify_authorization(self, authorization_verification_input: Any) -> None:
        """Nothing where the action is allowed; raises MLRunAccessDeniedError."""
        body = document(authorization_verification_input, "authorization_verification_input")
        self.client.request("POST", "authorization/verifications", body=body, idempotent=True)

    def trigger_migrations(self) -> Answer | None:
        """Have the service bring its store up to date; the task when it has ended."""
        return self._ended(self.client.request("POST", "operations/migrations"))

    def refresh_smtp_configuration(self) -> Answer | None:
        """Have the service read its mail settings again."""
        return self._ended(self.client.request("POST", "operations/refresh-smtp-configuration"))


class Tokens(Connected):
    """Tokens that a user leaves with the service: by name, never read again."""

    def store_secret_token(
        self, secret_token: Any, log_warning: bool = True, force: bool = False
    ) -> Answer:
        """Leave a token; ``force`` replaces the one of its name."""
        return self.store_secret_tokens([secret_token], log_warning, force)

    def store_secret_tokens(
        self, secret_tokens: Iterable[Any], log_warning: bool = True, force: bool = False
    ) -> Answer:
        """Leave several tokens; which were made and which replaced."""
        body = [document(each, "secret_tokens") for each in secret_tokens]
        return Answer(self.client.json("PUT", _TOKENS, {"force": force}, body))

    def list_secret_tokens(self, username: str | None = None) -> Answer:
        """The names and times of a user's tokens."""
        return Answer(self.client.json("GET", _TOKENS, {"username": username}))

    def delete_secret_token(self, token_name: str, username: str | None = None) -> Answer:
        """Remove a token."""
        path = f"{_TOKENS}/{part(token_name)}"
        return Answer(self.client.json("DELETE", path, {"username": username}))

    def delete_secret_tokens(self, username: str | None = None) -> Answer:
        """Remove all of a user's tokens."""
        return Answer(self.client.json("DELETE", _TOKENS, {"username": username}))

    def get_secret_token(self, token_name: str, username: str | None = None) -> None:
        """Refused: a token is not given back."""
        raise MLRunAccessDeniedError(
            f"The token '{token_name}' stays with the service, which gives none back: "
            "list_secret_tokens() names those that it has"
        )


_TOKENS = "user-secrets/tokens"
