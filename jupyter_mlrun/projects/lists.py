"""What a project holds at the service: runs, artifacts, functions, models, by filters."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from jupyter_mlrun import session
from jupyter_mlrun.artifacts.artifact import Artifact
from jupyter_mlrun.artifacts.deletion import delete_data
from jupyter_mlrun.client.arguments import plain
from jupyter_mlrun.client.pages import Paging
from jupyter_mlrun.errors import MLRunInvalidArgumentTypeError
from jupyter_mlrun.functions.load import new_function
from jupyter_mlrun.rundb import RunDB
from jupyter_mlrun.runs import ArtifactList, RunList
from jupyter_mlrun.uris import is_store, parse_store, same_artifact

PAGE = 200


class ProjectLists:
    """The part of a project that lists."""

    name: Any
    artifact_path: Any
    _rundb: RunDB | None = None

    @property
    def _db(self) -> Any:
        return self._rundb or session.get_run_db()

    def list_runs(
        self,
        name: str | None = None,
        uid: Any = None,
        labels: Any = None,
        states: Any = None,
        sort: bool = True,
        iter: bool = False,
        start_time_from: datetime | None = None,
        start_time_to: datetime | None = None,
        last_update_time_from: datetime | None = None,
        last_update_time_to: datetime | None = None,
        end_time_from: datetime | None = None,
        end_time_to: datetime | None = None,
        **kwargs: Any,
    ) -> RunList:
        """Runs, newest first."""
        kwargs.pop("state", None)
        found: RunList = self._db.list_runs(
            name, uid, str(self.name), labels=labels, states=states, sort=sort, iter=iter,
            start_time_from=start_time_from, start_time_to=start_time_to,
            last_update_time_from=last_update_time_from, last_update_time_to=last_update_time_to,
            end_time_from=end_time_from, end_time_to=end_time_to, **kwargs,
        )  # fmt: skip
        return found

    def list_artifacts(
        self,
        name: str | None = None,
        tag: str | None = None,
        labels: Any = None,
        since: Any = None,
        until: Any = None,
        iter: int | None = None,
        best_iteration: bool = False,
        kind: str | None = None,
        category: Any = None,
        tree: str | None = None,
        format_: Any = "full",
        partition_by: Any = None,
        rows_per_partition: int = 1,
        partition_sort_by: Any = "updated",
        partition_order: Any = "desc",
    ) -> ArtifactList:
        """Artifacts, one for each version and tag."""
        found: ArtifactList = self._db.list_artifacts(
            name, str(self.name), tag, labels=labels, since=since, until=until, iter=iter,
            best_iteration=best_iteration, kind=kind, category=category, tree=tree,
            format_=format_, partition_by=partition_by, rows_per_partition=rows_per_partition,
            partition_sort_by=partition_sort_by, partition_order=partition_order,
        )  # fmt: skip
        return found

    def list_models(
        self,
        name: str | None = None,
        tag: str | None = None,
        labels: Any = None,
        since: Any = None,
        until: Any = None,
        iter: int | None = None,
        best_iteration: bool = False,
        tree: str | None = None,
        format_: Any = "full",
        **filters: Any,
    ) -> Any:
        """Models as objects; filters are those of ``list_artifacts``."""
        return self.list_artifacts(
            name, tag, labels, since, until, iter, best_iteration, "model", tree=tree,
            format_=format_, **filters,
        ).to_objects()  # fmt: skip

    def list_llm_prompts(
        self, name: str | None = None, tag: str | None = None, model: Any = None, **filters: Any
    ) -> Any:
        """Prompts as objects; filters are those of ``list_artifacts``.

        ``model`` is the model that they are for, or its address; an address of a tag means the
        model that has the tag now.
        """
        found = self.list_artifacts(name, tag, kind="llm-prompt", **filters).to_objects()
        if model is None:
            return found
        uri, project = _address_of(model, str(self.name)), str(self.name)
        return [
            each for each in found
            if same_artifact(str(each.spec.get("parent_uri") or ""), uri, project)
        ]  # fmt: skip

    def list_functions(
        self,
        name: str | None = None,
        tag: str | None = None,
        labels: Any = None,
        kind: str | None = None,
        format_: str | None = None,
    ) -> Any:
        """Stored functions as objects, one for each version and tag."""
        found = self._db.list_functions(
            name, str(self.name), tag, labels=labels, kind=kind, format_=format_ or "full"
        )
        return [new_function(runtime=each) for each in found]

    def paginated_list_runs(self, *args: Any, **wanted: Any) -> tuple[RunList, str | None]:
        """A page of runs, and the token of the next one; None after the last.

        ``page``, ``page_size`` and ``page_token`` say which; other arguments are those of
        ``list_runs``, and only the first page's count.
        """
        return self._page("list_runs", args, wanted)

    def paginated_list_artifacts(self, *args: Any, **wanted: Any) -> tuple[Any, str | None]:
        """A page of artifacts, and the token of the next one."""
        return self._page("list_artifacts", args, wanted)

    def paginated_list_models(self, *args: Any, **wanted: Any) -> tuple[Any, str | None]:
        """A page of models, and the token of the next one."""
        return self._page("list_models", args, wanted)

    def paginated_list_llm_prompts(self, *args: Any, **wanted: Any) -> tuple[Any, str | None]:
        """A page of prompts, and the token of the next one."""
        return self._page("list_llm_prompts", args, wanted)

    def paginated_list_functions(self, *args: Any, **wanted: Any) -> tuple[Any, str | None]:
        """A page of functions, and the token of the next one."""
        return self._page("list_functions", args, wanted)

    def _page(
        self, name: str, args: tuple[Any, ...], wanted: dict[str, Any]
    ) -> tuple[Any, str | None]:
        where = {key: wanted.pop(key, None) for key in ("page", "page_size", "page_token")}
        if not any(where.values()):
            where["page_size"] = PAGE
        paging = Paging(session.client(), **where)
        other = copy.copy(self)
        other._rundb = RunDB(paging)
        return getattr(other, name)(*args, **wanted), paging.token

    def delete_artifact(
        self, item: Any, deletion_strategy: Any = "metadata-only", secrets: Any = None
    ) -> None:
        """Delete an artifact's record, and by the strategy its data.

        Data in object stores is deleted with the credentials of this process, or ``secrets``.
        """
        if not isinstance(item, (Artifact, Mapping)):
            raise MLRunInvalidArgumentTypeError(
                f"delete_artifact needs an artifact, as get_artifact gives it, not {item!r:.80}"
            )
        document = item.to_dict() if isinstance(item, Artifact) else dict(item)
        metadata, spec = document["metadata"], document.get("spec") or {}
        uid = metadata.get("uid")
        strategy = delete_data(
            document, str(plain(deletion_strategy)), str(self.artifact_path or ""),
            session.client(), secrets,
        )  # fmt: skip
        session.get_run_db().del_artifact(
            spec.get("db_key") or metadata["key"], None if uid else metadata.get("tag"),
            str(self.name), metadata.get("tree"), uid, strategy, iter=metadata.get("iter"),
        )  # fmt: skip

    def get_artifact_uri(
        self,
        key: str,
        category: str = "artifact",
        tag: str | None = None,
        iter: int | None = None,
        uid: str | None = None,
        tree: str | None = None,
    ) -> str:
        """The ``store://`` address of an artifact of the project."""
        from jupyter_mlrun import uris

        kind = uris.KIND_PREFIX.get(category, f"{category}s")
        parts = uris.StoreUri(kind, key, str(self.name), iter, tag or "", tree or "", uid or "")
        return uris.format_store(parts)


def _address_of(model: Any, project: str) -> str:
    """The address of a model, one of a tag alone as that of the model that has it."""
    if not isinstance(model, str):
        return str(getattr(model, "artifact_url", None) or model.uri)
    parts = parse_store(model) if is_store(model) else None
    if parts is None or parts.uid or parts.tree:
        return model
    from jupyter_mlrun.artifacts.stored import find

    return str(find(model, session.client(), "model", project).uri)
