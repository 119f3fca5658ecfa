"""On which nodes a function's pods run, before which others, and as whom."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from typing import Any, Self

from jupyter_mlrun import cluster_settings
from jupyter_mlrun.errors import MLRunInvalidArgumentError
from jupyter_mlrun.names import LABEL_VALUE, MAX_LABEL

PREEMPTION_MODES = ("allow", "constrain", "prevent", "none")
_SUBDOMAIN = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*"


class Scheduling:
    """The part of a function that says where its pods run."""

    spec: Any

    def with_node_selection(
        self,
        node_name: str | None = None,
        node_selector: Mapping[str, str] | None = None,
        affinity: Any = None,
        tolerations: Any = None,
    ) -> Self:
        """Choose the nodes: by name, labels, affinity, or the taints to tolerate.

        What is None stays as it is; an empty dict or list takes away what was set.
        """
        if node_name:
            self.spec.node_name = node_name
        if node_selector is not None:
            warn_of_labels(node_selector)
            self.spec.node_selector = dict(node_selector)
        if affinity is not None:
            self.spec.affinity = affinity
        if tolerations is not None:
            self.spec.tolerations = tolerations
        self._warn_of_preemptible()
        return self

    def with_priority_class(self, name: str | None = None) -> Self:
        """Give its pods a priority class, one of those that the administrator allows."""
        if name is None:
            name = self.get_default_priority_class_name()
        valid = self.list_valid_priority_class_names()
        if name not in valid:
            raise MLRunInvalidArgumentError(
                "Priority class name not in available priority class names: "
                f"'{name}' is none of {', '.join(valid) or 'those that the administrator set'}"
            )
        self.spec.priority_class_name = name
        return self

    def list_valid_priority_class_names(self) -> list[str]:
        """The priority classes that functions may name."""
        text = cluster_settings.read("valid_function_priority_class_names")
        return list(dict.fromkeys(each.strip() for each in text.split(",") if each.strip()))

    def get_default_priority_class_name(self) -> str:
        """The priority class of functions that name none."""
        return cluster_settings.read("default_function_priority_class_name")

    def with_preemption_mode(self, mode: Any) -> Self:
        """Say whether its pods may be on nodes that can be taken away.

        ``allow``, ``constrain`` (on such nodes only), ``prevent`` (the default) or ``none``.
        """
        self.spec.preemption_mode = preemption_mode(mode)
        return self

    def with_security_context(self, security_context: Any) -> Self:
        """Set the security context of its pods; refused where the service sets it itself."""
        enrichment = cluster_settings.read(
            "function.spec.security_context.enrichment_mode", "disabled"
        )
        if enrichment != "disabled":
            raise MLRunInvalidArgumentError(
                "Security context is handled internally when enrichment mode is not disabled"
            )
        self.spec.security_context = security_context
        return self

    def _warn_of_preemptible(self) -> None:
        found = {
            "Node selectors": preemptible_labels(self.spec.get("node_selector")),
            "Tolerations": preemptible_tolerations(self.spec.get("tolerations")),
            "Affinity": preemptible_terms(self.spec.get("affinity")),
        }
        text = "; ".join(f"{name}: {', '.join(items)}" for name, items in found.items() if items)
        if text:
            warnings.warn(
                f"These choose preemptible nodes, and the function's preemption mode "
                f"'{self.spec.get('preemption_mode')}' may change or remove them: {text}",
                stacklevel=4,
            )


def preemption_mode(mode: Any) -> str:
    """The mode's word."""
    word = str(getattr(mode, "value", mode))
    if word not in PREEMPTION_MODES:
        raise MLRunInvalidArgumentError(
            f"'{word}' is not a valid preemption mode: use one of {', '.join(PREEMPTION_MODES)}"
        )
    return word


def warn_of_labels(selector: Mapping[str, Any]) -> None:
    """Warn of a label that no node can have."""
    for key, value in selector.items():
        prefix, slash, name = str(key).rpartition("/")
        right = bool(name) and _is_label(name) and _is_label(str(value))
        if slash:
            right = right and re.fullmatch(_SUBDOMAIN, prefix) is not None and len(prefix) <= 253
        if not right:
            warnings.warn(
                f"The node selector {key}={value} is not valid in Kubernetes, "
                "so that no node can be found by it",
                stacklevel=3,
            )
            return


def _is_label(text: str) -> bool:
    return len(text) <= MAX_LABEL and re.match(LABEL_VALUE.replace("$", r"\Z"), text) is not None


def preemptible_labels(selector: Mapping[str, str] | None) -> list[str]:
    """Which labels of a node selector are those of preemptible nodes."""
    known = cluster_settings.read_encoded("preemptible_nodes.node_selector", {})
    return [f"'{k}': '{v}'" for k, v in (selector or {}).items() if known.get(k) == v]


def preemptible_tolerations(tolerations: list[Mapping[str, Any]] | None) -> list[str]:
    """Which tolerations are for the taints of preemptible nodes."""
    known = cluster_settings.read_encoded("preemptible_nodes.tolerations", [])
    parts = ("key", "value", "effect")
    wanted = [tuple(each.get(part) for part in parts) for each in known]
    return [
        f"'{each.get('key')}'='{each.get('value')}' (effect: '{each.get('effect')}')"
        for each in tolerations or []
        if tuple(each.get(part) for part in parts) in wanted
    ]


def preemptible_terms(affinity: Mapping[str, Any] | None) -> list[str]:
    """Which expressions of a required node affinity choose preemptible nodes."""
    known = cluster_settings.read_encoded("preemptible_nodes.node_selector", {})
    node = (affinity or {}).get("nodeAffinity") or {}
    required = node.get("requiredDuringSchedulingIgnoredDuringExecution") or {}
    return [
        f"'{each['key']} In {each.get('values')}'"
        for term in required.get("nodeSelectorTerms") or []
        for each in term.get("matchExpressions") or []
        if each.get("operator") == "In" and each.get("values") == [known.get(each.get("key"))]
    ]
