"""A client of RaftKv's HTTP API, for one node, with nothing but the standard library."""

from .api import RaftKv
from .transport import Answer, Event, RaftKvError, Stream

__all__ = ["Answer", "Event", "RaftKv", "RaftKvError", "Stream"]
