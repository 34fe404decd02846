"""Hostile requests, a few of those that the script sends."""

import random

from studio_fuzz import attack, mutate, send, valid_requests
from studio_process import Studio


def test_no_request_is_answered_by_a_server_error(studio: Studio) -> None:
    statuses, failed = attack(studio, fuzzed=80, mutated=60, break_off=True)  # tests of the guard wait for bodies
    assert not failed
    assert statuses[200] and statuses[422] and statuses[400] and statuses.total() == 140


def test_requests_are_valid_before_they_are_mutated(studio: Studio) -> None:
    for request in valid_requests(studio):
        assert send(studio, request) == 200 or request.path.endswith(("/landmarks", "/segment")), request


def test_the_seed_determines_the_requests(studio: Studio) -> None:
    request = valid_requests(studio)[0]
    first, again, other = (mutate(request, random.Random(seed)) for seed in (1, 1, 2))
    assert first == again != other
