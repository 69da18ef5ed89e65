"""Reported by the pytest plugin: one test of every outcome."""

import pytest


def test_ok():
    """Documented intent."""


def test_bad():
    assert 1 == 2


@pytest.mark.skip(reason="not today")
def test_skipped():
    pass


def test_broken(no_such_fixture):
    pass


@pytest.mark.parametrize("n", [1, 2])
def test_param(n):
    assert n
