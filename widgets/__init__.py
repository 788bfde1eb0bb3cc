"""Terminal widgets of the console: a leaf package that knows no Consul and no gRPC.

A widget shows plain values (:mod:`hp_tui.widgets.values`) and posts messages; it never fetches anything.
"""
