"""The four panels of the main screen."""
