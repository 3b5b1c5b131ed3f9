"""Captures taken outside the candidate's reach, and their decoding: pure functions over a pcap file."""
