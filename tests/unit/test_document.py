"""The document of an editor: exact, and as wide as what is drawn of it."""

from __future__ import annotations

import pytest

from hp_tui.widgets.textual_internals.exact_document import ExactDocument, UnwrappedDocument


@pytest.mark.parametrize("text", ["", "a\nb", "a\r\nb\r\n", "a\rb\nc", "a\x0cb\u2028c\n", "\n\n"])
def test_it_gives_back_what_it_was_given(text: str) -> None:
    assert ExactDocument(text).text == text


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("", (0, 1)),
        ("plain\nlonger line", (11, 2)),
        ("a\tb", (5, 1)),
        ("\t\t", (8, 1)),
        ("名前", (4, 1)),
        ("a\x1b[31m", (6, 1)),
        ("naïve", (5, 1)),
    ],
)
def test_it_is_as_wide_as_what_is_drawn(text: str, size: tuple[int, int]) -> None:
    assert tuple(ExactDocument(text).get_size(4)) == size


def test_unwrapped_it_has_a_row_for_each_line() -> None:
    document = ExactDocument("one\ntwo " + "long " * 500 + "\nthree")
    wrapped = UnwrappedDocument(document, tab_width=4)
    assert wrapped.height == 3
    document.replace_range((1, 0), (1, 3), "2\n2½")
    wrapped.wrap_range((1, 0), (1, 3), (2, 2))
    assert wrapped.height == 4
