"""The breaker against a model simple enough to be right: any interleaving of callers, verdicts and time."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from hp_tui.balancer import BreakerState, CircuitBreaker

THRESHOLD, TIMEOUT, PERMITS = 3, 10.0, 2


class BreakerMachine(RuleBasedStateMachine):
    """The model holds: failures in a row, when it re-admits, how often it opened, which permits still count."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.breaker = CircuitBreaker(
            failure_threshold=THRESHOLD,
            open_timeout=TIMEOUT,
            half_open_permits=PERMITS,
            jitter=0.0,
            probe_timeout=3_600.0,
            clock=lambda: self.now,
        )
        self.failures = 0
        self.until: float | None = None
        self.opens = 0
        self.forced = False
        self.era = 0
        self.out: list[tuple[object, int]] = []
        self.probes = 0

    def state(self) -> BreakerState:
        if self.forced:
            return BreakerState.OPEN
        if self.until is None:
            return BreakerState.CLOSED
        return BreakerState.OPEN if self.now < self.until else BreakerState.HALF_OPEN

    def open(self) -> None:
        self.opens += 1
        self.until = self.now + min(300.0, TIMEOUT * self.opens)
        self.era += 1
        self.probes = 0

    def close(self) -> None:
        self.until, self.failures, self.opens, self.probes = None, 0, 0, 0
        self.era += 1

    @rule()
    def acquire(self) -> None:
        state = self.state()
        permit = self.breaker.try_acquire()
        admitted = state is BreakerState.CLOSED or (state is BreakerState.HALF_OPEN and self.probes < PERMITS)
        assert (permit is not None) == admitted
        if permit is not None:
            self.out.append((permit, self.era))
            self.probes += state is BreakerState.HALF_OPEN

    @precondition(lambda self: self.out)
    @rule(data=st.data(), verdict=st.sampled_from(["success", "failure", "release"]))
    def settle(self, data: st.DataObject, verdict: str) -> None:
        permit, era = self.out.pop(data.draw(st.integers(0, len(self.out) - 1)))
        getattr(permit, verdict)()
        if era != self.era:
            return
        if verdict == "release":
            self.probes -= self.until is not None
        elif self.until is not None:
            self.close() if verdict == "success" else self.open()
        elif verdict == "success":
            self.failures = 0
        else:
            self.failures += 1
            if self.failures >= THRESHOLD:
                self.open()

    @rule(seconds=st.sampled_from([0.1, 5.0, 10.0, 400.0]))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def retry_now(self) -> None:
        self.breaker.retry_now("connected again")
        if self.until is not None and self.now < self.until and self.opens == 1:
            self.until = self.now

    @rule()
    def trip(self) -> None:
        self.breaker.trip()
        self.forced = True
        self.era += 1
        self.probes = 0

    @rule()
    def release(self) -> None:
        self.breaker.release()
        self.forced = False

    @rule()
    def reset(self) -> None:
        self.breaker.reset()
        self.forced = False
        self.close()

    @invariant()
    def agrees(self) -> None:
        assert self.breaker.state is self.state()
        assert (self.breaker.forced is BreakerState.OPEN) == self.forced
        if self.until is None:
            assert self.breaker.consecutive_failures == self.failures


TestBreakerMachine = BreakerMachine.TestCase
TestBreakerMachine.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
