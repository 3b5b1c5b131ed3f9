"""Figures: each printed beside a peer measured in the same run."""
