"""The service under the method names of MLRun's ``get_run_db()``: documents in, documents out."""

from .artifacts import Artifacts, Tags
from .automation import Alerts, Schedules
from .feature_store import FeatureSets, FeatureVectors
from .functions import Deployments, Functions
from .hub import Hub
from .logs import Logs
from .monitoring import ModelEndpoints, Monitoring
from .pipelines import Gateways, Pipelines, Workflows
from .projects import Projects, ProjectSecrets
from .runs import Runs
from .service import Requests, Tasks, Tokens


class RunDB(
    Projects,
    ProjectSecrets,
    Runs,
    Logs,
    Functions,
    Deployments,
    Artifacts,
    Tags,
    Schedules,
    Alerts,
    FeatureSets,
    FeatureVectors,
    Hub,
    Pipelines,
    Workflows,
    Gateways,
    ModelEndpoints,
    Monitoring,
    Requests,
    Tasks,
    Tokens,
):
    """All that the service knows, by MLRun's names; every call returns documents.

    What the service has no engine for yet it refuses: MLRunNotImplementedServerError.
    """

    kind = "http"


__all__ = ["RunDB"]
