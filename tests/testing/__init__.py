"""Tests of the kit, with a small line that they all call."""
