"""The fleet's protos and the stubs generated from them by ``make protos``; package ``heartpulse.v1``."""
