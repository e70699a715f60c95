"""Adding to the file of accepted findings; what people wrote in it stays as it is."""

from __future__ import annotations

import json
import re

from quantetf_core.config.schema_accepted import AcceptedFinding, AcceptedFindings
from quantetf_core.config.validation import validate
from quantetf_core.config.yaml_lines import parse_yaml
from quantetf_core.errors import ConfigError, ConfigProblem

_HEAD = """\
# Data findings that a person has looked at and found to be all right.
# Each is a note on the pages from then on, and no longer stops a trade. Review this file like code.
accepted:
"""
_EMPTY = re.compile(r"^accepted:[ \t]*(\[\s*\])?[ \t]*(?=\r?$|#|\Z)", re.MULTILINE)
_ITEM = re.compile(r"^( *)- ", re.MULTILINE)


def with_accepted_finding(file: str, text: str | None, entry: AcceptedFinding) -> str:
    """The file's text with one more entry at its end.

    Parameters
    ----------
    file
        The file as messages name it.
    text
        What it says now; None when it is not there yet.
    entry
        What is accepted.

    Raises
    ------
    ConfigError
        When the file cannot be read as it is, already holds the entry, or is laid out so that
        nothing can be added to it.
    """
    kept = _HEAD if text is None or not text.strip() else text
    before = _read(file, kept)
    items = _ITEM.findall(kept)
    if not items:
        kept = _EMPTY.sub("accepted: ", kept, count=1)
    written = kept.rstrip() + "\n" + _lines(entry, items[-1] if items else "  ")
    after = _read(file, written)
    if after.accepted != (*before.accepted, entry):
        found = "a list that is not the last thing in the file, one entry a line"
        raise ConfigError([_problem(file, found, "'accepted:' and its entries, and nothing after")])
    return written


def _lines(entry: AcceptedFinding, indent: str) -> str:
    said = {
        "ticker": _quoted(entry.ticker),
        "date": entry.date.isoformat(),
        "code": entry.code,
        "note": _quoted(entry.note),
        "by": _quoted(entry.by),
    }
    first, *rest = (f"{key}: {value}" for key, value in said.items())
    return "".join([f"{indent}- {first}\n", *(f"{indent}  {line}\n" for line in rest)])


def _quoted(text: str) -> str:
    """A YAML double-quoted scalar: JSON's is one."""
    return json.dumps(text, ensure_ascii=False)


def _read(file: str, text: str) -> AcceptedFindings:
    document, problems = parse_yaml(file, text)
    if document is None or problems:
        raise ConfigError(problems)
    value, problems = validate(document, AcceptedFindings)
    if value is None:
        raise ConfigError(problems)
    return value


def _problem(file: str, found: str, accepted: str) -> ConfigProblem:
    return ConfigProblem(file=file, line=0, key="accepted", found=found, accepted=accepted)
