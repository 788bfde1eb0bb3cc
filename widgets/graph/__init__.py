"""Pure drawing: value and size in, segments out."""
