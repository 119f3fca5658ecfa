"""Every magic and sub-command with its options, as the user sees them."""

from __future__ import annotations

from jupyter_mlrun.grammar.options import Command, Option

PARAMETER = Option(
    ("-p", "--param"), "NAME=VALUE",
    "A parameter: JSON or a Python literal, else text; {NAME} is the kernel's value.", True,
)  # fmt: skip
INPUT = Option(
    ("-i", "--input"), "NAME=ADDRESS",
    "An input: a path, URL, store:// address, KEY[:TAG], or FUNCTION.KEY of its last run.", True,
    values="inputs",
)  # fmt: skip
OUTPUT = Option(
    ("-o", "--output"), "NAME[:KIND]",
    "A name that is read at the end and kept, as the kind given or as its type says.", True,
    values="outputs",
)  # fmt: skip
SWEEP = Option(("-x", "--sweep"), "NAME=A,B,C", "Values to try; several -x make a grid.", True)
SELECT = Option(
    ("--select",), "max.RESULT|min.RESULT", "Which iteration of a sweep is the best.",
    values="directions",
)  # fmt: skip
PROJECT = Option(("--project",), "NAME", "The project, which must exist.", values="projects")
KIND = Option(
    ("--kind",), "KIND",
    "How it runs: local (default), handler, job, dask, mpijob, spark or remote-spark.",
    values="kinds",
)  # fmt: skip
LABEL = Option(("--label",), "NAME=VALUE", "A label of the run.", True)
NAME = Option(("--name",), "NAME", "The run's name, where it is not the function's.")
ENV = Option(("--env",), "NAME=VALUE", "An environment variable of the run.", True)
SECRET = Option(
    ("--secret",), "NAME",
    "Hand this run the kernel's variable, which is kept in memory only, or the project's secret.",
    True,
    values="secrets",
)  # fmt: skip
WORKDIR = Option(
    ("--workdir",), "DIR", "The run's folder, where it is not the notebook's.", values="files"
)
TIMEOUT = Option(("--timeout",), "TIME", "End the run after this time: 90, 90s, 15m, 2h.")
CPU = Option(("--cpu",), "CORES", "How many processor cores it may use.")
MEMORY = Option(("--memory",), "SIZE", "Memory of the whole process tree: 500M, 4G.")
HERE = Option(("--local",), text="Run it on this machine, also where a cluster is configured.")
KUBERNETES = Option(("--kubernetes",), text="Run it on the cluster, or not at all.")
REPLICAS = Option(
    ("--replicas",), "COUNT", "Ranks of an mpijob, workers of a dask cluster, executors of spark."
)
IMAGE = Option(("--image",), "IMAGE", "The image in which it runs on a cluster.")
CONF = Option(("--conf",), "NAME=VALUE", "A property of Spark's configuration.", True)
SPARK = Option(
    ("--spark",), "ADDRESS",
    "The service that remote-spark uses: sc://HOST:15002, or spark://HOST:7077.",
)  # fmt: skip
ENGINE = (REPLICAS, IMAGE, CONF, SPARK)
AS = Option(("--as",), "VAR", "Bind the run to this name of the kernel.")
WAIT = Option(("--wait",), text="Wait for the end (default).")
NO_WAIT = Option(("--no-wait",), text="Go on at once; the card shows how it ends.")
WATCH = Option(("--watch",), text="Print the log while waiting.")
NO_WATCH = Option(("--no-watch",), text="Leave the log to the card (default).")
RUNNING = (AS, WAIT, NO_WAIT, WATCH, NO_WATCH)
PLACE = (ENV, SECRET, WORKDIR, TIMEOUT, CPU, MEMORY, HERE, KUBERNETES)

CELL = Command(
    "%%mlrun",
    "Run this cell as the function NAME in a clean process, and record it.",
    ("NAME",),
    (
        PARAMETER, INPUT, OUTPUT, SWEEP, SELECT, KIND, PROJECT, NAME, LABEL, *PLACE,
        *ENGINE,
        Option(
            ("--file",),
            "PATH",
            "Ship a file or folder: modules are importable, others open by context.get_file(NAME).",
            True,
            values="files",
        ),
        Option(("--handler",), "FUNCTION", "Call this function, which the cell defines."),
        Option(("--pickle",), "NAME", "Ship this variable by cloudpickle, up to 10 MB.", True),
        *RUNNING,
        Option(("--no-run",), text="Store the function only."),
        Option(("--explain",), text="Show what would ship; nothing is stored or run."),
    ),
    values="functions",
    example="%%mlrun train -p n_estimators=200 -o accuracy -o model",
)  # fmt: skip

LINE: dict[str, Command] = {
    command.name.split()[1]: command
    for command in (
        Command(
            "%mlrun run", "Run a stored function again.", ("FUNCTION",),
            (PARAMETER, INPUT, OUTPUT, SWEEP, SELECT, KIND, PROJECT, NAME, LABEL, *PLACE, *ENGINE,
             Option(("--handler",), "FUNCTION", "Call this function of the stored code."),
             *RUNNING),
            values="functions", example="%mlrun run train -p n_estimators=400",
        ),
        Command(
            "%mlrun schedule",
            "Run a stored function at the times of a cron line; a second time changes them.",
            ("FUNCTION", "CRON"),
            (PARAMETER, INPUT, OUTPUT, SWEEP, SELECT, KIND, PROJECT, NAME, LABEL, *PLACE, *ENGINE,
             Option(("--handler",), "FUNCTION", "Call this function of the stored code.")),
            values="functions", example='%mlrun schedule train "0 2 * * *" -p n_estimators=400',
        ),
        Command(
            "%mlrun runs", "List the project's runs, newest first.", ("[FILTER…]",),
            (PROJECT,
             Option(("-n", "--limit"), "COUNT", "How many to list (20)."),
             Option(("--all",), text="Runs of all projects.")),
            example="%mlrun runs train state:error since:3d",
        ),
        Command(
            "%mlrun logs", "Print the log of a run: a uid or a run's name; the last run without.",
            ("[RUN]",),
            (PROJECT, Option(("--follow",), text="Go on until the run ends.")), values="runs",
        ),
        Command("%mlrun functions", "List the project's functions.", ("[NAME]",), (PROJECT,)),
        Command(
            "%mlrun abort", "Stop a run: a uid or a run's name; the last one without.", ("[RUN]",),
            (PROJECT,), values="runs",
        ),
        Command(
            "%mlrun project",
            "Take this project for this kernel, made where it is new; without NAME show it.",
            ("[NAME]",), values="projects", example="%mlrun project churn",
        ),
        Command(
            "%mlrun export",
            "Write the notebook's code as a module and a function beside it.",
            ("[NOTEBOOK]",),
            (Option(("--force",), text="Replace files that were not written by an export."),
             Option(("--dry-run",), text="Show what would be written.")),
            values="files",
        ),
        Command("%mlrun status", "Show the service, the project and this kernel's runs."),
    )
}  # fmt: skip
