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


def go_on(frame, behind):
    """Lets the machine go on; whoever steps gets a stop behind the arrow, since the plan to step ends at a breakpoint."""
    answer = lldb.SBCommandReturnObject()
    interpreter = lldb.debugger.GetCommandInterpreter()
    interpreter.HandleCommand(f"thread plan list {frame.thread.idx}", answer)
    if "Stepping" in (answer.GetOutput() or ""):
        target = lldb.debugger.GetSelectedTarget()
        target.BreakpointCreateByAddress(frame.FindRegister(behind).unsigned).SetOneShot(True)
    return False


def moves(frame, _location, _session):
    """The kernel is about to be copied to another place in memory. The copier's page has no symbols."""
    at(Kernel.distance + frame.FindRegister("s10").unsigned)
    print("landfall: the kernel moves to another place in memory, and its symbols with it")
    return go_on(frame, "t6")


def leaps(frame, _location, _session):
    """Translation is about to be turned on. The trap on the next fetch leads to the virtual address."""
    later_at(Kernel.distance)
    at(Kernel.distance + frame.FindRegister("a0").unsigned)
    print("landfall: the kernel lands; symbols are at its virtual addresses")
    return go_on(frame, "stvec")
