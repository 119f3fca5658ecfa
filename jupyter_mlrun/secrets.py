"""MLRun's module ``mlrun.secrets``."""

from .lazy import attributes

__getattr__, __dir__ = attributes(
    __name__, {"SecretsStore": "secretstore", "get_secret_or_env": "secretstore"}
)
