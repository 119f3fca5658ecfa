"""Which packager packs a value, and which one unpacks an artifact."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from inspect import Parameter
from typing import TYPE_CHECKING, Any

from ..errors import (
    MLRunAccessDeniedError,
    MLRunBaseError,
    MLRunPackageBundlingError,
    MLRunPackageCollectionError,
    MLRunPackagePackingError,
)
from ..errors import MLRunPackageUnpackingError as UnpackingError
from . import builtin
from .default import DefaultPackager
from .hint import LogHint
from .items import Bundles
from .linking import link
from .packager import ArtifactType, Packager
from .type_hints import TypeHintUtils, choices, name_of

if TYPE_CHECKING:
    from ..artifacts.artifact import Artifact
    from ..datastore.item import DataItem

EMPTY = Parameter.empty


class PackagersManager:
    """Packs values by the first packager that takes them, and unpacks by the one that packed.

    The library's own packagers are imported when a value or hint of their type is met.
    """

    def __init__(
        self,
        default_packager: type[Packager] | None = None,
        project: str = "",
        trusted: Iterable[str] = (),
    ) -> None:
        self._default = (default_packager or DefaultPackager)()
        self._packagers: list[Packager] = []
        self._loaded: set[str] = set()
        self._artifacts: list[tuple[Artifact, dict[str, Any]]] = []
        self._results: dict[str, Any] = {}
        self._bundles = Bundles(self)
        self.project, self.trusted = project, frozenset(trusted)

    @property
    def artifacts(self) -> list[tuple[Artifact, dict[str, Any]]]:
        """The artifacts that were packed, each with the arguments to log it with."""
        return self._artifacts

    @property
    def results(self) -> dict[str, Any]:
        """The results that were packed."""
        return self._results

    def get_bundles_results(self, logged_outputs: Mapping[str, Any]) -> dict[str, Any]:
        """For each value whose items were packed one by one: where they are, in its own form."""
        return self._bundles.filled(logged_outputs)

    def collect_packagers(
        self, packagers: Sequence[type[Packager] | str], default_priority: int = 5
    ) -> None:
        """Add packagers: classes, or their paths; ``module.*`` is all that the module defines."""
        for each in packagers:
            found = builtin.imported(each) if isinstance(each, str) else [each]
            for kind in found:
                self._add(kind, default_priority)
        self._packagers.sort()

    def _add(self, kind: type[Packager], default_priority: int) -> None:
        if not (isinstance(kind, type) and issubclass(kind, Packager)):
            raise MLRunPackageCollectionError(
                f"{name_of(kind)} is no packager: derive it from mlrun.DefaultPackager"
            )
        if any(type(each) is kind for each in self._packagers):
            return
        made = kind()
        if made.priority is ...:
            made.priority = default_priority
        self._packagers.insert(0, made)

    def _load(self, modules: Iterable[str]) -> None:
        new = [name for name in modules if name not in self._loaded]
        for name in new:
            self._loaded.add(name)
            for kind in builtin.packagers_of(name):
                self._add(kind, 5)
        if new:
            self._packagers.sort()

    def pack(self, obj: Any, log_hint: LogHint) -> Any:
        """The artifact, not yet logged, or the dict of a result; a list for an itemized value."""
        hint = LogHint.parse_obj(log_hint)
        if hint.itemized:
            return self._bundles.pack(obj, hint)
        return self.pack_one(obj, hint)

    def pack_one(self, obj: Any, hint: LogHint) -> Any:
        """One value as one package."""
        packager, kind = self.packager_for(obj, hint)
        packed = packager.pack(obj, hint.key, kind, hint.packing_kwargs)
        if isinstance(packed, dict):
            self._results.update(packed)
            return packed
        artifact, instructions = packed
        artifact.spec["unpackaging_instructions"] = {
            "packager_name": getattr(packager, "RECORDED_AS", type(packager).__name__),
            "object_type": builtin.type_name(type(obj)),
            "artifact_type": kind,
            "instructions": instructions or {},
        }
        self._describe(artifact, hint)
        arguments = {"artifact_path": hint.artifact_path} if hint.artifact_path else {}
        self._artifacts.append((artifact, arguments))
        return artifact

    def packager_for(self, obj: Any, hint: LogHint) -> tuple[Packager, str]:
        """The packager of a value, and what it packs it as."""
        kind = hint.artifact_type or ""
        self._load(builtin.modules_for(obj, kind))
        if kind not in ("", "artifact"):
            found = self._find(obj, kind, hint)
            if found is None and self._default.is_packable(obj, kind, hint.packing_kwargs):
                found = self._default
            if found is not None:
                return found, kind
            if kind not in (ArtifactType.FILE, "directory"):
                raise self._refusal(obj, hint)
        found = self._find(obj, "", hint) or self._default
        if kind:
            chosen = builtin.kept_type(found, obj)
            if chosen not in found.get_supported_packing_artifact_types():
                found = self._default
            return found, chosen
        return found, found.get_default_packing_artifact_type(obj)

    def _find(self, obj: Any, kind: str, hint: LogHint) -> Packager | None:
        how = hint.packing_kwargs
        return next((p for p in self._packagers if p.is_packable(obj, kind or None, how)), None)

    def _refusal(self, obj: Any, hint: LogHint) -> MLRunBaseError:
        other = self._find(obj, "", hint) or self._default
        known = ", ".join(sorted(other.get_supported_packing_artifact_types()))
        return MLRunPackagePackingError(
            f"The output '{hint.key}' is a {builtin.type_name(type(obj))}, which is not packed as "
            f"'{hint.artifact_type}': choose {known}"
        )

    def _describe(self, artifact: Artifact, hint: LogHint) -> None:
        if hint.tag:
            artifact.tag = hint.tag
        if hint.labels:
            artifact.labels = dict(hint.labels)
        if hint.extra_data:
            artifact.extra_data = dict(hint.extra_data)
        if hint.metrics:
            if "metrics" not in artifact.SPEC:
                raise MLRunPackagePackingError(
                    f"The output '{hint.key}' is a {artifact.kind}, which has no metrics: "
                    "log it as a model, or give them as extra_data"
                )
            artifact.spec["metrics"] = dict(hint.metrics)

    def unpack(self, data_item: Any, type_hint: Any = EMPTY, trust: bool = False) -> Any:
        """The value of an artifact or of data, as the hint asks; a DataItem where it asks for one.

        Without a hint a package becomes what it was, and other data stays a DataItem. Dicts and
        lists of items become collections of values. What would run code of another project is
        refused with MLRunAccessDeniedError, unless it is trusted.
        """
        if isinstance(data_item, (dict, list)):
            return self._bundle(data_item, type_hint, trust)
        hints = [] if type_hint is EMPTY else choices(type_hint)
        if any(name_of(each).rpartition(".")[2] in ("DataItem", "Any", "object") for each in hints):
            return data_item
        said = builtin.instructions_of(data_item)
        if said is not None:
            packager = self._by_name(str(said.get("packager_name") or ""))
            kind = str(said.get("artifact_type") or "")
            if packager is not None and self._fits(packager, data_item, hints, kind):
                how = dict(said.get("instructions") or {})
                self._check(packager, data_item, kind, how, trust)
                return packager.unpack(data_item, kind or None, how)
        if not hints:
            return data_item
        return self._unpack_data(data_item, hints, trust)

    def can_unpack(self, data_item: DataItem) -> bool:
        """Whether it is a package that is unpacked without a hint, and without an explicit yes."""
        said = builtin.instructions_of(data_item) or {}
        packager = self._by_name(str(said.get("packager_name") or ""))
        if packager is None:
            return False
        how = dict(said.get("instructions") or {})
        return self._is_trusted(data_item) or not packager.runs_code(
            str(said.get("artifact_type") or ""), how
        )

    def _by_name(self, name: str) -> Packager | None:
        self._load(builtin.modules_of_name(name))
        known = [*self._packagers, self._default]
        return next((each for each in known if type(each).__name__ == name), None)

    def _fits(self, packager: Packager, item: DataItem, hints: list[Any], kind: str) -> bool:
        if not hints:
            return True
        for hint in hints:
            for each in (hint, *TypeHintUtils.reduce_type_hint(hint)):
                if packager.is_unpackable(item, each, kind or None):
                    # a pickle is of one type: the one that it was made of, or one above it
                    is_any = packager.PACKABLE_OBJECT_TYPE is ...
                    if not is_any or builtin.is_of(item, each):
                        return True
        return False

    def _unpack_data(self, item: DataItem, hints: list[Any], trust: bool) -> Any:
        problems: list[str] = []
        for hint in hints:
            self._load(builtin.modules_for_hint(hint))
            for each in (hint, *TypeHintUtils.reduce_type_hint(hint)):
                packager = next((p for p in self._packagers if p.is_unpackable(item, each)), None)
                if packager is None:
                    continue
                try:
                    kind = packager.get_default_unpacking_artifact_type(item)
                    self._check(packager, item, kind, {}, trust)
                    return packager.unpack(item, None, {})
                except MLRunAccessDeniedError:
                    raise
                except (ValueError, TypeError, KeyError, MLRunBaseError) as error:
                    problems.append(str(error))
        if not problems and item.suffix in (".pkl", ".pickle"):
            self._check(self._default, item, ArtifactType.OBJECT, {}, trust)
            return self._default.unpack(item, ArtifactType.OBJECT, {})
        wanted = " or ".join(name_of(hint) for hint in hints)
        why = f" ({'; '.join(problems)})" if problems else ""
        raise UnpackingError(f"'{item.artifact_url}' cannot be read as {wanted}{why}")

    def _check(
        self, packager: Packager, item: DataItem, kind: str, how: dict[str, Any], trust: bool
    ) -> None:
        if trust or self._is_trusted(item) or not packager.runs_code(kind, how):
            return
        owner = builtin.owner_of(item)
        if not owner and kind != ArtifactType.OBJECT and not how:
            # data that the user named, read by a packager that the user has chosen
            return
        whose = f"an artifact of project {owner}" if owner else "no artifact of this project"
        if builtin.is_imported(item):
            whose = "an artifact that was imported from a file"
        raise MLRunAccessDeniedError(
            f"'{item.artifact_url}' is {whose}, and to unpickle it would run code that it brings "
            f"along: say so by mlrun.unpack(…, trust=True), or name the project in "
            "MLRUN_PACKAGERS__TRUSTED_PROJECTS, or read it as a DataItem"
        )

    def _is_trusted(self, item: DataItem) -> bool:
        owner = builtin.owner_of(item)
        is_own = owner == self.project and not builtin.is_imported(item)
        return bool(owner) and (is_own or bool({owner, "*"} & self.trusted))

    def _bundle(self, collection: Any, type_hint: Any, trust: bool) -> Any:
        hints = [type(collection)] if type_hint is EMPTY else choices(type_hint)
        for hint in hints:
            kind, inner = TypeHintUtils.deconstruct_type_hint(hint)
            self._load([*builtin.modules_for_hint(kind), "standard"])
            if name_of(kind) in ("Any", "object", "DataItem"):
                kind = type(collection)
            each_hint = inner[-1] if isinstance(inner, tuple) else EMPTY
            packager = next(
                (p for p in self._packagers if p.can_bundle(kind, type(collection))), None
            )
            if packager is None:
                continue
            if isinstance(collection, dict):
                items: Any = {k: self.unpack(v, each_hint, trust) for k, v in collection.items()}
            else:
                items = [self.unpack(each, each_hint, trust) for each in collection]
            return packager.bundle(items)
        wanted = " or ".join(name_of(hint) for hint in hints)
        raise MLRunPackageBundlingError(
            f"A {type(collection).__name__} of inputs cannot be made into {wanted}"
        )

    def link_packages(
        self, additional_artifact_uris: Mapping[str, Any], additional_results: Mapping[str, Any]
    ) -> list[str]:
        """Give ``...`` in extra data and metrics the outputs of their keys; keys not found."""
        outputs = {**additional_artifact_uris, **additional_results, **self._results}
        return link([artifact for artifact, _ in self._artifacts], outputs)

    def clear_packagers_outputs(self) -> None:
        """Remove what packagers made while they packed and unpacked."""
        for packager in (*self._packagers, self._default):
            for path in packager.future_clearing_path_list:
                if os.path.isdir(path):
                    shutil.rmtree(path, ignore_errors=True)
                elif os.path.exists(path):
                    os.remove(path)
            packager.future_clearing_path_list.clear()

    def forget(self) -> None:
        """Forget what was packed, for the next value."""
        self._artifacts.clear()
        self._results.clear()
        self._bundles.clear()

    def unbundle(self, obj: Any) -> Any:
        """The items of a collection as a dict or list; None for what is no collection."""
        self._load(builtin.modules_for(obj, ""))
        packager = next((p for p in self._packagers if p.can_unbundle(obj)), None)
        return None if packager is None else packager.unbundle(obj)
