"""The air of a lab, from inside: the keeper (in the bubble), the agent (in the guest that holds the radios) and the
commands of the nodes that reach it. Standard library only: it runs on the node image's Python.
"""
