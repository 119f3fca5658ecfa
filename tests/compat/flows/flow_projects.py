"""Projects, their summaries, secrets, members of other nouns, and what comes with an engine."""

import base64
import json
import time

import mlrun
import mlrun.errors
from harness import comes_later, flow, raises


@flow
def projects(db, project):
    raises(mlrun.errors.MLRunConflictError, db.create_project, {"metadata": {"name": project}})
    stored = db.store_project(project, {"metadata": {"name": project}, "spec": {"goals": "x"}})
    assert stored.spec.goals == "x"
    patched = db.patch_project(project, {"spec": {"description": "tides"}})
    assert patched.spec.description == "tides" and patched.spec.goals == "x"
    added = db.patch_project(project, {"metadata": {"labels": {"a": "b"}}}, "additive")
    assert added.metadata.labels == {"a": "b"}
    assert db.get_project(project).spec.description == "tides"
    assert project in db.list_projects(format_="name_only")
    assert [p.metadata.name for p in db.list_projects(labels=["a=b"], format_="full")] == [project]
    db.store_run({"metadata": {"name": "x"}, "status": {"state": "completed"}}, "1" * 32, project)
    text = raises(mlrun.errors.MLRunPreconditionFailedError, db.delete_project, project)
    assert "related resources found: runs" in text
    db.delete_project(project, "cascade")
    raises(mlrun.errors.MLRunNotFoundError, db.get_project, project)
    db.delete_project(project, "check")
    text = raises(
        mlrun.errors.MLRunBadRequestError, db.create_project, {"metadata": {"name": "Bad_Name"}}
    )
    assert "does not match required pattern" in text


@flow(since=(1, 8))
def project_summary(db, project):
    db.store_run({"metadata": {"name": "x"}, "status": {"state": "running"}}, "2" * 32, project)
    summary = db.get_project_summary(project)
    assert summary.name == project and summary.runs_running_count == 1
    assert summary.pipelines_running_count == 0 and summary.models_count == 0


@flow
def secrets(db, project):
    db.create_project_secrets(project, "kubernetes", {"second": "abcdefgh", "first": "ijklmnop"})
    keys = db.list_project_secret_keys(project, provider="kubernetes").secret_keys
    assert keys == ["second", "first"]
    raises(mlrun.errors.MLRunHTTPError, db.list_project_secrets, project, provider="kubernetes")
    db.delete_project_secrets(project, "kubernetes", ["second"])
    assert db.list_project_secret_keys(project, provider="kubernetes").secret_keys == ["first"]


@flow
def engines_that_come_later(db, project):
    function = mlrun.new_function("train", project=project, kind="job", image="x")
    comes_later(db.deploy_nuclio_function, function)
    comes_later(db.get_nuclio_deploy_status, function)
    workflow = mlrun.common.schemas.WorkflowSpec(name="main", path="x.py", engine="local")
    comes_later(db.submit_workflow, project, "main", workflow)
    comes_later(db.load_project, project, "git://example.org/x.git")
    comes_later(db.enable_model_monitoring, project)
    comes_later(db.disable_model_monitoring, project)
    comes_later(db.update_model_monitoring_controller, project)
    comes_later(db.delete_model_monitoring_function, project, ["x"])
    comes_later(db.set_model_monitoring_credentials, project, {"x": "y"}, False)
    if hasattr(db, "retry_pipeline"):
        comes_later(db.retry_pipeline, "x", project)
        notification = mlrun.model.Notification(kind="console", name="x", when=["completed"])
        comes_later(db.push_pipeline_notifications, "x", project, [notification])
    pipeline = f"{project}.yaml"
    with open(pipeline, "w") as file:
        file.write("spec: {}")
    comes_later(db.submit_pipeline, project, pipeline)


@flow
def images_of_functions(db, project):
    function = mlrun.new_function("ready-made", project=project, kind="job", image="x/y:1")
    answer = db.remote_builder(function, False)
    assert answer["ready"] is True and answer["data"]["spec"]["image"] == "x/y:1"
    assert answer["data"]["status"]["state"] == "ready"
    assert db.get_builder_status(function)[0] == "" and function.status.state == "ready"
    function.spec.build.secret, function.spec.build.commands = "user:Passw0rd", ["true"]
    function.spec.image = ""
    said = raises(Exception, db.remote_builder, function, False)
    assert "logins themselves are never given here" in said or "builder" in said


@flow
def clusters_of_functions(db, project):
    said = raises(OSError, db.start_function, f"{project}/train")
    assert "Function not found" in said


@flow(since=(1, 10))
def pipelines_that_come_later(db, project):
    comes_later(db.terminate_pipeline, "x", project)


@flow
def operations(db, project):
    assert db.trigger_migrations() is None
    if hasattr(db, "refresh_smtp_configuration"):
        db.refresh_smtp_configuration()
    check = mlrun.common.schemas.AuthorizationVerificationInput(
        resource=f"/projects/{project}/feature-sets/x", action="read"
    )
    db.verify_authorization(check)


@flow(since=(1, 11))
def user_tokens(db, project):
    # the client sends these to Iguazio's systems only, unless it is asked without its own check
    def ask(method, *arguments, **keywords):
        return method.__wrapped__(db, *arguments, **keywords)

    kind = type(db)
    before = ask(kind.list_secret_tokens)
    assert before.secret_tokens == []
    now = int(time.time())
    payload = {"iat": now, "exp": now + 3600, "sub": "ann"}
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()) for part in ({}, payload)]
    token = b".".join([*parts, b"x"]).decode().replace("=", "")
    kept = mlrun.common.schemas.SecretToken(name=project, token=token)
    method = getattr(kind._store_secret_tokens, "__wrapped__", kind._store_secret_tokens)
    method(db, [kept], "not stored")
    assert [each.name for each in ask(kind.list_secret_tokens).secret_tokens] == [project]
    ask(kind.delete_secret_token, project)
    assert ask(kind.delete_secret_tokens).deleted_count == 0
