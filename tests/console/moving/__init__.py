"""Tests of moving units about by mouse."""
