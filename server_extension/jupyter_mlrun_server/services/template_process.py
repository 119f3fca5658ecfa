"""The program that renders one template: a task as JSON comes in, the text as JSON goes out."""

import contextlib
import json
import resource
import sys

LIMITS = ((resource.RLIMIT_CPU, 2), (resource.RLIMIT_AS, 512 * 1024**2),
          (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0))  # fmt: skip
LARGEST = 1_000_000


def main() -> None:
    """Render what stands in the input."""
    from jinja2 import TemplateError
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    task = json.load(sys.stdin)
    for limit, most in LIMITS:
        # macOS knows no limit of address space
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(limit, (most, most))
    try:
        text = ImmutableSandboxedEnvironment().from_string(task["template"]).render(task["values"])
        answer = {"text": text[:LARGEST]}
    except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError,
            AttributeError, MemoryError, RecursionError) as error:  # fmt: skip
        answer = {"error": f"{type(error).__name__}: {error}"[:500]}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
