"""Frozen value types that every other room speaks. Standard library only; no I/O, no clock."""
