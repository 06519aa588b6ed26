"""Follows a kernel that changes its addresses: LLDB's symbols go with it.

    loaded --(landfall_move_jump: s10)--> moved --(landfall_leap_fence: a0)--> landed
           --(landfall_wrapper_enter: t0)--> in the inner kernel of a wrapper

At each arrow a breakpoint that is gone after its hit loads the symbols again and lets the machine go on. The numbers are in landfall.lldb.
"""

import struct

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


class Inner:
    """The inner kernel of a wrapper: its ELF, and its first instruction as linked."""

    file = None


def starts(frame, _location, _session):
    """The boot hart is about to enter the inner kernel."""
    arrow = Arrow(frame, "t0", "t0")
    path, entry = Inner.file
    target = lldb.debugger.GetSelectedTarget()
    module = target.AddModule(path, None, None)
    target.SetModuleLoadAddress(module, (arrow.distance - entry) % SPACE)
    print("landfall: the inner kernel starts; its symbols are at its addresses")
    return arrow.go_on()


class Modules:
    """The modules that the kernel may load."""

    # Where the kernel's table of loaded modules was linked.
    table = None
    # By name: the file, and its sections (name, part, offset in the part).
    files = {}
    # By name: the addresses of text, constants and data, and LLDB's module.
    loaded = {}


MAGIC = 0x6D6F64756C657331
SLOT = struct.Struct("<7Q56s")


def module(name, path, sections):
    """A module that the kernel may load."""
    Modules.files[name] = (path, sections)


def memory(address, size):
    """Bytes of the machine; none where it has no memory, as before the landing."""
    error = lldb.SBError()
    process = lldb.debugger.GetSelectedTarget().process
    found = process.ReadMemory(address % SPACE, size, error)
    return found if error.Success() and found and len(found) == size else None


def listed():
    """The modules in the kernel's table, with the addresses of their parts; none if it cannot be read."""
    table = Modules.table + Kernel.distance
    head = memory(table, 16)
    if head is None:
        return None
    magic, capacity = struct.unpack("<2Q", head)
    slots = memory(table + 16, min(capacity, 1024) * SLOT.size) if magic == MAGIC else None
    if slots is None:
        return None
    found = {}
    for sequence, text, size, constants, _, data, _, name in SLOT.iter_unpack(slots):
        if size != 0 and sequence % 2 == 0:
            found[name.rstrip(b"\0").decode("ascii", "replace")] = (text, constants, data)
    return found


def modules():
    """Reads the table, and loads or removes symbols."""
    found = listed()
    if found is None:
        return
    target = lldb.debugger.GetSelectedTarget()
    for name, (parts, loaded) in list(Modules.loaded.items()):
        if found.get(name) != parts:
            target.RemoveModule(loaded)
            del Modules.loaded[name]
            print(f"landfall: the module {name} is unloaded")
    for name, parts in found.items():
        if name in Modules.files and name not in Modules.loaded:
            path, sections = Modules.files[name]
            loaded = target.AddModule(path, None, None)
            for section, part, offset in sections:
                target.SetSectionLoadAddress(loaded.section[section], parts[part] + offset)
            Modules.loaded[name] = (parts, loaded)
            print(f"landfall: the module {name} is loaded at {parts[0]:#x}")
