"""A TextArea coloured by Pygments.

Textual's own highlighting needs tree-sitter, whose native parser crashed the process here (tree-sitter 0.26 with the JSON
grammar); Pygments is pure Python, comes with Rich, and knows HCL too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Token
from rich.style import Style
from textual.widgets.text_area import TextAreaTheme

from hp_tui.widgets.escape import editable
from hp_tui.widgets.textual_internals.text_area import ExactTextArea

LEXERS = {"json": "json", "yaml": "yaml", "toml": "toml", "hcl": "terraform"}
"""Formats that are coloured, and Pygments' names for them."""
HIGHLIGHT_LIMIT = 128 * 1024
"""Characters. A larger text is not coloured, so that typing never waits for colours."""

_NAMES = (
    (Token.Comment, "comment"),
    (Token.Name.Tag, "key"),
    (Token.Name.Attribute, "key"),
    (Token.Keyword.Constant, "constant"),
    (Token.Keyword, "keyword"),
    (Token.Literal.String, "string"),
    (Token.Literal.Number, "number"),
    (Token.Literal.Scalar, "string"),
    (Token.Error, "error"),
)
DARK_CODE = TextAreaTheme(
    "hp-dark-code",
    syntax_styles={
        "comment": Style(color="#6b7480", italic=True),
        "key": Style(color="#6cb0c9"),
        "constant": Style(color="#c39ac9"),
        "keyword": Style(color="#c39ac9"),
        "string": Style(color="#a8c99a"),
        "number": Style(color="#d7a65f"),
        "error": Style(color="#ff5f5f", underline=True),
    },
)
LIGHT_CODE = TextAreaTheme(
    "hp-light-code",
    syntax_styles={
        "comment": Style(color="#7b8088", italic=True),
        "key": Style(color="#1f6f8b"),
        "constant": Style(color="#7a3e85"),
        "keyword": Style(color="#7a3e85"),
        "string": Style(color="#22703a"),
        "number": Style(color="#8a5a00"),
        "error": Style(color="#c01c28", underline=True),
    },
)


class CodeArea(ExactTextArea):
    """``set_format`` chooses one of :data:`LEXERS`, or '' for plain text.

    A text that is loaded and not edited comes back byte for byte. No character of it reaches the terminal as a control
    sequence.
    """

    def __init__(self, text: str = "", *, id: str | None = None) -> None:  # noqa: A002
        self._format = ""
        super().__init__(text, tab_behavior="focus", soft_wrap=False, show_line_numbers=False, id=id)
        self.cursor_blink = False

    def on_mount(self) -> None:
        for theme in (DARK_CODE, LIGHT_CODE):
            self.register_theme(theme)
        self.watch(self.app, "theme", self._follow_theme)

    def _follow_theme(self) -> None:
        self.theme = DARK_CODE.name if self.app.current_theme.dark else LIGHT_CODE.name

    def set_format(self, name: str) -> None:
        """Colour the text as this format."""
        if name != self._format:
            self._format = name if name in LEXERS else ""
            self.update_highlights()

    def highlights(self, lines: Sequence[str]) -> Iterable[tuple[int, int, int, str]]:
        if not self._format or sum(map(len, lines)) > HIGHLIGHT_LIMIT:
            return
        text = "\n".join(map(editable, lines))  # what is drawn: offsets are counted in it
        row = column = 0
        for kind, value in _lexer(self._format).get_tokens(text):
            name = _name(kind)
            for number, part in enumerate(value.split("\n")):
                if number:
                    row, column = row + 1, 0
                # Offsets are bytes, as tree-sitter's are.
                size = len(part.encode())
                if name and size:
                    yield row, column, column + size, name
                column += size


@cache
def _lexer(name: str) -> Lexer:
    return get_lexer_by_name(LEXERS[name], stripnl=False, ensurenl=False)


@cache
def _name(kind: tuple[str, ...]) -> str:
    # A token type is a tuple of names that begins with those of its parent.
    return next((name for token, name in _NAMES if kind[: len(token)] == token), "")
