"""Prompts of language models: messages with places to fill, and the model that they are for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from jupyter_mlrun.model import artifact_fields as fields

from ..errors import MLRunInvalidArgumentError
from .artifact import Artifact, Placed

if TYPE_CHECKING:
    from .base import Draft

MAX_PROMPT = 1024


class LLMPromptArtifact(Artifact):
    """Messages of role and content, what their places mean, and how the model is invoked.

    A prompt of more than a kilobyte lies in a file, a shorter one in the document.
    """

    kind = "llm-prompt"
    SPEC = fields.PROMPT

    def __init__(
        self,
        key: str | None = None,
        project: str | None = None,
        model_artifact: Any = None,
        prompt_template: list[dict[str, Any]] | None = None,
        prompt_path: str | None = None,
        prompt_legend: Mapping[str, Any] | None = None,
        invocation_config: Mapping[str, Any] | None = None,
        description: str | None = None,
        target_path: str | None = None,
        **more: Any,
    ) -> None:
        if prompt_template and prompt_path:
            raise MLRunInvalidArgumentError(
                f"The prompt '{key}' has both prompt_template and prompt_path: give one of them"
            )
        if invocation_config is not None and not isinstance(invocation_config, Mapping):
            raise MLRunInvalidArgumentError(
                f"invocation_config of the prompt '{key}' must be a dict, "
                f"not {type(invocation_config).__name__}"
            )
        super().__init__(
            key, project=project, target_path=target_path, src_path=prompt_path,
            description=description, **more,
        )  # fmt: skip
        if prompt_template is not None:
            self.spec["prompt_template"] = parse_template(prompt_template, f"prompt '{key}'")
        if prompt_path:
            read_prompt(prompt_path)
        self.spec["prompt_legend"] = parse_legend(prompt_legend, f"prompt '{key}'")
        self.spec["invocation_config"] = dict(invocation_config or {})
        self._model: Artifact | None = None
        if isinstance(model_artifact, Artifact):
            self._model = model_artifact
            self.spec["parent_uri"] = model_artifact.get_store_url()
        elif model_artifact:
            self.spec["parent_uri"] = str(getattr(model_artifact, "artifact_url", model_artifact))

    @property
    def model_uri(self) -> str:
        """The address of the model that it is for."""
        return str(self.spec.get("parent_uri") or "")

    @property
    def model_artifact(self) -> Artifact | None:
        """The model that it is for; None where none was named."""
        found = getattr(self, "_model", None)
        if found is None and self.model_uri:
            from .stored import find

            found = self._model = find(self.model_uri, self._client, "model", self.project or "")
        return found

    def read_prompt(self) -> Any:
        """The messages, of the document or of the file."""
        template = self.spec.get("prompt_template")
        if template:
            return template
        address = self.get_target_path() or str(self.src_path or "")
        return read_prompt(address) if address else None

    def write(self, draft: Draft, placed: Placed) -> None:
        """Write a long prompt to its file; a short one lies in the document."""
        if parent := self.model_uri:
            _check_parent(parent, draft)
        template = draft.spec.get("prompt_template")
        text = json.dumps(template) if template else ""
        if len(text) > MAX_PROMPT:
            draft.spec.pop("prompt_template")
            draft.target(".json", placed.artifact_path, placed.target_path)
            draft.write(text.encode())
        elif template:
            draft.status["preview_text"] = text
        else:
            super().write(draft, placed)


def _check_parent(parent: str, draft: Draft) -> None:
    from .. import uris

    parts = uris.parse_store(parent)
    project = draft.metadata["project"]
    if parts.project and parts.project != project:
        raise MLRunInvalidArgumentError(
            f"The prompt '{draft.key}' of project {project} cannot be of the model {parent}: "
            "a prompt is in the project of its model"
        )


def parse_template(template: Any, noun: str) -> list[dict[str, str]]:
    """The messages with their keys in lower case; what is no message is refused."""
    if not isinstance(template, list) or not all(isinstance(each, dict) for each in template):
        raise MLRunInvalidArgumentError(f"The {noun} must be a list of dicts of role and content")
    found = []
    for message in template:
        lower = {str(key).lower(): value for key, value in message.items()}
        if set(lower) != {"role", "content"}:
            raise MLRunInvalidArgumentError(
                f"A message of the {noun} has {', '.join(map(str, message)) or 'nothing'}: "
                "it must have 'role' and 'content'"
            )
        found.append(lower)
    return found


def parse_legend(legend: Any, noun: str) -> dict[str, dict[str, Any]]:
    """What each place of the prompt is filled with: ``{"field": …, "description": …}``."""
    found: dict[str, dict[str, Any]] = {}
    if legend is not None and not isinstance(legend, Mapping):
        raise MLRunInvalidArgumentError(f"prompt_legend of the {noun} must be a dict of dicts")
    for place, meaning in (legend or {}).items():
        if not isinstance(meaning, Mapping) or set(meaning) - {"field", "description"}:
            raise MLRunInvalidArgumentError(
                f"prompt_legend of the {noun} says of '{place}' {meaning!r}: "
                "give a dict of 'field' and 'description'"
            )
        field = meaning.get("field")
        found[str(place)] = {
            "field": place if field is None else field, "description": meaning.get("description"),
        }  # fmt: skip
    return found


def read_prompt(address: str) -> Any:
    """The messages in a JSON file."""
    from ..datastore.registry import get_store

    data = get_store(address).get(address)
    try:
        return json.loads(data)
    except ValueError as error:
        raise MLRunInvalidArgumentError(
            f"The prompt in {address} is no JSON: {error}. "
            'Write a list such as [{"role": "user", "content": "…"}]'
        ) from None
