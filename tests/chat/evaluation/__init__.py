"""Tests of chat.evaluation."""
