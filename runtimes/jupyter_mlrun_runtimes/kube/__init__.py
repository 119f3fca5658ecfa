"""Runtimes on Kubernetes: bodies are plain dicts, and one module alone opens connections."""
