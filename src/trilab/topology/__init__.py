"""The containerlab topology model: load, validate, plan for an engine, draw."""
