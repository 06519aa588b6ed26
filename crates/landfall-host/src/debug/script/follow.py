"""Follows a kernel that changes its addresses: LLDB's symbols go with it.

    loaded --(landfall_move_jump: s10)--> moved --(landfall_leap_fence: a0)--> landed

At each arrow a breakpoint that is gone after its hit loads the symbols again and lets the machine go on. The numbers are in landfall.lldb.
"""

import lldb

SPACE = 1 << 64


class Kernel:
    """What is known of it."""

    # How far addresses are from those that it was linked for.
    distance = 0
    # Where the first of the names that stay physical was linked; None where there are none.
    later = None


def at(distance):
    """Loads the symbols so far from where they were linked."""
    Kernel.distance = distance % SPACE
    target = lldb.debugger.GetSelectedTarget()
    module = target.module["kernel.elf"]
    # LLDB sets breakpoints anew only where a module was away.
    target.ClearModuleLoadAddress(module)
    target.SetModuleLoadAddress(module, Kernel.distance)


def later_at(distance):
    """Loads the names that stay physical, likewise: when the kernel has landed, since LLDB knows no names in the rest of a module in which
    another one lies."""
    if Kernel.later is not None:
        target = lldb.debugger.GetSelectedTarget()
        section = target.module["later.o"].section[".text"]
        target.SetSectionLoadAddress(section, (distance + Kernel.later) % SPACE)


def follow(place, arrive):
    """Calls `arrive` when the kernel comes to what was linked to `place`."""
    target = lldb.debugger.GetSelectedTarget()
    address = target.module["kernel.elf"].ResolveFileAddress(place)
    breakpoint = target.BreakpointCreateBySBAddress(address)
    breakpoint.SetOneShot(True)
    breakpoint.SetScriptCallbackFunction(f"{__name__}.{arrive.__name__}")


class Arrow:
    """What there is to know at one. A frame is void once symbols have gone elsewhere."""

    def __init__(self, frame, distance, behind):
        self.distance = frame.FindRegister(distance).unsigned
        self.behind = frame.FindRegister(behind).unsigned
        answer = lldb.SBCommandReturnObject()
        interpreter = lldb.debugger.GetCommandInterpreter()
        interpreter.HandleCommand(f"thread plan list {frame.thread.idx}", answer)
        self.is_stepped_over = "Stepping" in (answer.GetOutput() or "")

    def go_on(self):
        """Lets the machine go on. A step ends at a breakpoint, so whoever steps gets a stop behind the arrow."""
        if self.is_stepped_over:
            target = lldb.debugger.GetSelectedTarget()
            target.BreakpointCreateByAddress(self.behind).SetOneShot(True)
        return False


def moves(frame, _location, _session):
    """The kernel is about to be copied to another place in memory. The copier's page has no symbols."""
    arrow = Arrow(frame, "s10", "t6")
    at(Kernel.distance + arrow.distance)
    print("landfall: the kernel moves to another place in memory, and its symbols with it")
    return arrow.go_on()


def leaps(frame, _location, _session):
    """Translation is about to be turned on. The trap on the next fetch leads to the virtual address."""
    arrow = Arrow(frame, "a0", "stvec")
    later_at(Kernel.distance)
    at(Kernel.distance + arrow.distance)
    print("landfall: the kernel lands; symbols are at its virtual addresses")
    return arrow.go_on()
