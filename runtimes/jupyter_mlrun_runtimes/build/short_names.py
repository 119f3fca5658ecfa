"""What a name of an image stands for that names no registry. Pure."""

from __future__ import annotations

HUB = "docker.io"


def build_aliases(image: str) -> str:
    """buildah's file of aliases for an image; empty where its name says the registry.

    A name means what it means to the nodes of a cluster; buildah alone would ask its own settings,
    which mostly know none. Images of that name which are there already are taken all the same.
    """
    name = image.partition("@")[0]
    path, _, last = name.rpartition("/")
    host = path.partition("/")[0]
    if host == "localhost" or "." in host or ":" in host:
        return ""
    short = f"{path}/{last.partition(':')[0]}" if path else last.partition(":")[0]
    whole = short if path else f"library/{short}"
    return f'[aliases]\n"{short}" = "{HUB}/{whole}"\n'
