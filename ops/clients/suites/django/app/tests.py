"""Reported by the Django plugin: one test of every outcome."""

import unittest

from django.test import SimpleTestCase


class T(SimpleTestCase):
    def test_a_ok(self):
        self.assertTrue(True)

    def test_b_bad(self):
        self.assertEqual(1, 2)

    def test_c_error(self):
        raise RuntimeError("x")

    @unittest.expectedFailure
    def test_d_xfail(self):
        self.fail("expected")

    def test_e_skip_inside(self):
        self.skipTest("not now")
