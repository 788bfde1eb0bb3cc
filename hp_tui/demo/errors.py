"""Errors of the demo's processes."""


class DemoError(Exception):
    """Base; ``str()`` is for the user: what was tried, what was found, what to do."""


class NoConsulError(DemoError):
    """No Consul executable could be found or obtained."""


class ProcessFailedError(DemoError):
    """A process of the demo did not come up; the message ends with the last lines of its log."""
