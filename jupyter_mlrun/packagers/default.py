"""The packager that others are made from, and that pickles what no other knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from ..errors import MLRunPackagePackingError
from ..errors import MLRunPackageUnpackingError as UnpackingError
from .packager import ArtifactType, Packager
from .pickling import DEFAULT_PICKLE_MODULE, dumps, instructions, loads
from .type_hints import TypeHintUtils

if TYPE_CHECKING:
    from ..datastore.item import DataItem


class DefaultPackager(Packager):
    """Packs by the methods ``pack_TYPE`` and unpacks by ``unpack_TYPE`` that a subclass adds.

    ``pack_TYPE(obj, key, …)`` gives an artifact and its instructions, which
    ``unpack_TYPE(data_item, …)`` gets as arguments. Every value has ``object`` (a pickle) and
    ``result``.
    """

    PACK_SUBCLASSES: ClassVar[bool] = False
    DEFAULT_PACKING_ARTIFACT_TYPE: ClassVar[str] = ArtifactType.OBJECT
    DEFAULT_UNPACKING_ARTIFACT_TYPE: ClassVar[str] = ArtifactType.OBJECT
    BUNDLE_FROM_LIST: ClassVar[bool] = False
    BUNDLE_FROM_DICT: ClassVar[bool] = False

    def get_default_packing_artifact_type(self, obj: Any) -> str:
        """``DEFAULT_PACKING_ARTIFACT_TYPE``."""
        return self.DEFAULT_PACKING_ARTIFACT_TYPE

    def get_kept_artifact_type(self, obj: Any) -> str:
        """What the value is packed as where it is to be an artifact, not a result."""
        kind = self.get_default_packing_artifact_type(obj)
        if kind != ArtifactType.RESULT:
            return kind
        has_file = ArtifactType.FILE in self.get_supported_packing_artifact_types()
        return ArtifactType.FILE if has_file else ArtifactType.OBJECT

    def get_default_unpacking_artifact_type(self, data_item: DataItem) -> str:
        """``DEFAULT_UNPACKING_ARTIFACT_TYPE``."""
        return self.DEFAULT_UNPACKING_ARTIFACT_TYPE

    def get_supported_artifact_types(self) -> list[str]:
        """All that values are packed as, and unpacked from."""
        both = self.get_supported_packing_artifact_types()
        return list(dict.fromkeys(both + self.get_supported_unpacking_artifact_types()))

    def get_supported_packing_artifact_types(self) -> list[str]:
        """The types for which there is a ``pack_TYPE``."""
        return [name[len("pack_") :] for name in dir(self) if name.startswith("pack_")]

    def get_supported_unpacking_artifact_types(self) -> list[str]:
        """The types for which there is an ``unpack_TYPE``."""
        return [name[len("unpack_") :] for name in dir(self) if name.startswith("unpack_")]

    def pack(
        self,
        obj: Any,
        key: str | None = None,
        artifact_type: str | None = None,
        configurations: dict[str, Any] | None = None,
    ) -> Any:
        """What ``pack_TYPE`` makes of the value."""
        kind = artifact_type or self.get_default_packing_artifact_type(obj)
        method = getattr(self, f"pack_{kind}", None)
        if method is None:
            known = ", ".join(self.get_supported_packing_artifact_types())
            raise MLRunPackagePackingError(
                f"The output '{key}' ({type(obj).__name__}) cannot be packed as '{kind}': "
                f"choose {known}"
            )
        given = self._arguments(method, dict(configurations or {}), f"The output '{key}'")
        return method(obj=obj, key=key, **given)

    def unpack(
        self,
        data_item: DataItem,
        artifact_type: str | None = None,
        instructions: dict[str, Any] | None = None,
    ) -> Any:
        """What ``unpack_TYPE`` makes of the data."""
        kind = artifact_type or self.get_default_unpacking_artifact_type(data_item)
        method = getattr(self, f"unpack_{kind}", None)
        if method is None:
            known = ", ".join(self.get_supported_unpacking_artifact_types())
            raise UnpackingError(
                f"'{data_item.artifact_url}' cannot be unpacked as '{kind}' by "
                f"{type(self).__name__}: it knows {known}"
            )
        noun = f"'{data_item.artifact_url}'"
        return method(data_item, **self._arguments(method, dict(instructions or {}), noun))

    def is_packable(
        self,
        obj: Any,
        artifact_type: str | None = None,
        configurations: dict[str, Any] | None = None,
    ) -> bool:
        """Whether the value's type is ``PACKABLE_OBJECT_TYPE``, and the artifact type known."""
        if not self._matches(type(obj), self.PACK_SUBCLASSES):
            return False
        return not artifact_type or artifact_type in self.get_supported_packing_artifact_types()

    def can_bundle(self, bundle_hint: Any, collection_type: Any) -> bool:
        """Whether a dict or list makes the hinted type, which is the packager's."""
        if not self._matches(bundle_hint, self.PACK_SUBCLASSES):
            return False
        known = {list: self.BUNDLE_FROM_LIST, dict: self.BUNDLE_FROM_DICT}
        return known.get(collection_type, True)

    def can_unbundle(self, bundled_object: Any) -> bool:
        """Whether the value is a collection of the packager's type."""
        is_collection = self.BUNDLE_FROM_DICT or self.BUNDLE_FROM_LIST
        return is_collection and self._matches(type(bundled_object), self.PACK_SUBCLASSES)

    def pack_object(
        self, obj: Any, key: str, pickle_module_name: str = DEFAULT_PICKLE_MODULE
    ) -> tuple[Any, dict[str, Any]]:
        """The value as a pickle."""
        from ..artifacts.artifact import Artifact

        artifact = Artifact(key, dumps(obj, key, pickle_module_name), format="pkl")
        artifact.status["preview_text"] = _short(obj)
        return artifact, instructions(obj, pickle_module_name)

    def pack_result(self, obj: Any, key: str) -> dict[str, Any]:
        """The value as a result."""
        return {key: obj}

    def unpack_object(
        self,
        data_item: DataItem,
        pickle_module_name: str = DEFAULT_PICKLE_MODULE,
        object_module_name: str | None = None,
        python_version: str | None = None,
        pickle_module_version: str | None = None,
        object_module_version: str | None = None,
    ) -> Any:
        """The value of a pickle; what differs from where it was made is said where it fails."""
        return loads(
            data_item, pickle_module_name, python_version=python_version,
            object_module_name=object_module_name, object_module_version=object_module_version,
        )  # fmt: skip

    def _matches(self, kind: Any, with_subclasses: bool) -> bool:
        wanted = self.PACKABLE_OBJECT_TYPE
        return wanted is ... or TypeHintUtils.is_matching(kind, wanted, with_subclasses, False)

    def _arguments(self, method: Any, given: dict[str, Any], noun: str) -> dict[str, Any]:
        """What is given, when the method takes it; unknown and missing names are refused."""
        import inspect

        parameters = inspect.signature(method).parameters
        kinds = {each.kind for each in parameters.values()}
        own = {"obj", "key", "data_item"}
        known = [
            name for name, each in parameters.items()
            if name not in own and each.kind not in (each.VAR_KEYWORD, each.VAR_POSITIONAL)
        ]  # fmt: skip
        unknown = [name for name in given if name not in known]
        if unknown and inspect.Parameter.VAR_KEYWORD not in kinds:
            from ..names import near

            takes = ", ".join(known) or "nothing"
            raise MLRunPackagePackingError(
                f"{noun}: {type(self).__name__} does not know '{unknown[0]}'; it takes {takes}."
                f"{near(unknown[0], known)}"
            )
        missing = [
            name for name in known
            if parameters[name].default is inspect.Parameter.empty and name not in given
        ]  # fmt: skip
        if missing:
            raise MLRunPackagePackingError(
                f"{noun}: {type(self).__name__} needs {', '.join(missing)}: add it to the log hint"
            )
        return given


def _short(value: Any) -> str:
    try:
        return repr(value)[:2000]
    except Exception:
        # the repr is the user's code
        return f"<{type(value).__name__}>"
