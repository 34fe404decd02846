"""Bounds of the requests and bytes of one visitor."""

from contextlib import ExitStack

import pytest

from scgan.studio import visitors
from scgan.studio.visitors import RejectedRequest, Visitors


def test_requests_of_a_client_and_of_an_address_are_bounded() -> None:
    counters = Visitors()
    with ExitStack() as stack:
        for _ in range(visitors.MAX_CLIENT_REQUESTS):
            stack.enter_context(counters.visit("10.0.0.1", ""))
        with pytest.raises(RejectedRequest, match="at once") as rejection, counters.visit("10.0.0.1", ""):
            pass
        assert rejection.value.status == 429
        for number in range(visitors.MAX_ADDRESS_REQUESTS - visitors.MAX_CLIENT_REQUESTS):
            stack.enter_context(counters.visit("10.0.0.1", f"page {number}"))
        with pytest.raises(RejectedRequest), counters.visit("10.0.0.1", "another"):
            pass
        with counters.visit("10.0.0.2", ""):
            pass
    assert not counters.requests  # visitors that have left are forgotten


def test_bytes_of_an_address_and_of_all_are_bounded() -> None:
    counters = Visitors()
    half = visitors.MAX_ADDRESS_BYTES // 2
    with ExitStack() as stack:
        first, second = (stack.enter_context(counters.visit("10.0.0.1", "")) for _ in range(2))
        assert first.add_bytes(half) == half and second.add_bytes(half) == half
        with pytest.raises(RejectedRequest, match="files") as rejection:
            first.add_bytes(1)
        assert rejection.value.status == 429
        others = [stack.enter_context(counters.visit(f"10.0.0.{number}", "")) for number in (2, 3, 4)]
        with pytest.raises(RejectedRequest) as rejection:
            for visit in others:
                visit.add_bytes(2 * half)
        assert rejection.value.status == 503
    assert not counters.bytes
