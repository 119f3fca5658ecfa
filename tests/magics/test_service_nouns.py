"""What the magics ask of the service beyond runs: secrets of projects, schedules."""

from __future__ import annotations

from tests.live import Kernel, Live

CARD = "application/vnd.jupyter-mlrun.run+json"
SECRETS = "mlrun/api/v1/projects/default/secrets"


def test_a_secret_of_the_project_reaches_the_run_alone(kernel: Kernel, server: Live) -> None:
    body = {"provider": "kubernetes", "secrets": {"DB_KEY": "tiger-in-the-tank"}}
    server.call("POST", SECRETS, body)
    cell = "import os\nn = len(os.environ['DB_KEY'])\nprint(os.environ['DB_KEY'], 'printed')"
    answer = kernel.run(f"%%mlrun uses_key --secret DB_KEY -o n\n{cell}")
    assert answer.ok, answer.error
    assert answer.displays[-1][CARD]["snapshot"]["results"] == {"n": 17}
    log = kernel.run("%mlrun logs").text
    assert "printed" in log and "tiger" not in log
    assert "None" in kernel.run("import os; print(os.environ.get('DB_KEY'))").text
    error = kernel.run("%%mlrun uses_key --secret DB_KEYS\nx = 1").error
    assert "neither the kernel's environment nor project default has it" in error
    assert "Did you mean 'DB_KEY'?" in error
    error = kernel.run("%%mlrun uses_key --kind handler --secret DB_KEY\nx = 1").error
    assert "leave --kind handler out" in error


def test_schedules(kernel: Kernel, server: Live) -> None:
    assert kernel.run("%%mlrun nightly --no-run -p n=1 -o m\nm = n + 1").ok
    answer = kernel.run('%mlrun schedule nightly "0 2 * * *" -p n=41 --label team=red')
    assert answer.ok, answer.error
    assert "Schedule default/nightly: created; next run 2" in answer.text
    again = kernel.run('%mlrun schedule nightly "0 3 * * *" -p n=41')
    assert "modified" in again.text and "03:00" in again.text
    found = server.call("GET", "mlrun/api/v1/projects/default/schedules/nightly")
    assert found["scheduled_object"]["task"]["spec"]["parameters"] == {"n": 41}
    code = (
        "from jupyter_mlrun import client\n"
        "from jupyter_mlrun.client import schedules\n"
        "from jupyter_mlrun.runs import RunObject\n"
        "c = client.connect()\n"
        "print(RunObject.from_dict(schedules.invoke(c, 'default', 'nightly'), c).outputs)"
    )
    invoked = kernel.run(code)
    assert "{'m': 42}" in invoked.text, invoked.error
    error = kernel.run('%mlrun schedule nightly "61 2 * * *"').error
    assert "MLRunBadRequestError" in error or "MLRunInvalidArgumentError" in error
    error = kernel.run("%mlrun schedule nightly 0 2 * * *").error
    assert "Quote a value that holds blanks" in error
    error = kernel.run('import os\nos.environ["K_EY"] = "x" * 9\n'
                       '%mlrun schedule nightly "0 2 * * *" --secret K_EY').error  # fmt: skip
    assert "is gone when a schedule runs" in error
