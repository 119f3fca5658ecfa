"""Where a pod may be put: selectors by precedence, preemption modes, priority classes. Pure."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from jupyter_mlrun.errors import MLRunInvalidArgumentError

from .settings import Defaults, Preemptible

ALLOW, CONSTRAIN, PREVENT, NONE = "allow", "constrain", "prevent", "none"
PREEMPTION_MODES = (ALLOW, CONSTRAIN, PREVENT, NONE)
REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"

Term = dict[str, Any]


def node_selector(*parts: Mapping[str, Any] | None) -> dict[str, str]:
    """The merged selector, the later the stronger; an empty value takes a key away."""
    merged: dict[str, Any] = {}
    for part in parts:
        merged.update(part or {})
    return {str(key): str(value) for key, value in merged.items() if value not in (None, "")}


def priority_class(asked: object, defaults: Defaults) -> str:
    """The priority class; one that the administrator does not offer is refused."""
    name = str(asked or defaults.priority_class or "")
    if asked and defaults.priority_classes and name not in defaults.priority_classes:
        raise MLRunInvalidArgumentError(
            f"Priority class {name} is not offered here: there is "
            f"{', '.join(defaults.priority_classes)}"
        )
    return name


def preempt(spec: Mapping[str, Any], mode: object, nodes: Preemptible, default: str) -> Term:
    """``nodeSelector``, ``tolerations`` and ``affinity`` as the preemption mode wants them.

    Without a word of the administrator on which nodes may be taken away, they stay as they are.
    """
    chosen = str(mode or default)
    if chosen not in PREEMPTION_MODES:
        raise MLRunInvalidArgumentError(
            f"Preemption mode {chosen!r:.40} is unknown: give {', '.join(PREEMPTION_MODES)}"
        )
    found: Term = {
        "nodeSelector": dict(spec.get("nodeSelector") or {}),
        "tolerations": [dict(each) for each in spec.get("tolerations") or []],
        "affinity": copy.deepcopy(dict(spec.get("affinity") or {})),
    }
    if chosen == NONE or not (nodes.node_selector or nodes.tolerations):
        return found
    if chosen == PREVENT:
        return _prevent(found, nodes)
    if chosen == CONSTRAIN:
        return _constrain(found, nodes)
    return _tolerate(_unbind(found, nodes), nodes)


def _prevent(found: Term, nodes: Preemptible) -> Term:
    found = _unbind(found, nodes)
    refused = [_plain(each) for each in nodes.tolerations]
    found["tolerations"] = [each for each in found["tolerations"] if _plain(each) not in refused]
    if not nodes.tolerations:
        # one term a key: a node that has any of them is out only where all are asked in one term
        against = [_requirement(key, "NotIn", value) for key, value in nodes.node_selector.items()]
        _require(found["affinity"], [{"matchExpressions": against}])
    return found


def _constrain(found: Term, nodes: Preemptible) -> Term:
    found = _tolerate(found, nodes)
    terms = [
        {"matchExpressions": [_requirement(key, "In", value)]}
        for key, value in nodes.node_selector.items()
    ]
    if terms:
        _require(found["affinity"], terms)
    return found


def _tolerate(found: Term, nodes: Preemptible) -> Term:
    known = [_plain(each) for each in found["tolerations"]]
    found["tolerations"] += [dict(each) for each in nodes.tolerations if _plain(each) not in known]
    return found


def _unbind(found: Term, nodes: Preemptible) -> Term:
    """Without what binds the pod to preemptible nodes, or keeps it from them."""
    for key, value in nodes.node_selector.items():
        if found["nodeSelector"].get(key) == value:
            del found["nodeSelector"][key]
    affinity = found["affinity"].get("nodeAffinity") or {}
    terms = (affinity.get(REQUIRED) or {}).get("nodeSelectorTerms") or []
    ours = [
        _requirement(key, operator, value)
        for key, value in nodes.node_selector.items()
        for operator in ("In", "NotIn")
    ]
    kept = []
    for term in terms:
        left = [each for each in term.get("matchExpressions") or [] if each not in ours]
        if left or term.get("matchFields"):
            kept.append({**term, "matchExpressions": left})
    if terms:
        _put_terms(found["affinity"], kept)
    return found


def _require(affinity: Term, terms: Sequence[Term]) -> None:
    """Replaces what was required, as MLRun does: a pod cannot be bound and kept away at once."""
    _put_terms(affinity, list(terms))


def _put_terms(affinity: Term, terms: list[Term]) -> None:
    node = affinity.setdefault("nodeAffinity", {})
    if terms:
        node[REQUIRED] = {"nodeSelectorTerms": terms}
        return
    node.pop(REQUIRED, None)
    if not node:
        del affinity["nodeAffinity"]


def _requirement(key: str, operator: str, value: str) -> Term:
    return {"key": key, "operator": operator, "values": [value]}


def _plain(toleration: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in toleration.items() if value is not None}
