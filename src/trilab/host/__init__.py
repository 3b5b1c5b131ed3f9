"""The machine itself: folders, tools, system calls, user namespaces."""
