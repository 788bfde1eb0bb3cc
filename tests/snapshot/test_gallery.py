"""Every widget, dark and light."""

from __future__ import annotations

import pytest

from hp_tui.widgets.__main__ import Gallery


@pytest.mark.parametrize("light", [False, True], ids=["dark", "light"])
def test_gallery(golden, light):
    assert golden(Gallery(light))
