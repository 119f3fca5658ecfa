# ruff: noqa: E501 (cells are written as one text)
"""Cells of a live shell run in a clean process with the values of the kernel."""

from __future__ import annotations

import py_compile
import sys
from pathlib import Path
from typing import Any

import pytest

from jupyter_mlrun.capture.resolve import Limits
from jupyter_mlrun.errors import CaptureError


def test_helpers_imports_and_values(run: Any, capture: Any, ship: Any) -> None:
    run(
        "import math\nfrom math import sqrt, pi as PI\nSCALE = 3",
        "def area(r):\n    return PI * r ** 2 * SCALE",
        "def helper(x):\n    return math.floor(area(x))",
    )
    made = capture("r = helper(n) + sqrt(4)", parameters={"n": 2}, outputs=("r",))
    assert ship(made, [], [3])[0] == [39.0, 86.0]
    assert made.entry_points["train"]["parameters"][1] == {
        "name": "n", "type": "int", "default": 2,
    }  # fmt: skip


def test_each_call_starts_from_the_captured_values(run: Any, capture: Any, ship: Any) -> None:
    run("total = 1\nseen = []\ndef bump():\n    global total\n    total += 10")
    body = "total += 5\nbump()\nseen.append(total)\nkept = list(seen)\ndel seen"
    made = capture(body, outputs=("total", "kept"))
    assert ship(made, [], [])[0] == [[16, [16]], [16, [16]]]


def test_star_import_class_and_await(run: Any, capture: Any, ship: Any) -> None:
    run(
        "from math import *\nclass Base:\n    k = 2\n    def twice(self, x):\n        return self.k * x"
    )
    body = (
        "import asyncio\nclass Child(Base):\n    k = 3\n"
        "async def later(x):\n    await asyncio.sleep(0)\n    return Child().twice(x)\n"
        "r = await later(sqrt(16))\nrs = [await later(i) for i in range(2)]\nr"
    )
    results, printed = ship(capture(body, outputs=("r", "rs")))
    assert results == [[12.0, [0, 3]]] and printed.strip() == "12.0"


def test_what_the_shell_puts_over_a_builtin_is_the_builtin(capture: Any, ship: Any) -> None:
    made = capture("import os\nwith open(os.devnull) as f:\n    r = f.read()", outputs=("r",))
    assert ship(made)[0] == [""]


def test_reexecuted_cells_ship_what_ran_last(run: Any, capture: Any, ship: Any) -> None:
    run("def f():\n    return 1", "def f():\n    return 2", "x = 1", "x = f() + x")
    assert ship(capture("r = f(), x", outputs=("r",)))[0] == [[2, 3]]


def test_decorators_defaults_lambdas(run: Any, capture: Any, ship: Any) -> None:
    run(
        "import functools\nT = 3\ndef deco(f):\n    def w(*a):\n        return f(*a) + 1\n    return w",
        "@deco\n@functools.lru_cache\ndef g(x, y=T):\n    return x + y\nsq = lambda v: v * v\nT = 100",
        "def plain(a, b=T, *, c=[1, 2]):\n    return a + b + len(c)\nT = -1",
    )
    assert ship(capture("r = [g(1), sq(3), plain(1)]", outputs=("r",)))[0] == [[5, 9, 103]]


def test_classes_of_every_make(run: Any, capture: Any, ship: Any) -> None:
    run(
        "import enum\nfrom collections import namedtuple\nfrom dataclasses import dataclass, field",
        "@dataclass\nclass Config:\n    lr: float = 0.1\n    tags: list = field(default_factory=list)\n"
        "P = namedtuple('P', 'a b')\nclass Color(enum.Enum):\n    RED = 1\nbase = P(1, 2)\n"
        "config = Config(0.5, ['x'])\ncolor = Color.RED",
    )
    body = "r = [config.lr, config.tags, base.b, color.name, P(3, 4).a, Config().lr]"
    assert ship(capture(body, outputs=("r",)))[0] == [[0.5, ["x"], 2, "RED", 3, 0.1]]


def test_numpy_and_pandas_travel_unchanged(run: Any, capture: Any, ship: Any) -> None:
    run(
        "import numpy as np, pandas as pd",
        "arr = np.asfortranarray(np.arange(6, dtype='int16').reshape(2, 3))\n"
        "index = pd.date_range('2024-01-01', periods=2, tz='Europe/Paris', freq='D', name='day')\n"
        "df = pd.DataFrame({'a': [1, None], 'c': pd.Categorical(['x', 'y'])}, index=index._with_freq(None))\n"
        "s = pd.Series([1, 2], name='s', dtype='Int8')",
    )
    body = (
        "r = [str(arr.dtype), arr.flags.f_contiguous, str(df.index.tz), df.index.name,"
        " str(df.dtypes['c']), str(s.dtype), s.name]"
    )
    made = capture(body, outputs=("r",))
    expected = ["int16", True, "Europe/Paris", "day", "category", "Int8", "s"]
    assert ship(made)[0] == [expected]
    again = capture(body, outputs=("r",))
    assert again.text == made.text and list(again.artifacts) == list(made.artifacts)


def test_values_of_the_standard_library(run: Any, capture: Any, ship: Any) -> None:
    run(
        "from datetime import datetime, timezone\nfrom decimal import Decimal\nfrom pathlib import Path\n"
        "when = datetime(2024, 1, 2, tzinfo=timezone.utc)\nprice = Decimal('1.10')\nhere = Path('a/b')\n"
        "tags = {'x'}\nraw = b'\\x00'\npair = (1, 'a')\nnothing = float('nan')"
    )
    body = "r = [str(when), str(price), str(here / 'c'), sorted(tags), raw[0], pair, nothing != nothing]"
    expected = ["2024-01-02 00:00:00+00:00", "1.10", "a/b/c", ["x"], 0, [1, "a"], True]
    assert ship(capture(body, outputs=("r",)))[0] == [expected]


def test_shell_lines_work_as_in_the_notebook(run: Any, capture: Any, ship: Any) -> None:
    run("word = 'hello'\ndef listed():\n    out = !echo b; echo a\n    return out.sort()")
    body = (
        "lines = !printf 'one two\\n{word} $word\\n'\n!echo shown; exit 3\n"
        "r = [lines.n, lines.fields(0), lines.grep('ONE'), _exit_code, listed()]"
    )
    results, printed = ship(capture(body, outputs=("r",)))
    expected = ["one two\nhello $word", ["one", "hello"], ["one two"], 3, ["a", "b"]]
    assert results == [[*expected]] and printed == "shown\n"
    with pytest.raises(AssertionError, match="Background processes not supported"):
        ship(capture("!sleep 9 &"))


def test_shell_lines_expand_exactly_where_ipython_expands(
    shell: Any, capture: Any, ship: Any
) -> None:
    shell.user_ns.update(word="w", n=3, d={"k": 1})
    commands = [
        "echo {word} $word $n", "echo {n + 1:03d}", "echo {n + 1} {word!r} {word[0:1]}", "echo {word} $NOT_A_NAME",
        "echo a | awk '{print $1}'", "echo $$ x > /dev/null", "echo {d['k']}", "echo ${HOME}x",
        "echo '{n}' \"$n\"", "echo {missing}",
    ]  # fmt: skip
    for command in commands:
        made = capture(f"r = !{command}", outputs=("r",))
        expected = list(shell.getoutput(shell.var_expand(command)))
        assert ship(made)[0] == [expected], command


def test_two_objects_of_one_name_stay_two(run: Any, capture: Any, ship: Any) -> None:
    run(
        "def area(r): return 3 * r\nold = area\nolder = area\nclass Kind:\n    k = 1\nBefore = Kind"
    )
    run("def area(r): return 100 * r\nclass Kind:\n    k = 2\n    parent = Before")
    body = (
        "r = [old(1), area(1), older is old, old.__name__, Kind.k, Before.k, Kind.parent is Before]"
    )
    assert ship(capture(body, outputs=("r",)))[0] == [[3, 100, True, "area", 2, 1, True]]
    run("Kind.k = 3")
    with pytest.raises(
        CaptureError, match="its attribute k is not what the class was defined with"
    ):
        capture("r = Kind.k")


def test_a_class_of_an_earlier_base_is_refused(run: Any, capture: Any) -> None:
    run("class Base:\n    k = 1\nclass Child(Base):\n    pass")
    run("class Base:\n    k = 2")
    with pytest.raises(CaptureError, match="its base Base was defined anew since"):
        capture("r = Child().k")


def test_the_body_binds_what_an_earlier_function_reads(run: Any, capture: Any, ship: Any) -> None:
    run("def late():\n    return soon + 1")
    assert ship(capture("soon = 5\nr = late()", outputs=("r",)))[0] == [6]
    with pytest.raises(CaptureError, match="line 2 of late: soon is not defined"):
        capture("r = late()")


def test_what_two_values_share_is_said(run: Any, capture: Any) -> None:
    run("xs = [1, 2]\nboth = {'xs': xs}\nown = [1, 2]")
    warnings = capture("r = [xs, both, own]").warnings
    assert warnings == ["xs and both share an object; in the run each has its own"]


def test_what_a_wrapper_made_is_made_again(run: Any, capture: Any, ship: Any) -> None:
    run(
        "import functools\ndef twice(f, by=2):\n    @functools.wraps(f)\n    def inner(*a):\n"
        "        return by * f(*a)\n    return inner\ndef g(x):\n    return x + 1\n"
    )
    run("g2 = twice(g)\ncached = functools.lru_cache(g)\ndef h(x):\n    return x\nh = twice(h)")
    body = "r = [g2(1), g(1), cached(1), hasattr(cached, 'cache_info'), h(4)]"
    assert ship(capture(body, outputs=("r",)))[0] == [[4, 2, 2, True, 8]]
    run("factor = 5\ng5 = twice(g, factor)\nfactor = 6")
    with pytest.raises(CaptureError, match="it was made with factor, which may be another by now"):
        capture("r = g5(1)")
    run("def g(x):\n    return x + 2")
    with pytest.raises(
        CaptureError, match="g2 cannot ship: it was made with g, which may be another"
    ):
        capture("r = g2(1)")


def test_magics_that_measure_go_and_their_statement_stays(capture: Any, ship: Any) -> None:
    body = "%timeit -n1 -r 2 x = 1\n%prun -s cumulative y = 2\n%time z = -3\nw = %timeit -o -n1 4\n"
    made = capture(body, outputs=("x", "y", "z", "w"))
    assert ship(made)[0] == [[1, 2, -3, 4]]


def test_magics_are_left_out_or_refused_by_line(run: Any, capture: Any) -> None:
    made = capture("%%time\n%matplotlib inline\n%time x = 1\nx?\nif x:\n    %matplotlib inline\n")
    assert len(made.warnings) == 5 and made.warnings[0].startswith("line 2: %%time")
    for body, sentence in {
        "x = 1\n%pip install y": "line 3: %pip cannot run outside the notebook: install packages",
        "%cd /tmp": "line 2: %cd cannot run outside the notebook: give the run its folder: --workdir",
        "%env A=1": "--env NAME=VALUE",
        "%%bash\nls": "line 2: %%bash cannot run outside the notebook",
        "%sql select 1": "line 2: %sql cannot run",
    }.items():
        with pytest.raises(CaptureError) as error:
            capture(body)
        assert sentence in str(error.value)


def test_text_that_only_looks_like_a_magic_stays(capture: Any, ship: Any) -> None:
    body = 'text = """\n!ls\n%cd /\n# mlrun: ignore\n"""\nr = text'
    assert ship(capture(body, outputs=("r",)))[0] == ["\n!ls\n%cd /\n# mlrun: ignore\n"]


REFUSED = {
    "lock": ("import threading\nlock = threading.Lock()", "line 3: lock cannot ship", "Make it inside the cell"),
    "handle": ("handle = open('/dev/null')", "line 3: handle cannot ship", "inside the cell"),
    "stream": ("stream = (i for i in [])", "line 3: stream cannot ship", "list of it"),
    "add": ("def mk(n):\n    def add(x):\n        return x + n\n    return add\nadd = mk(1)",
            "line 3: add cannot ship: it was made inside another function", "(n)"),
    "big": ("import numpy as np\nbig = np.zeros(9_000_000)", "big cannot ship: it is 72 MB", "64 MB"),
    "mixed": ("import pandas as pd\nmixed = pd.DataFrame({'a': [1, 'x']}, dtype=object)",
              "mixed cannot ship", "--pickle mixed"),
    "made": ("import types\nmade = types.ModuleType('made')", "made cannot ship", "file"),
    "loop": ("loop = []\nloop.append(loop)", "loop cannot ship: it contains itself", ""),
    "In": ("1", "line 3: In cannot ship: it exists in the notebook only", ""),
    "typo_name": ("type_name = 1", "line 3: typo_name is not defined in this kernel", "type_name"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_refusals_name_the_variable_its_line_and_the_way_out(
    name: str, run: Any, capture: Any
) -> None:
    cell, sentence, way = REFUSED[name]
    run(cell)
    with pytest.raises(CaptureError) as error:
        capture(f"x = 1\nprint({name})")
    assert sentence in str(error.value) and way in str(error.value)


def test_what_nobody_can_know_is_refused(run: Any, capture: Any, ship: Any) -> None:
    run("text = 'x'\nx = 1\ndef hidden(n):\n    return eval(n)\ndf = None")
    for body in ("eval(text)", "globals()[text]", "exec(text)", "list(map(eval, [text]))",
                 "f'{locals()}'", "import __main__", "get_ipython().user_ns", "hidden(text)"):  # fmt: skip
        with pytest.raises(CaptureError, match="cannot be known"):
            capture(f"a = 1\n{body}")
    ways = {
        "exec(text)": "exec(text, {'x': x})", "print(globals())": "globals()['x']",
        "print(dir())": "dir(x)", "print(vars())": "vars(x)", "print(locals())": "{'x': x, 'y': y}",
        "get_ipython().user_ns": "!command", "import __main__": "by their names",
    }  # fmt: skip
    for body, way in ways.items():
        with pytest.raises(CaptureError) as refused:
            capture(body)
        told = str(refused.value)
        assert told.startswith("line 2: `") and way in told, told
        assert ("eval" in told) is (body == "eval(text)"), told
    known = capture(
        "r = [eval('x + 1'), globals()['x'], 'x' in globals(), eval(text, {'x': 5})]",
        outputs=("r",),
    )
    assert ship(known)[0] == [[2, 1, True, 5]]


def test_a_query_reaches_its_variables(run: Any, capture: Any, ship: Any) -> None:
    run("import pandas as pd\nlow = 1\ndf = pd.DataFrame({'a': [1, 2]})")
    assert ship(capture("r = len(df.query('a > @low'))", outputs=("r",)))[0] == [1]


def test_what_cannot_be_pickled_is_said_once(run: Any, capture: Any) -> None:
    run("import threading\nlock = threading.Lock()")
    with pytest.raises(CaptureError) as refused:
        capture("print(lock)", limits=Limits(pickled=frozenset({"lock"})))
    assert "does not use" not in str(refused.value) and "lock" in str(refused.value)


def test_pickle_by_name(run: Any, capture: Any, ship: Any) -> None:
    run("class Box:\n    def __init__(self): self.v = {'k': [1]}\nbox = Box()")
    limits = Limits(pickled=frozenset({"box"}))
    made = capture("r = box.v", outputs=("r",), limits=limits)
    assert ship(made)[0] == [{"k": [1]}] and "cloudpickle" in made.environment.packages
    run("import numpy as np\nbox = np.zeros(2_000_000)")
    with pytest.raises(CaptureError, match="16 MB and at most 10 MB"):
        capture("box", limits=limits)
    with pytest.raises(CaptureError, match="does not use that name"):
        capture("1", limits=limits)


def test_modules_of_no_distribution_ship_as_files(
    run: Any, capture: Any, ship: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    (home / "parcel" / "inner").mkdir(parents=True)
    (home / "parcel" / "__init__.py").write_text("from parcel.inner.deep import VALUE\n")
    (home / "parcel" / "inner" / "__init__.py").write_text("")
    (home / "parcel" / "inner" / "deep.py").write_text("import sidekick\nVALUE = sidekick.n\n")
    (home / "sidekick.py").write_text("n = 7\n")
    monkeypatch.syspath_prepend(str(home))
    run("from parcel import VALUE as v")
    made = capture("import sidekick as s\nr = v + s.n", outputs=("r",))
    assert sorted(made.environment.files) == [
        "parcel/__init__.py", "parcel/inner/__init__.py", "parcel/inner/deep.py", "sidekick.py",
    ]  # fmt: skip
    run(
        "import importlib, sys\nfor m in [m for m in sys.modules if m.startswith(('parcel', 'sidekick'))]: del sys.modules[m]"
    )
    assert ship(made)[0] == [14]


def test_a_module_whose_file_changed_since_its_import_is_said(
    run: Any, capture: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    texts = {
        "stale_value": ("VAL = 5\n", "VAL = 500\n"),
        "stale_method": ("class K:\n    def f(self):\n        return 1\n",
                         "class K:\n    def f(self):\n        return 2\n"),
        "only_moved": ("import functools\n@functools.cache\ndef f():\n    return 1\n",
                       "import functools\n\n\n# moved\n@functools.cache\ndef f():\n    return 1\n"),
    }  # fmt: skip
    for name, (before, _) in texts.items():
        (tmp_path / f"{name}.py").write_text(before)
    run(*(f"import {name}" for name in texts))
    for name, (_, after) in texts.items():
        (tmp_path / f"{name}.py").write_text(after)
    # another process has imported it anew, and left what it compiled
    py_compile.compile(str(tmp_path / "stale_method.py"))
    made = capture("r = stale_value.VAL, stale_method.K().f(), only_moved.f()")
    said = [text.partition(" was changed")[0] for text in made.warnings]
    assert said == ["the file of stale_method", "the file of stale_value"], made.warnings
    run(f"import importlib\nfor m in ({', '.join(texts)}):\n    importlib.reload(m)")
    assert capture("r = stale_value.VAL, stale_method.K().f()").warnings == []


def test_what_this_kernel_changed_in_a_module_is_said(
    run: Any, capture: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "settled.py").write_text(
        "import math\nimport json as words\nRATE = 1\nSIZES = [1, (2, None)]\nNAN = float('nan')\n"
        "COUNT = 0\nif math.pi:\n    COUNT = 1\nOWN, MORE = 1, -2\nlate: int\nroot = math.sqrt(4)\n"
        "def f():\n    global made\n    made = 1\n\ndef g():\n    return RATE\n\nclass K:\n    pass\n"
    )
    run("import settled\nsettled.f()\nsettled.late = 3")
    assert capture("r = settled.g()").warnings == []
    run(
        "settled.RATE = 1.0\nsettled.SIZES.append(3)\nsettled.NAN = settled.root = 5\nsettled.MORE = 9\n"
        "settled.extra = 'x'\nsettled.f = lambda: 2\nsettled.K = dict"
    )
    [warning] = capture("r = settled.g()").warnings
    assert warning.startswith(
        "K, MORE, RATE, SIZES, extra, f of settled are otherwise in this kernel than settled.py"
    ), warning


FILLED = {
    "filled_by_registering": "HANDLERS = {}\ndef register(f):\n    HANDLERS[f.__name__] = f\n"
    "    return f\n@register\ndef one(): pass\n",
    "filled_by_key": "OPTS = {'b': 2}\nOPTS['a'] = 1\n",
    "filled_by_method": "NAMES = ['x']\nNAMES.append('y')\nSEEN = {1}\nSEEN.add(2)\n",
    "filled_by_use": "_CACHE = {}\ncounter = [0]\ndef f():\n    counter[0] += 1\n"
    "    _CACHE[1] = 2\nf()\n",
    "filled_by_others": "PLUGINS = []\n",
    "filled_within": "STATE = ('s', [1])\nSTATE[1].append(2)\n",
    "bound_by_imports": "np = None\ntry:\n    import json as np\nexcept ImportError:\n    pass\n"
    "path = None\nfrom os import path\nos = 0\nimport os.path\n",
    "bound_by_defs": "fast = Fast = None\ntry:\n    def fast(): pass\n    class Fast: pass\n"
    "finally:\n    pass\n",
    "bound_by_match": "a = b = c = 0\nmatch [1, 2, 3]:\n    case [a, *b]:\n        pass\n"
    "match {'k': 1}:\n    case {**c}:\n        pass\n",
    "bound_by_handlers": "left = kept = 0\nlast = (kept := 3)\ntry:\n    1 / 0\n"
    "except ZeroDivisionError as left:\n    pass\n",
    "bound_by_globals": "RATE = 1\nfor n in ('RATE', 'made'):\n    globals()[n] = 2\n",
    "bound_by_setattr": "import sys\nsetattr(sys.modules[__name__], 'made', 3)\n",
    "bound_when_asked": "def __getattr__(name):\n    if name.startswith('_'):\n"
    "        raise AttributeError(name)\n    value = len(name)\n"
    "    setattr(__import__('sys').modules[__name__], name, value)\n    return value\n",
    "placed_elsewhere": "class K:\n    __module__ = 'api'\nclass L: pass\nL.__module__ = 'api'\n",
    "placed_within": "class K:\n    __module__ = 'api'\n",
    "bound_by_star": "sep = 'mine'\nfrom os.path import *\n",
}


def test_what_a_module_changes_itself_is_not_said(
    run: Any, capture: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    for name, text in FILLED.items():
        (tmp_path / f"{name}.py").write_text(f"{text}\nok = 1\nKNOWN = 1\n")
    run(*(f"import {name}" for name in FILLED))
    run("filled_by_others.PLUGINS.append(1); bound_when_asked.wanted")
    uses = ", ".join(f"{name}.ok" for name in FILLED)
    assert capture(f"r = {uses}").warnings == []
    # what is known of them still is
    run(*(f"{name}.KNOWN = 2" for name in FILLED))
    said = {text.partition(" is")[0] for text in capture(f"r = {uses}").warnings}
    assert said == {
        f"KNOWN of {name}" for name in FILLED if name not in ("bound_by_globals", "bound_by_star")
    }


def test_a_handler_takes_its_arguments_by_name(capture: Any) -> None:
    with pytest.raises(CaptureError, match="line 2: fit\\(\\) takes context, a by place alone"):
        capture("def fit(context, a, /, b=1):\n    return a", name="fit")


def test_a_handler_that_yields_is_refused(capture: Any) -> None:
    for head, what in (("def", "a generator"), ("async def", "an async generator")):
        with pytest.raises(CaptureError, match=f"line 4: fit\\(\\) is {what}.*return it"):
            capture(f"{head} fit(n=3):\n    for i in range(n):\n        yield i", name="fit")
    inner = "def fit():\n    def numbers():\n        yield 1\n    return list(numbers())"
    assert capture(inner, name="fit").form == "handler"
    collected = "def whole(f):\n    return lambda: list(f())\n@whole\ndef fit():\n    yield 1"
    assert capture(collected, name="fit").form == "handler"


def test_handler_form_keeps_the_cell_and_tells_its_lines(run: Any, capture: Any, ship: Any) -> None:
    run("FACTOR = 2")
    body = "\nfrom __future__ import annotations\n\ndef inner(x):\n    return x * FACTOR\n\n\ndef train(context, n: int = 4) -> int:\n    '''Doc.\n\n    :param n: how many\n    '''\n    return inner(n)\n"
    made = capture(body, outputs=("r",))
    entry = made.entry_points["train"]
    assert (
        made.form == "handler"
        and entry["doc"] == "Doc."
        and set(made.entry_points) == {"inner", "train"}
    )
    assert entry["parameters"][1] == {"name": "n", "type": "int", "doc": "how many", "default": 4}
    line = made.text.splitlines()[entry["lineno"] - 1]
    assert line.startswith("def train(") and entry["lineno"] - entry["cell_offset"] == 9
    assert ship(made, [], [5])[0] == [8, 10]


def test_handler_option(run: Any, capture: Any) -> None:
    assert capture("def fit(a):\n    return a", handler="fit").handler == "fit"
    with pytest.raises(CaptureError, match="defines no function of that name; it defines fit"):
        capture("def fit(a):\n    return a", handler="fti")
    with pytest.raises(CaptureError, match="await inside the function"):
        capture("import asyncio\ndef train(c):\n    pass\nawait asyncio.sleep(0)")


def test_the_run_may_be_called_like_a_helper(run: Any, capture: Any, ship: Any) -> None:
    run("def train(x):\n    return x + 1\ndef twice(x):\n    return train(train(x))")
    assert ship(capture("r = train(1) + twice(0)", outputs=("r",)))[0] == [4]


def test_parameters_and_inputs_win(run: Any, capture: Any, ship: Any) -> None:
    run("n = 1\nclass Opaque: pass\ndata = Opaque()\ndef show():\n    return n")
    made = capture("r = [n, show(), data]", parameters={"n": 5}, inputs=("data",), outputs=("r",))
    assert "data" not in {item.name for item in made.items}
    assert ship(made, [])[0] == [[5, 5, None]]


def test_outputs_that_the_cell_does_not_mention_are_captured(
    run: Any, capture: Any, ship: Any
) -> None:
    run("kept = [1, 2]\nimport threading\nlock = threading.Lock()")
    made = capture("x = 1", outputs=("kept", "x", "lock"))
    assert "lock does not ship" in made.warnings[0]
    with pytest.raises(AssertionError, match="output 'lock' of train is not bound"):
        ship(made)
    assert ship(capture("x = 1", outputs=("kept", "x")))[0] == [[[1, 2], 1]]


def test_unbound_output_says_its_name_and_keeps_the_others(capture: Any, ship: Any) -> None:
    made = capture("a = 1\nif False:\n    b = 2\n", outputs=("a", "b"))
    with pytest.raises(
        AssertionError, match="output 'b' of train is not bound at the end of the cell"
    ):
        ship(made)


def test_a_traceback_names_the_cell_and_its_line(capture: Any, ship: Any) -> None:
    with pytest.raises(AssertionError) as error:
        ship(capture("x = 1\n!true \\\n  false\n\nraise ValueError('boom')"))
    assert 'File "<cell train>", line 6' in str(error.value) and "raise ValueError('boom')" in str(
        error.value
    )


def test_a_syntax_error_has_the_line_of_the_cell(capture: Any) -> None:
    with pytest.raises(SyntaxError) as error:
        capture("x = 1\ny = = 2\n")
    assert error.value.lineno == 3


def test_what_a_cell_asks_for_its_name_is_main(capture: Any, ship: Any) -> None:
    made = capture("r = 0\nif __name__ == '__main__':\n    r = 1", outputs=("r",))
    assert ship(made)[0] == [1]


def test_one_object_under_two_names_stays_one(run: Any, capture: Any, ship: Any) -> None:
    run("first = second = [1]")
    assert ship(capture("first.append(2)\nr = second", outputs=("r",)))[0] == [[1, 2]]


def test_functions_made_under_time_have_source(run: Any, capture: Any, ship: Any) -> None:
    run("%%time\ndef timed(x):\n    return x + 1\n")
    assert ship(capture("r = timed(1)", outputs=("r",)))[0] == [2]


def test_a_long_list_ships_as_a_file(run: Any, capture: Any, ship: Any) -> None:
    run("many = list(range(50_000))")
    made = capture("r = sum(many)", outputs=("r",))
    assert len(made.text) < 5000 and ship(made)[0] == [sum(range(50_000))]


def test_the_text_has_nothing_of_place_or_time(run: Any, capture: Any) -> None:
    run("k = 1\ndef f():\n    return k")
    before = capture("f()")
    run("unrelated = 1", "def f():\n    return k")
    assert capture("f()").text == before.text
    run("k = 2")
    assert capture("f()").text != before.text


def test_secrets_of_the_kernel_do_not_ship(run: Any, capture: Any) -> None:
    run("api_key = 'abc'\nsettings = {'db': {'password': 'hidden-value'}}\nn_tokens = 'many'")
    with pytest.raises(CaptureError) as error:
        capture("print(api_key, settings, n_tokens)")
    text = str(error.value)
    assert "api_key cannot ship: it looks like a secret" in text and "--secret API_KEY" in text
    assert "settings cannot ship" in text and "n_tokens" not in text
    assert "hidden-value" not in text and "abc" not in text


def test_lines_count_from_the_top_of_the_cell(capture: Any) -> None:
    with pytest.raises(CaptureError, match="line 5: nothing_here is not defined"):
        capture("x = 1\nprint(nothing_here)", first_line=3)


def test_a_regular_time_series_keeps_its_frequency(run: Any, capture: Any, ship: Any) -> None:
    run(
        "import pandas as pd\nindex = pd.date_range('2024-03-30', periods=3, tz='Europe/Paris', freq='D')\n"
        "df = pd.DataFrame({'a': [1, 2, 3]}, index=index)\ns = df['a']"
    )
    made = capture(
        "r = [str(df.index.freq), str(s.index.freq), str(index.freq), len(df)]", outputs=("r",)
    )
    assert ship(made)[0] == [["<Day>", "<Day>", "<Day>", 3]]


def test_what_the_compiler_refuses_is_refused_before(shell: Any, capture: Any) -> None:
    for body in ("x = 1\nreturn 5", "x = 1\nbreak", "x = 1\nf() = 1", "x = 1\nyield 1"):
        with pytest.raises(SyntaxError) as error:
            capture(body)
        assert error.value.lineno == 3
    with pytest.raises(
        CaptureError, match="line 2: %cd cannot run outside the notebook: give the run"
    ):
        capture("cd / tmp")
    with pytest.raises(CaptureError) as refused:
        capture("cd / tmp")
    assert "tmp is not defined" not in str(refused.value)


def test_long_values_of_every_plain_type_ship_as_files(run: Any, capture: Any, ship: Any) -> None:
    run(
        "import random\nfloats = [random.random() for _ in range(20_000)]\ntext = 'ä' * 200_000\n"
        "raw = b'\\x00\\xff' * 100_000\nholes = [float('nan'), (1, 2)] * 30_000"
    )
    body = "r = [len(floats), len(text), len(raw), len(holes), holes[0] != holes[0], type(holes[1]).__name__]"
    made = capture(body, outputs=("r",))
    assert len(made.text) < 6000
    assert ship(made)[0] == [[20_000, 200_000, 200_000, 60_000, True, "tuple"]]


def test_a_builtin_under_another_name(run: Any, capture: Any, ship: Any) -> None:
    run("typ = int\nsize = len\nimport numpy as np\ntotal = np.sum\nroot = np.sqrt")
    made = capture("r = [typ('3'), size('ab'), int(total([1, 2])), float(root(4))]", outputs=("r",))
    assert ship(made)[0] == [[3, 2, 3, 2.0]]


def test_lines_of_an_earlier_command(run: Any, capture: Any, ship: Any) -> None:
    run("files = !printf 'a 1\\nb 2\\n'")
    made = capture("r = [files, files.n, files.fields(1), list(files.grep('b'))]", outputs=("r",))
    assert ship(made)[0] == [[["a 1", "b 2"], "a 1\nb 2", ["1", "2"], ["b 2"]]]


def test_partial_functions_and_type_variables(run: Any, capture: Any, ship: Any) -> None:
    run(
        "import functools, typing\nk = 2\ndef scale(a, b=1):\n    return a * b * k\n"
        "triple = functools.partial(scale, b=3)\nT = typing.TypeVar('T', bound=int)\n"
        "class Box(typing.Generic[T]):\n    def __init__(self, v: T):\n        self.v = v"
    )
    assert ship(capture("r = [triple(2), Box[int](5).v]", outputs=("r",)))[0] == [[12, 5]]


def test_types_and_classes_as_values(run: Any, capture: Any, ship: Any) -> None:
    run(
        "import typing\nfrom decimal import Decimal\nT = list[int]\nU = typing.Optional[int]\nV = int | None\n"
        "W = dict[str, list[Decimal]]\nX = typing.Literal['a', 1]\nY = typing.Callable[[int], str]\n"
        "class Own: pass\ndef own(): return 7\ntable = {'d': Decimal, 'o': Own, 'f': own, 'l': len}"
    )
    body = "r = [str(T), str(U), str(V), str(W), str(X), str(Y), table['d'](1) == 1, table['o'] is Own, table['f'](), table['l']('ab')]"
    expected = [
        "list[int]", "typing.Optional[int]", "int | None", "dict[str, list[decimal.Decimal]]",
        "typing.Literal['a', 1]", "typing.Callable[[int], str]", True, True, 7, 2,
    ]  # fmt: skip
    assert ship(capture(body, outputs=("r",)))[0] == [expected]


def test_a_name_may_be_missing_where_that_is_caught(capture: Any, ship: Any) -> None:
    body = "try:\n    undefined_here\n    r = 1\nexcept NameError:\n    r = 2"
    assert ship(capture(body, outputs=("r",)))[0] == [2]


def test_loggers(run: Any, capture: Any, ship: Any) -> None:
    run("import logging\nlog = logging.getLogger('my.log')\nroot = logging.getLogger()")
    assert ship(capture("r = [log.name, root.name]", outputs=("r",)))[0] == [["my.log", "root"]]
