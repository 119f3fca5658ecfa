"""Values as files: NumPy, pandas and Arrow, JSON too long for the module, and pickles."""

from __future__ import annotations

import hashlib
import io
import json
import sys
from dataclasses import dataclass
from typing import Any

from jupyter_mlrun.capture.equality import same


class NotData(Exception):
    """The value has no file that reads back equal."""


@dataclass(frozen=True)
class Data:
    """The bytes of a value and the expression that reads them from ``{item}``, a DataItem."""

    body: bytes
    suffix: str
    kind: str
    expression: str
    modules: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """The word for it where what ships is shown."""
        words = {".npy": "array", ".json": "json", ".pkl": "pickle", ".bin": "bytes"}
        return words.get(self.suffix, "dataset")

    @property
    def key(self) -> str:
        """The artifact's key: the content decides it."""
        return f"captured-{hashlib.sha1(self.body).hexdigest()[:16]}"


def pack_data(value: object) -> Data | None:
    """The value as a verified file; None where it is of no known kind, NotData where it differs."""
    root = type(value).__module__.partition(".")[0]
    name = type(value).__name__
    if root == "numpy" and name == "ndarray":
        return _array(value)
    if root == "pandas" and name == "DataFrame":
        return _frame(value)
    if root == "pandas" and name == "Series":
        return _series(value)
    if root == "pandas" and "Index" in [base.__name__ for base in type(value).__mro__]:
        return _index(value)
    if root == "pyarrow" and name == "Table":
        return _arrow(value)
    return None


def pack_long(value: object, least: int, most: int) -> Data | None:
    """A list, dict, text or bytes of more than ``least`` bytes as a file; None for any other."""
    if isinstance(value, (bytes, bytearray)) and len(value) > least:
        check_size(len(value), most)
        expression = "{item}.get()" if type(value) is bytes else "bytearray({item}.get())"
        return Data(bytes(value), ".bin", "artifact", expression)
    if type(value) not in (list, dict, str) or len(value) < 200:  # type: ignore[arg-type]
        return None
    try:
        text = json.dumps(value, allow_nan=False, ensure_ascii=False)
        if len(text) <= least or not same(json.loads(text), value):
            return None
        body = text.encode()
    except (TypeError, ValueError, RecursionError):
        return None
    check_size(len(body), most)
    return Data(body, ".json", "artifact", "_json.loads({item}.get())", ("json",))


def pack_plain(value: object, most: int) -> Data:
    """A long value of the standard library's types, which JSON does not say, as a file."""
    import pickle

    body = pickle.dumps(value, protocol=4)
    check_size(len(body), most)
    if not same(pickle.loads(body), value):
        raise NotData("it does not read back equal")
    return Data(body, ".pkl", "artifact", "_pickle.loads({item}.get())", ("pickle",))


def pack_pickle(value: object, most: int) -> Data:
    """Any value by cloudpickle; NotData where it refuses or is larger than ``most`` bytes."""
    import cloudpickle

    try:
        body = cloudpickle.dumps(value)
        cloudpickle.loads(body)
    except Exception as error:
        # pickling runs the value's own code
        raise NotData(f"cloudpickle refuses it: {error}") from None
    check_size(len(body), most)
    return Data(body, ".pkl", "artifact", "_pickle.loads({item}.get())", ("pickle",))


def check_size(size: int, most: int) -> None:
    """NotData where a value is larger than what may ship."""
    if size > most:
        raise NotData(f"it is {format_size(size)} and at most {format_size(most)} may ship")


def format_size(size: int) -> str:
    """A number of bytes for people."""
    if size < 1000:
        return f"{size} B"
    for unit, factor in (("kB", 10**3), ("MB", 10**6), ("GB", 10**9)):
        if size < 1000 * factor or unit == "GB":
            return f"{size / factor:.3g} {unit}"
    return f"{size} B"


def size_of(value: Any) -> int:
    """About how many bytes a value takes, without copying it."""
    if hasattr(value, "memory_usage"):
        usage = value.memory_usage(deep=False)
        return int(usage if isinstance(usage, int) else usage.sum())
    return int(getattr(value, "nbytes", 0))


def _array(value: Any) -> Data:
    numpy = sys.modules["numpy"]
    if value.dtype.hasobject:
        raise NotData("it is an array of Python objects")
    buffer = io.BytesIO()
    numpy.save(buffer, value, allow_pickle=False)
    back = numpy.load(io.BytesIO(buffer.getvalue()), allow_pickle=False)
    if back.dtype != value.dtype or back.tobytes() != value.tobytes():
        raise NotData("it does not read back equal from .npy")
    expression = "_numpy.load(_io.BytesIO({item}.get()), allow_pickle=False)"
    return Data(buffer.getvalue(), ".npy", "artifact", expression, ("io", "numpy"))


def _frame(value: Any) -> Data:
    return Data(_parquet(value), ".parquet", "dataset", "{item}.as_df()" + _regular(value.index))


def _regular(index: Any) -> str:
    """The call that gives an index of dates its frequency again, which Parquet does not keep."""
    if type(index).__name__ not in ("DatetimeIndex", "TimedeltaIndex") or index.freq is None:
        return ""
    return f".asfreq({index.freq.freqstr!r})"


def _parquet(value: Any) -> bytes:
    pandas = sys.modules["pandas"]
    if value.attrs:
        raise NotData("its .attrs do not survive Parquet")
    if not value.flags.allows_duplicate_labels:
        raise NotData("its flags do not survive Parquet")
    buffer = io.BytesIO()
    try:
        value.to_parquet(buffer, engine="pyarrow")
        back = pandas.read_parquet(io.BytesIO(buffer.getvalue()))
        if _regular(value.index):
            back = back.asfreq(value.index.freq.freqstr)
    except Exception as error:
        # a column may hold any object, with its own code
        said = "; ".join(map(str, error.args)) or type(error).__name__
        raise NotData(f"Parquet refuses it: {said.splitlines()[0]}") from None
    problem = frame_difference(value, back)
    if problem:
        raise NotData(f"it does not read back equal from Parquet: {problem}")
    return buffer.getvalue()


def frame_difference(left: Any, right: Any) -> str:
    """How two DataFrames differ, in a few words; empty where they do not."""
    testing = sys.modules["pandas"].testing
    for label, kind in (("columns", left.columns), ("index", left.index)):
        other = getattr(right, label)
        if type(kind) is not type(other) or kind.dtype != other.dtype:
            return f"its {label} come back as {type(other).__name__} of {other.dtype}"
        if getattr(kind, "freq", None) != getattr(other, "freq", None):
            return f"the frequency of its {label} is lost"
    try:
        testing.assert_frame_equal(
            left, right, check_exact=True, check_column_type=True, check_freq=True, check_flags=True
        )
    except AssertionError as error:
        return str(error).splitlines()[0]
    for at in range(left.shape[1]):
        column = left.iloc[:, at]
        if column.dtype == object and not _same_objects(column, right.iloc[:, at]):
            return f"column {left.columns[at]!r} holds Python objects that change"
    return ""


def _same_objects(left: Any, right: Any) -> bool:
    return all(same(a, b) for a, b in zip(left.tolist(), right.tolist(), strict=True))


def _series(value: Any) -> Data:
    if value.attrs:
        raise NotData("its .attrs do not survive Parquet")
    body = _parquet(value.to_frame(name="values"))
    column = f"['values'].rename({_label(value)})"
    return Data(body, ".parquet", "dataset", "{item}.as_df()" + _regular(value.index) + column)


def _label(value: Any) -> str:
    if value.name is None or type(value.name) in (str, int):
        return repr(value.name)
    raise NotData(f"its name {value.name!r} is neither text nor a whole number")


def _index(value: Any) -> Data:
    pandas = sys.modules["pandas"]
    body = _parquet(pandas.DataFrame({"values": range(len(value))}, index=value))
    expression = "{item}.as_df()" + _regular(value) + ".index"
    return Data(body, ".parquet", "dataset", expression)


def _arrow(value: Any) -> Data:
    parquet = __import__("pyarrow.parquet").parquet
    buffer = io.BytesIO()
    parquet.write_table(value, buffer)
    if not parquet.read_table(io.BytesIO(buffer.getvalue())).equals(value, check_metadata=True):
        raise NotData("it does not read back equal from Parquet")
    expression = "_pyarrow_parquet.read_table(_io.BytesIO({item}.get()))"
    return Data(buffer.getvalue(), ".parquet", "dataset", expression, ("io", "pyarrow.parquet"))
