"""Takeovers by microphone: what is checked, what makes way for them, their rows, and how they are let go."""
