"""Standard normal numbers as a function of a key. They are those of ``torch.randn``, but computed by NumPy.

A process that only generates images from ONNX files need not import PyTorch for its latents.
"""

from __future__ import annotations

import hashlib
import threading

import numpy as np
from numpy.typing import NDArray

_thread = threading.local()

_BLOCK = 16  # numbers that torch.randn makes of 16 uniform ones; shorter tensors are drawn in double precision


def seed_of(*key: int | str) -> int:
    """Seed that depends on ``key`` alone, in [0, 2⁶³)."""
    digest = hashlib.blake2b("/".join(map(str, key)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little") >> 1


def standard_normal(count: int, *key: int | str) -> NDArray[np.float32]:
    """Draw the numbers of ``torch.randn(count, generator=generator_for(*key))``, up to rounding; float32 (count,)."""
    random = _own_random()
    random.seed(seed_of(*key) % 2**32)  # PyTorch's Mersenne Twister takes 32 bits, too
    return _long(random, count) if count >= _BLOCK else _short(random, count)


def _own_random() -> np.random.RandomState:
    """Generator of this thread: to make one takes ten times as long as to seed it."""
    if not hasattr(_thread, "random"):
        _thread.random = np.random.RandomState()
    random: np.random.RandomState = _thread.random
    return random


def _bits(random: np.random.RandomState, count: int) -> NDArray[np.uint32]:
    return random.randint(0, 2**32, count, np.uint32)


def _long(random: np.random.RandomState, count: int) -> NDArray[np.float32]:
    uniform = _uniform(random, count)
    normal = np.empty(count, np.float32)
    whole = count - count % _BLOCK
    normal[:whole] = _box_muller(uniform[:whole])
    if whole < count:  # the last block is drawn again, and overlaps the one before
        normal[-_BLOCK:] = _box_muller(_uniform(random, _BLOCK))
    return normal


def _uniform(random: np.random.RandomState, count: int) -> NDArray[np.float64]:
    return (_bits(random, count) & 0xFFFFFF).astype(np.float64) / 2**24


def _box_muller(uniform: NDArray[np.float64]) -> NDArray[np.float64]:
    """Replace uniform numbers in [0, 1) by normal ones; of each block, the first half gives the radii."""
    first, second = uniform.reshape(-1, 2, _BLOCK // 2).swapaxes(0, 1)
    radius, angle = np.sqrt(-2 * np.log1p(-first)), 2 * np.pi * second
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1).ravel()


def _short(random: np.random.RandomState, count: int) -> NDArray[np.float32]:
    pairs = -(-count // 2)
    words = _bits(random, 4 * pairs).astype(np.uint64).reshape(pairs, 2, 2)
    uniform = ((words[..., 0] & np.uint64(0x1FFFFF)) * np.uint64(2**32) + words[..., 1]).astype(np.float64) / 2**53
    radius, angle = np.sqrt(-2 * np.log1p(-uniform[:, 1])), 2 * np.pi * uniform[:, 0]
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1).ravel()[:count].astype(np.float32)
