"""Whatever happens to a shipped file, the answer is a portfolio or a `ConfigError`."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantetf_core.alpha import AlphaFactory
from quantetf_core.config import check_workspace, load_portfolio
from quantetf_core.config.yaml_lines import KeyPath, parse_yaml
from quantetf_core.errors import ConfigError, ConfigProblem

ROOT = Path(__file__).resolve().parents[2]
FILES = [path for path, _ in load_portfolio(ROOT, "sample").texts]
JARGON = ("pydantic", "Input should", "Field required", "validation error", "type=", "None")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("workspace")
    shutil.copytree(ROOT / "configs", folder / "configs")
    return folder


def load_with(root: Path, file: str, content: bytes) -> None:
    """Load and check with one file changed; anything but a `ConfigError` fails the test."""
    path = root / file
    shipped = path.read_bytes()
    path.write_bytes(content)
    problems: tuple[ConfigProblem, ...] = ()
    try:
        everything = check_workspace(root, models=AlphaFactory)
        settings = load_portfolio(root, "sample", models=AlphaFactory)
        hash(settings)
    except ConfigError as error:
        problems = error.problems
    finally:
        path.write_bytes(shipped)
    assert set(problems) <= set(everything)
    for problem in problems:
        assert problem.found
        assert problem.accepted
        assert (root / problem.file).exists()
        assert not any(word in str(problem) for word in JARGON), str(problem)


junk = st.binary(max_size=12) | st.text("{}[]:-&*!|>#'\"\n\t ,01.e~%@`\\", max_size=6).map(
    str.encode
)


@settings(max_examples=60)
@given(data=st.data())
def test_any_bytes_put_into_a_shipped_file_are_answered(root: Path, data: st.DataObject) -> None:
    file = data.draw(st.sampled_from(FILES))
    content = (ROOT / file).read_bytes()
    start = data.draw(st.integers(0, len(content)))
    length = data.draw(st.integers(0, 30))
    load_with(root, file, content[:start] + data.draw(junk) + content[start + length :])


def places(value: Any, path: KeyPath = ()) -> list[KeyPath]:
    inner: list[KeyPath] = []
    if isinstance(value, dict):
        inner = [place for key in value for place in places(value[key], (*path, key))]
    elif isinstance(value, list):
        inner = [place for i, item in enumerate(value) for place in places(item, (*path, i))]
    return [path, *inner]


scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(["sample", "files", "momentum", "..", "/", "configs/checks.yaml", "SPY"])
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "name", "top_n", "parameters", "x"]), inner)
    ),
    max_leaves=5,
)


def replaced(value: Any, path: KeyPath, new: Any, rename: str | None) -> Any:
    if not path:
        return new
    head, rest = path[0], path[1:]
    if isinstance(value, list):
        return [replaced(v, rest, new, rename) if i == head else v for i, v in enumerate(value)]
    return {
        (rename if key == head and not rest and rename is not None else key): (
            replaced(item, rest, new, rename) if key == head else item
        )
        for key, item in value.items()
    }


@settings(max_examples=100)
@given(data=st.data())
def test_any_value_in_any_place_is_answered(root: Path, data: st.DataObject) -> None:
    file = data.draw(st.sampled_from(FILES))
    document, _ = parse_yaml(file, (ROOT / file).read_text("utf-8"))
    assert document is not None
    path = data.draw(st.sampled_from(places(document.value)))
    rename = data.draw(st.none() | st.sampled_from(["type", "xx", "top_n", "fallback", ""]))
    changed = replaced(document.value, path, data.draw(values), rename)
    load_with(root, file, json.dumps(changed, indent=1).encode())  # JSON is YAML
