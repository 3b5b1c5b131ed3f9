"""trilab: a hands-on network lab whose graders look at the wire. Imports nothing: node-side code loads it too."""

__version__ = "0.1.0"
