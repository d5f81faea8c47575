"""What the guards read: the project's own source, as text and as syntax trees."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
CODE = ("escollect", "tests", "bench", "bin", "deploy")
TEXTS = (*CODE, "docs", "templates", "static", "fixtures", "tutorials", ".ci")
SUFFIXES = {
    ".py",
    ".md",
    ".yaml",
    ".yml",
    ".toml",
    ".html",
    ".css",
    ".js",
    ".json",
    ".txt",
    ".conf",
    ".sh",
    "",
}
VENDORED = ROOT / "static" / "vendor"

Function = ast.FunctionDef | ast.AsyncFunctionDef


def python_files(*folders: str, migrations: bool = False) -> list[Path]:
    """Our Python files; generated migrations only when asked for."""
    found = [path for folder in folders or CODE for path in sorted((ROOT / folder).rglob("*.py"))]
    return [path for path in found if migrations or "migrations" not in path.parts]


def text_files() -> list[Path]:
    """Every text that belongs to the project: code, documents, pages, data, and what lies in the root."""
    found = [path for folder in TEXTS for path in (ROOT / folder).rglob("*")]
    found += [path for path in ROOT.iterdir() if path.name not in {".git", ".env"}]
    return sorted(
        path
        for path in found
        if path.is_file()
        and path.suffix in SUFFIXES
        and not path.is_relative_to(VENDORED)
        and "__pycache__" not in path.parts
    )


@cache
def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def functions(path: Path) -> Iterator[tuple[str, Function]]:
    """Every function and method of a file by its name, such as `escollect.infra.bus.hint`."""
    module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for node in ast.walk(parse(path)):
        if isinstance(node, Function):
            yield f"{module}.{node.name}", node


def short(path: Path) -> str:
    return str(path.relative_to(ROOT))
