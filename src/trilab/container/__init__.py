"""What a node lacks in a container engine that knows nothing of trilab (Docker, containerlab); runs in the node."""
