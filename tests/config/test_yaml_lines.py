from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from quantetf_core.config.yaml_lines import MAX_CHARACTERS, MAX_DEPTH, parse_yaml


def value_of(text: str) -> object:
    document, problems = parse_yaml("a.yaml", text)
    assert problems == ()
    assert document is not None
    return document.value


def only_problem(text: str) -> tuple[int, str, str]:
    _, problems = parse_yaml("a.yaml", text)
    (problem,) = problems
    assert problem.file == "a.yaml"
    assert problem.accepted
    return problem.line, problem.key, problem.found


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("off", "off"),
        ("on", "on"),
        ("yes", "yes"),
        ("no", "no"),
        ("NO", "NO"),
        ("true", True),
        ("False", False),
        ("2024-01-31", "2024-01-31"),
        ("1:30", "1:30"),
        ("010", 10),
        ("1_000", 1000),
        ("-5", -5),
        ("1e-3", 0.001),
        (".5", 0.5),
        ("5.", 5.0),
        ("20%", "20%"),
        (".nan", ".nan"),
        ("", None),
        ("~", None),
        ("'5'", "5"),
        ('"true"', "true"),
        ("|\n  a\n  b\n", "a\nb\n"),
    ],
)
def test_a_scalar_is_read_as_a_person_means_it(written: str, read: object) -> None:
    value = value_of(f"key: {written}")
    assert value == {"key": read}
    assert isinstance(value, dict)
    assert type(value["key"]) is type(read)


def test_every_key_and_item_knows_its_line() -> None:
    document, _ = parse_yaml("a.yaml", "# comment\na: 1\nb:\n  - x\n  - c: 2\n    d: 3\n")
    assert document is not None
    assert dict(document.lines) == {
        (): 2,
        ("a",): 2,
        ("b",): 3,
        ("b", 0): 4,
        ("b", 1): 5,
        ("b", 1, "c"): 5,
        ("b", 1, "d"): 6,
    }
    assert document.line(("b", 1, "missing", "deeper")) == 5
    assert document.line(("missing",)) == 2


def test_a_value_is_found_by_its_path_and_nothing_beyond_it() -> None:
    document, _ = parse_yaml("a.yaml", "a: [x, {b: 1}]")
    assert document is not None
    assert document.at(("a", 1, "b")) == 1
    assert document.at(("a", 2)) is None
    assert document.at(("a", "b")) is None
    assert document.at(("a", 0, "b")) is None


def test_a_key_twice_is_named_with_both_lines_and_the_first_one_counts() -> None:
    document, problems = parse_yaml("a.yaml", "a: 1\nb: {x: 1}\na: {c: 2}\n")
    assert document is not None
    assert document.value == {"a": 1, "b": {"x": 1}}
    (problem,) = problems
    assert (problem.line, problem.key) == (3, "a")
    assert problem.found == "the key 'a' a second time (first on line 1)"


def test_all_problems_of_single_values_are_said_at_once() -> None:
    text = "a: !!python/object:os.system x\nb: &name 1\nc: *name\nd: 1e999\ne: 1\ne: 2\n"
    _, problems = parse_yaml("a.yaml", text)
    assert [(problem.line, problem.key) for problem in problems] == [
        (1, "a"),
        (2, "b"),
        (3, "c"),
        (4, "d"),
        (6, "e"),
    ]


@pytest.mark.parametrize(
    ("text", "line", "key", "found"),
    [
        ("a: !!python/object/apply:os.system [ls]", 1, "a", "the tag tag:yaml.org,2002:python/"),
        ("a: !thing x", 1, "a", "the tag !thing"),
        ("a: 1\nb: &x {c: 1}", 2, "b", "&x"),
        ("? &x a\n: 1", 1, "a", "&x"),
        ("a: 1e999", 1, "a", "'1e999'"),
        ("a: " + "9" * 5000, 1, "a", "'99999"),
        ('a: 1\nb: "\\0"', 2, "b", "'\\x00'"),
        ('a: "\\uD800"', 1, "a", "'\\ud800'"),
        ('a: 1\nb: "\\UFFFFFFFF"', 0, "", "an escape"),
        ("%YAML " + "9" * 5000 + ".1\n---\na: 1", 0, "", "an escape or directive"),
        ("%YAML 2.0\n---\na: 1", 1, "", "text that is not YAML"),
        ("a: 1\n\tb: 2", 2, "", "a tab in the indentation"),
        ("a: 1\nb: [1, 2\nc: 3\n", 3, "", "text that is not YAML"),
        ("a: 1\nb: c: d\n", 2, "", "text that is not YAML"),
        ("a: 1\nb: *nowhere\n", 2, "b", "*nowhere"),
        ("a: 1\n---\nb: 2\n", 2, "", "a second document"),
        ("a: 1\n[x, y]: 2\n", 2, "", "a list as a key"),
        ("a: {{ template }}\n", 1, "", "a mapping as a key"),
        ("a: &x 1\n*x : 2\n", 2, "", "an alias as a key"),
        ('a: 1\n"\\0": 2\n', 2, "", "the key '\\x00'"),
        ("a: 1\nb: \x07\n", 2, "", "the unprintable character 0x7"),
        ("a:\n  " + "[" * 50, 2, "", "very deep nesting"),
    ],
)
def test_a_hostile_value_is_a_problem_with_its_line(
    text: str, line: int, key: str, found: str
) -> None:
    _, problems = parse_yaml("a.yaml", text)
    problem = problems[-1]
    assert (problem.line, problem.key) == (line, key)
    assert problem.found.startswith(found)


def test_nesting_is_read_down_to_its_limit() -> None:
    assert value_of("[" * MAX_DEPTH + "]" * MAX_DEPTH) is not None
    line, _, found = only_problem("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1))
    assert (line, found) == (1, "very deep nesting")


def test_aliases_are_never_expanded() -> None:
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{name}: &{name} [{', '.join(['*' + before] * 9)}]\n"
        for before, name in zip("abcdefg", "bcdefgh", strict=True)
    )
    document, problems = parse_yaml("a.yaml", bomb)
    assert document is not None
    assert len(problems) == 8 + 7 * 9
    assert document.at(("h",)) == [None] * 9


def test_a_huge_file_is_not_read() -> None:
    line, _, found = only_problem("a" * (MAX_CHARACTERS + 1))
    assert (line, found) == (0, f"{MAX_CHARACTERS + 1} characters")


@given(st.text(max_size=60) | st.text("ab:-[]{}&*!|>'\"\\\n ?%#,~1.e\tUx", max_size=60))
@example('"\\xZZ"')
@example("--- |0")
@example("%TAG ! tag:x,2000:\n--- !%FF x")
def test_any_text_is_a_document_or_problems_and_never_an_exception(text: str) -> None:
    document, problems = parse_yaml("a.yaml", text)
    assert document is not None or problems
