"""Ends backtraces where the caller is unknown.

Functions that never return save no return address, and gdb fails behind the last of them. `thread apply all backtrace` would print nothing then.
"""

import gdb
from gdb.FrameDecorator import FrameDecorator


def known():
    """Yields the frames up to the one whose caller gdb cannot find."""
    frame = gdb.newest_frame()
    while frame is not None:
        yield FrameDecorator(frame)
        try:
            frame = frame.older()
        except gdb.error:
            return


class Outermost:
    """A filter of frames, for all backtraces."""

    def __init__(self):
        self.name = "landfall-outermost"
        self.priority = 1000
        self.enabled = True
        gdb.frame_filters[self.name] = self

    def filter(self, frames):
        # gdb's own iterator asks for a caller before it yields a frame, and so loses the last one.
        return known()


Outermost()
