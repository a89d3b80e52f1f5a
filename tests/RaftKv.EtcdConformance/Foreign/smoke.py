"""What the smokes of Python clients share: HOST and PORT of their command lines, and patience."""
import sys
import time


HOST, PORT = sys.argv[1], int(sys.argv[2])
DEADLINE = 60


def eventually(what, holds):
    end = time.monotonic() + DEADLINE
    while not holds():
        assert time.monotonic() < end, f"not in time: {what}"
        time.sleep(0.1)
