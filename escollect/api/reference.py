"""The reference page: the schema, rendered by the server, so that it needs no script and no other site."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from drf_spectacular.generators import SchemaGenerator

METHODS = ("get", "post", "put", "patch", "delete")
PREFIX = "/api/v1/"
DEPTH = 4
ROOM = "room"
"""The participants' group, which stands after the staff's."""


@dataclass(frozen=True, slots=True)
class Field:
    """One value of an address, a body or an answer; nested ones have dotted names."""

    name: str
    kind: str
    required: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What comes back with one status."""

    status: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address."""

    anchor: str
    method: str
    path: str
    summary: str
    description: str
    parameters: tuple[Field, ...]
    body: tuple[Field, ...]
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The operations below one first word of the path."""

    name: str
    operations: list[Operation] = field(default_factory=list)


@cache
def get_reference() -> tuple[Group, ...]:
    """Every operation of the REST interface, grouped; made once, as code does not change while it runs."""
    schema: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    shapes: dict[str, Any] = schema["components"]["schemas"]
    groups: dict[str, Group] = {}
    for path, methods in schema["paths"].items():
        for method in METHODS:
            if method in methods:
                operation = _operation(path, method, methods[method], shapes)
                name = methods[method]["tags"][0]
                groups.setdefault(name, Group(name)).operations.append(operation)
    return tuple(sorted(groups.values(), key=lambda group: (group.name == ROOM, group.name)))


def _operation(path: str, method: str, data: Mapping[str, Any], shapes: Mapping[str, Any]) -> Operation:
    answers = [
        Answer(status, tuple(_answer_fields(answer, shapes)))
        for status, answer in data["responses"].items()
        if status != "default"
    ]
    body = data.get("requestBody", {})
    return Operation(
        anchor=data["operationId"],
        method=method.upper(),
        path=path,
        summary=data.get("summary", path.removeprefix(PREFIX)),
        description=data.get("description", ""),
        parameters=tuple(_parameter(one, shapes) for one in data.get("parameters", ())),
        body=tuple(_answer_fields(body, shapes)) if body else (),
        answers=tuple(answers),
    )


def _parameter(data: Mapping[str, Any], shapes: Mapping[str, Any]) -> Field:
    note = data.get("description", "") or data["schema"].get("description", "")
    return Field(data["name"], _kind(data["schema"], shapes), data.get("required", False), note)


def _answer_fields(data: Mapping[str, Any], shapes: Mapping[str, Any]) -> Iterator[Field]:
    content = data.get("content", {})
    for media in list(content.values())[:1]:
        shape = _resolve(media.get("schema", {}), shapes)
        if shape.get("type") == "array":
            yield from _fields(shape["items"], shapes, "[].", DEPTH)
        else:
            yield from _fields(shape, shapes, "", DEPTH)


def _fields(shape: Mapping[str, Any], shapes: Mapping[str, Any], prefix: str, depth: int) -> Iterator[Field]:
    shape = _resolve(shape, shapes)
    required = shape.get("required", ())
    for name, inner in shape.get("properties", {}).items():
        resolved = _resolve(inner, shapes)
        note = inner.get("description", "") or ("" if "$ref" in inner else resolved.get("description", ""))
        yield Field(f"{prefix}{name}", _kind(inner, shapes), name in required, note)
        if not depth:
            continue
        if resolved.get("type") == "array":
            yield from _fields(resolved["items"], shapes, f"{prefix}{name}[].", depth - 1)
        elif "properties" in resolved:
            yield from _fields(resolved, shapes, f"{prefix}{name}.", depth - 1)


def _resolve(shape: Mapping[str, Any], shapes: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow a reference; of alternatives take the first that says something."""
    if "$ref" in shape:
        return _resolve(shapes[shape["$ref"].rsplit("/", 1)[-1]], shapes)
    for word in ("allOf", "oneOf"):
        if word in shape:
            return _resolve(shape[word][0], shapes)
    return shape


def _kind(shape: Mapping[str, Any], shapes: Mapping[str, Any]) -> str:
    """The type in words: `string`, `list of integer`, the choices of a closed list."""
    resolved = _resolve(shape, shapes)
    if "enum" in resolved:
        return " | ".join(str(value) for value in resolved["enum"] if value is not None)
    kind = str(resolved.get("format") or resolved.get("type") or "any")
    if resolved.get("type") == "array":
        inner = _resolve(resolved["items"], shapes)
        return f"list of {inner.get('format') or inner.get('type', 'any')}"
    nullable = shape.get("nullable") or resolved.get("nullable")
    return f"{kind} or null" if nullable else kind
