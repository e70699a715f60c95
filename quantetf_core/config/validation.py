"""A document checked against a model: the model, or every problem as a sentence with its line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from quantetf_core.config.words import describe, either, keys_in, names_in, schema_at, show, tags
from quantetf_core.config.yaml_lines import Document, KeyPath
from quantetf_core.errors import ConfigProblem, did_you_mean

Model = TypeVar("Model", bound=BaseModel)


def validate(
    document: Document, model: type[Model]
) -> tuple[Model | None, tuple[ConfigProblem, ...]]:
    """Read a document as a model.

    Returns
    -------
    model or None
        ``None`` when there is any problem.
    tuple of ConfigProblem
        All of them, in the order of their lines. What `parse_yaml` has said already about a
        broken value is not repeated.
    """
    if () in document.broken:
        return None, ()
    try:
        return model.model_validate(document.value), ()
    except ValidationError as error:
        found = [
            _problem(document, model, details)
            for details in error.errors(include_url=False, include_input=False)
        ]
    # Pydantic counts only the good items, so a bad one also makes a list "too short".
    above = {path[:depth] for path, _ in found for depth in range(len(path))}
    problems = [
        problem for path, problem in found if path not in above and not _said(document, path)
    ]
    return None, tuple(sorted(problems, key=lambda problem: problem.line))


def _said(document: Document, path: KeyPath) -> bool:
    return any(path[: len(broken)] == broken for broken in document.broken)


def _problem(
    document: Document, model: type[BaseModel], details: Mapping[str, Any]
) -> tuple[KeyPath, ConfigProblem]:
    """The path and the sentence of one of pydantic's errors."""
    kind, context = details["type"], details.get("ctx", {})
    path = _path_in(document, details["loc"], of_model=kind == "house_rule")
    if kind == "house_rule":
        path += tuple(context["key"])
        return path, document.problem(path, show(document.at(path)), context["accepted"])
    if kind == "extra_forbidden":
        return path, _unknown_key(document, model, path)
    schema = schema_at(model, document, path)
    if kind.startswith("union_tag"):
        return (*path, "type"), _wrong_type(document, path, tags(schema))
    if kind == "missing":
        missing = document.problem(path, "nothing; the key is missing", describe(schema))
        return path, missing
    value, hint = document.at(path), ""
    if isinstance(value, str):
        hint = did_you_mean(value, names_in(schema))
    elif schema.get("type") == "string" and isinstance(value, bool | int | float):
        hint = "; put it in quotes if it is meant as text"
    shown = show(value, wanted=schema.get("type", "string"))
    return path, document.problem(path, shown, describe(schema) + hint)


def _unknown_key(document: Document, model: type[BaseModel], path: KeyPath) -> ConfigProblem:
    keys = keys_in(schema_at(model, document, path[:-1]))
    hint = did_you_mean(str(path[-1]), keys)
    return document.problem(path, f"the unknown key {path[-1]!r}", either(keys, "and") + hint)


def _wrong_type(document: Document, path: KeyPath, accepted: tuple[str, ...]) -> ConfigProblem:
    at = (*path, "type")
    value = document.at(at)
    found = "nothing; the key is missing" if at not in document.lines else show(value)
    hint = did_you_mean(value, accepted) if isinstance(value, str) else ""
    return document.problem(at, found, either(accepted) + hint)


def _path_in(
    document: Document, location: tuple[str | int, ...], *, of_model: bool = False
) -> KeyPath:
    """Pydantic's location without the tags of unions, which are no keys of the file.

    The last part is a key even if it reads like the tag, unless the whole model is meant.
    """
    path: KeyPath = ()
    for position, part in enumerate(location):
        here = document.at(path)
        is_tag = isinstance(here, dict) and here.get("type") == part
        if is_tag and (position < len(location) - 1 or (of_model and part not in here)):
            continue
        path = (*path, part)
    return path
