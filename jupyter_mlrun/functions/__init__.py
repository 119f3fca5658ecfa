"""Functions as user code holds them: made of code, stored, run; a class for each kind."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .function import Function as Function
    from .load import code_to_function as code_to_function
    from .load import import_function as import_function
    from .load import new_function as new_function

_PLACES = {
    "Function": "function",
    "code_to_function": "load",
    "import_function": "load",
    "new_function": "load",
}


def __getattr__(name: str) -> object:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{_PLACES[name]}", __name__), name)
