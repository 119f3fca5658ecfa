"""The program that renders templates: a task as JSON comes in, the texts as JSON go out."""

import contextlib
import json
import resource
import sys

LIMITS = ((resource.RLIMIT_CPU, 2), (resource.RLIMIT_AS, 512 * 1024**2),
          (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0))  # fmt: skip
LARGEST = 1_000_000


def rendered(templates: list[str], values: dict[str, object]) -> list[str]:
    """The texts, together no longer than the largest that is sent on."""
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment, texts, room = ImmutableSandboxedEnvironment(), [], LARGEST
    for template in templates:
        text = environment.from_string(template).render(values)[:room]
        room -= len(text)
        texts.append(text)
    return texts


def main() -> None:
    """Render what stands in the input."""
    from jinja2 import TemplateError

    task = json.load(sys.stdin)
    for limit, most in LIMITS:
        # macOS knows no limit of address space
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(limit, (most, most))
    try:
        answer: dict[str, object] = {"texts": rendered(task["templates"], task["values"])}
    except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError,
            AttributeError, MemoryError, RecursionError) as error:  # fmt: skip
        answer = {"error": f"{type(error).__name__}: {error}"[:500]}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
