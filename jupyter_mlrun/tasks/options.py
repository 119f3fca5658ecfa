"""How a run is repeated: over sets of parameters, and after failures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jupyter_mlrun.errors import MLRunInvalidArgumentError, MLRunInvalidArgumentTypeError
from jupyter_mlrun.names import near

from .fields import OPTIONS, RETRY, Part


class HyperParamStrategies:
    """The ways to go through sets of parameters."""

    grid = "grid"
    list = "list"
    random = "random"
    custom = "custom"

    @staticmethod
    def all() -> tuple[str, ...]:
        """All of them."""
        return ("grid", "list", "random", "custom")


class HyperParamOptions(Part):
    """How hyper-parameters are tried: strategy, selector, limits, how many at a time.

    ``parallel_runs`` works in that many processes of this machine, or, with ``dask_cluster_uri``
    (``db://PROJECT/NAME`` or a scheduler's ``tcp://HOST:PORT``), in a Dask cluster.
    """

    TABLE = OPTIONS

    def __init__(
        self,
        param_file: str | Mapping[str, Any] | None = None,
        strategy: str | None = None,
        selector: str | None = None,
        stop_condition: str | None = None,
        parallel_runs: int | None = None,
        dask_cluster_uri: str | None = None,
        max_iterations: int | None = None,
        max_errors: int | None = None,
        teardown_dask: bool | None = None,
    ) -> None:
        is_document = isinstance(param_file, Mapping)
        super().__init__(
            param_file if is_document else None,  # type: ignore[arg-type]
            param_file=None if is_document else param_file, strategy=strategy, selector=selector,
            stop_condition=stop_condition, parallel_runs=parallel_runs,
            dask_cluster_uri=dask_cluster_uri, max_iterations=max_iterations,
            max_errors=max_errors, teardown_dask=teardown_dask,
        )  # fmt: skip

    def validate(self) -> None:
        """Nothing, or MLRunInvalidArgumentError with what is wrong."""
        validate_options(self)


def validate_options(options: Mapping[str, Any]) -> None:
    """Nothing, where these options can be followed; raises MLRunInvalidArgumentError."""
    if not isinstance(options, Mapping):
        raise MLRunInvalidArgumentTypeError(
            f"hyper_param_options is a HyperParamOptions, or its dict, not {options!r:.60}"
        )
    for name in options:
        if name not in OPTIONS:
            raise MLRunInvalidArgumentError(
                f"There is no hyper-parameter option '{name}'.{near(name, OPTIONS)}"
            )
    strategy = options.get("strategy")
    if strategy and strategy not in HyperParamStrategies.all():
        raise MLRunInvalidArgumentError(
            f"There is no strategy '{strategy}': choose {', '.join(HyperParamStrategies.all())}"
        )
    for name in ("parallel_runs", "max_iterations", "max_errors"):
        value = options.get(name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
            raise MLRunInvalidArgumentError(f"{name} is a whole number, not {value!r}")
        if isinstance(value, int) and value < 0:
            raise MLRunInvalidArgumentError(f"{name} must not be negative, and is {value}")


class RetryBackoff(Part):
    """How long to wait before a run is tried again."""

    TABLE = {"base_delay": None}

    def __init__(self, base_delay: str | None = None) -> None:
        super().__init__(base_delay=base_delay or "30s")


class Retry(Part):
    """How often a failed run is tried again, and after how long."""

    TABLE = RETRY

    def __init__(
        self, count: int | None = 0, backoff: RetryBackoff | Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(count=count or None)
        if count:
            self["backoff"] = dict(backoff or RetryBackoff())
