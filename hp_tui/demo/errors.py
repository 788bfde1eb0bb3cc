"""What can go wrong with the demo's own processes."""


class LocalDevError(Exception):
    """Base; ``str()`` is for the user: what was tried, what was found, what to do."""


class NoConsulError(LocalDevError):
    """No Consul executable could be found or obtained."""


class ProcessFailedError(LocalDevError):
    """A process of the demo did not come up; the message ends with the last lines of its log."""
