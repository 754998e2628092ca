"""The exception tree is the one promised to callers and to the shell."""

import re

import pytest

from photochrom import errors

TREE = {name: getattr(errors, name) for name in errors.__all__}


def test_every_error_descends_from_the_root() -> None:
    assert all(issubclass(error, errors.PhotochromError) for error in TREE.values())


@pytest.mark.parametrize("name", sorted(TREE))
def test_exit_code_is_four_for_models_and_one_for_the_rest(name: str) -> None:
    expected = 4 if issubclass(TREE[name], errors.ModelError) else 1
    assert TREE[name].exit_code == expected


def test_docstring_draws_every_class_with_its_exit_code_at_its_depth() -> None:
    drawn = re.findall(r"^    ([│├└─ ]*)(\w+) +(\d)", errors.__doc__ or "", flags=re.MULTILINE)
    assert {name: (len(lead) // 4, int(code)) for lead, name, code in drawn} == {
        name: (len(error.__mro__) - len(errors.PhotochromError.__mro__), error.exit_code)
        for name, error in TREE.items()
    }
