"""What is done about the connection to Consul, wherever an error is read: another token, another try."""

from __future__ import annotations

from typing import Any

from textual.app import App

from hp_tui.console.messages import RunCommand, ShowNotice
from hp_tui.model.commands import Reconnect, UseToken
from hp_tui.model.timeline import Severity
from hp_tui.widgets.dialog import PromptDialog

QUESTION = "ACL token for Consul. Kept in memory only; empty is the anonymous token."


def ask_token(app: App[Any]) -> None:
    """Ask for a token and use it. What is typed or pasted is shown nowhere."""

    def act(typed: str | None) -> None:
        if typed is None:
            return
        token = typed.strip()
        if not token.isascii() or not token.isprintable() or " " in token:
            wrong = (
                "that is no ACL token: expected its SecretID, letters, digits and hyphens. The old one is still used."
            )
            app.post_message(ShowNotice(wrong, Severity.BAD))
            return
        app.post_message(RunCommand(UseToken(token)))
        app.post_message(ShowNotice("using the new token" if token else "using no token"))

    app.push_screen(PromptDialog("Token", QUESTION, secret=True), act)


def reconnect(app: App[Any]) -> None:
    """Try Consul now instead of at the next retry."""
    app.post_message(RunCommand(Reconnect()))
    app.post_message(ShowNotice("trying Consul now"))
