"""Terminal widgets of the console: a leaf package that knows no Consul and no gRPC.

A widget shows plain values (:mod:`widgets.values`) and posts messages; it never fetches anything.
"""
