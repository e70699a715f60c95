"""What a key of a configuration file accepts, in words, read off the model's JSON schema."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from pydantic import BaseModel

from quantetf_core.config.yaml_lines import Document, KeyPath

_LONGEST = 60


def show(value: Any, *, wanted: str = "string") -> str:
    """What was found, in words; text that stands where a number is wanted is called text.

    Examples
    --------
    >>> show(None), show(True), show("5"), show("5", wanted="number"), show([0, 0]), show([{}])
    ('nothing', 'true', "'5'", "the text '5'", '[0, 0]', 'a list')
    """
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        short = value if len(value) <= _LONGEST else value[:_LONGEST] + "…"
        return repr(short) if wanted in ("string", "object", "array") else f"the text {short!r}"
    if isinstance(value, dict):
        return "a mapping of keys"
    return _show_list(value) if isinstance(value, list) else repr(value)


def _show_list(items: list[Any]) -> str:
    if not items:
        return "an empty list"
    shown = f"[{', '.join(show(item) for item in items)}]"
    nested = any(isinstance(item, dict | list) for item in items)
    return "a list" if nested or len(shown) > _LONGEST else shown


def either(names: Sequence[str], word: str = "or") -> str:
    """Names as an enumeration.

    Examples
    --------
    >>> either(["warn", "block", "off"])
    'warn, block or off'
    """
    head, last = list(names[:-1]), names[-1]
    return f"{', '.join(head)} {word} {last}" if head else last


@lru_cache
def _root_schema(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema()


def schema_at(model: type[BaseModel], document: Document, path: KeyPath) -> dict[str, Any]:
    """The JSON schema of the value at a path; empty where the model says nothing.

    A union is resolved by the ``type`` that the document gives.
    """
    root = _root_schema(model)
    node = _resolve(root, root, document.at(()))
    for depth, part in enumerate(path):
        inner = node.get("items") if isinstance(part, int) else _value_of(node, part)
        node = _resolve(root, inner or {}, document.at(path[: depth + 1]))
    return node


def _value_of(node: dict[str, Any], key: str) -> dict[str, Any] | None:
    """The schema of a mapping's value: of that key, or of any key where names are free."""
    any_key = node.get("additionalProperties")
    found = node.get("properties", {}).get(key)
    return found if found is not None or not isinstance(any_key, dict) else any_key


def accepted_by(model: type[BaseModel], key: str) -> str:
    """What a key of a model accepts, in words."""
    root = _root_schema(model)
    return describe(_resolve(root, root["properties"][key], None))


def _resolve(root: dict[str, Any], node: dict[str, Any], raw: Any) -> dict[str, Any]:
    """Follow references, drop the ``null`` of an optional value, pick the member of a union."""
    while True:
        chosen = _step(node, raw)
        if chosen is None:
            return node
        reference = chosen.get("$ref")
        node = root["$defs"][reference.rsplit("/", 1)[1]] if reference else chosen


def _step(node: dict[str, Any], raw: Any) -> dict[str, Any] | None:
    if "$ref" in node:
        return node
    if "discriminator" in node:
        tag = raw.get("type") if isinstance(raw, dict) else None
        reference = node["discriminator"]["mapping"].get(tag) if isinstance(tag, str) else None
        return {"$ref": reference} if reference else None
    options = [option for option in node.get("anyOf", ()) if option.get("type") != "null"]
    return options[0] if options else None


def tags(schema: dict[str, Any]) -> tuple[str, ...]:
    """The values of ``type`` that a union accepts; empty for anything else."""
    return tuple(sorted(schema.get("discriminator", {}).get("mapping", ())))


def names_in(schema: dict[str, Any]) -> tuple[str, ...]:
    """The words a schema accepts, when it accepts only certain words."""
    constant = (schema["const"],) if "const" in schema else ()
    return tuple(str(name) for name in schema.get("enum", constant))


def keys_in(schema: dict[str, Any]) -> tuple[str, ...]:
    """The keys a mapping accepts."""
    return tuple(schema.get("properties", ()))


def describe(schema: dict[str, Any]) -> str:
    """What a schema accepts, in words.

    Examples
    --------
    >>> describe({"type": "number", "exclusiveMinimum": 0, "maximum": 1})
    'a number above 0 and at most 1'
    >>> describe({"type": "array", "items": {"type": "string"}, "minItems": 1})
    'a list of at least 1: text'
    """
    if names := names_in(schema):
        return either(names)
    if union := tags(schema):
        return f"a mapping with the key type: {either(union)}"
    kind = schema.get("type")
    if kind == "object":
        keys = keys_in(schema)
        return f"a mapping with the keys {either(keys, 'and')}" if keys else "a mapping"
    if kind == "array":
        least = schema.get("minItems")
        return f"a list of {f'at least {least}: ' if least else ''}{describe(schema['items'])}"
    if kind == "string":
        return str(schema.get("description") or _text(schema))
    nouns = {"number": "a number", "integer": "a whole number", "boolean": "true or false"}
    return f"{nouns.get(str(kind), 'a value')}{_bounds(schema)}"


def _text(schema: dict[str, Any]) -> str:
    longest = schema.get("maxLength")
    return f"text of 1 to {longest} characters" if longest else "text"


def _bounds(schema: dict[str, Any]) -> str:
    least, above = schema.get("minimum"), schema.get("exclusiveMinimum")
    most, below = schema.get("maximum"), schema.get("exclusiveMaximum")
    if least is not None and most is not None:
        return f" from {least:g} to {most:g}"
    bounds = [
        f"of at least {least:g}" if least is not None else "",
        f"above {above:g}" if above is not None else "",
        f"at most {most:g}" if most is not None else "",
        f"below {below:g}" if below is not None else "",
    ]
    said = " and ".join(bound for bound in bounds if bound)
    return f" {said}" if said else ""
