"""The private names of Textual that this package relies on, and the Textual versions in which each is the same.

The sources of the versions in :data:`COMPARED` were compared: the syntax tree of a method, of all assignments to an
attribute, or of an imported class. Of ``Compositor`` and ``XTermParser`` only what is used here was compared.

A test reads this table: it has every private name that is used here, and each exists in the installed Textual. To support
another version, compare again, add the version here and in
:data:`~hp_tui.widgets.textual_internals.support.SUPPORTED`, and run the tests.
"""

from __future__ import annotations

from collections.abc import Mapping

COMPARED = ("8.0.0", "8.1.1", "8.2.0", "8.2.1", "8.2.2", "8.2.3", "8.2.4", "8.2.5", "8.2.6", "8.2.7", "8.2.8")
SINCE_THEMES = ("8.2.5", "8.2.6", "8.2.7", "8.2.8")
"""From 8.2.5 on a theme may say by itself that it uses the terminal's own 16 colours."""

RELIED_UPON: Mapping[str, tuple[str, ...]] = {
    "textual._compositor.ChopsUpdate": COMPARED,
    "textual._compositor.Compositor": COMPARED,
    "textual._compositor.CompositorUpdate": COMPARED,
    "textual._compositor.LayoutUpdate": COMPARED,
    "textual._compositor.Compositor._get_renders": COMPARED,
    "textual._parser.Parser._timeout_time": COMPARED,
    "textual._xterm_parser.XTermParser": COMPARED,
    "textual.app.App._batch_count": COMPARED,
    "textual.app.App._check_bindings": COMPARED,
    "textual.app.App._display": COMPARED,
    "textual.app.App._driver": COMPARED,
    "textual.app.App._exception": COMPARED,
    "textual.app.App._exception_event": COMPARED,
    "textual.app.App._handle_exception": COMPARED,
    "textual.app.App._refresh_truecolor_filter": SINCE_THEMES,
    "textual.app.App._return_code": COMPARED,
    "textual.document._document.Document": COMPARED,
    "textual.document._document.Document._lines": COMPARED,
    "textual.document._document.Document._newline": COMPARED,
    "textual.document._document_navigator.DocumentNavigator": COMPARED,
    "textual.document._wrapped_document.WrappedDocument": COMPARED,
    "textual.driver.Driver._app": COMPARED,
    "textual.driver.Driver._debug": COMPARED,
    "textual.drivers.linux_driver.LinuxDriver._file": COMPARED,
    "textual.message_pump.MessagePump._close_messages_no_wait": COMPARED,
    "textual.message_pump.MessagePump._closed": COMPARED,
    "textual.message_pump.MessagePump._running": COMPARED,
    "textual.screen.Screen._compositor": COMPARED,
    "textual.screen.Screen._dirty_widgets": COMPARED,
    "textual.screen.Screen._on_timer_update": COMPARED,
    "textual.widget.Widget._layout_required": COMPARED,
    "textual.widget.Widget._repaint_required": COMPARED,
    "textual.widget.Widget._scroll_required": COMPARED,
    "textual.widget.Widget._scroll_update": COMPARED,
    "textual.widgets._text_area.TextArea._build_highlight_map": COMPARED,
    "textual.widgets._text_area.TextArea._highlights": COMPARED,
    "textual.widgets._text_area.TextArea._line_cache": COMPARED,
    "textual.widgets._text_area.TextArea._rewrap_and_refresh_virtual_size": COMPARED,
    "textual.widgets._text_area.TextArea._set_document": COMPARED,
}
