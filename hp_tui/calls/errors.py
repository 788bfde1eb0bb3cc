"""What can go wrong before a test call is sent."""


class CallError(Exception):
    """Base; ``str()`` is a sentence for the user."""


class RequestDoesNotFitError(CallError):
    """The JSON is not JSON, or does not fit the method's message."""


class UnknownMethodError(CallError):
    """The service has no such method; the message lists what it has."""


class ReflectionError(CallError):
    """Server reflection did not answer, or answered something that makes no sense."""
