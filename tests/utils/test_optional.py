"""Tests of the check for optional packages."""

from __future__ import annotations

import sys

import pytest

from scgan.utils.errors import UserError
from scgan.utils.optional import require_packages


def test_installed_packages_are_accepted() -> None:
    require_packages("counting", "numbers", "json", "numpy")


def test_missing_packages_are_named_with_their_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(UserError, match=r"^writing \.mp4 needs av: pip install 'scgan\[video\]'$"):
        require_packages("writing .mp4", "video", "json", "av")
    with pytest.raises(UserError, match=r"^drawing needs av and no_such_package: pip install"):
        require_packages("drawing", "plots", "av", "no_such_package")
