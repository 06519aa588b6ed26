"""The command `landfall vmmap` of gdb and of LLDB: everything that the page tables of a RISC-V hart map.

cargo-landfall reads and explains the tables. This script starts it, and answers its questions about the machine:

    cargo-landfall --"pages", "satp", "value", "ram"--> this script --> gdb or LLDB --> QEMU
                   <----------status, size, bytes-----

The last line is "end" or "fail", before the text for the user.
"""

import re
import struct
import subprocess

try:
    import gdb
except ImportError:
    gdb = None
    import lldb

COMMAND = []

SHORT = "Lists everything that the page tables of the selected hart map."

# LLDB wraps lines of more than 79 columns.
HELP = f"""{SHORT}

landfall vmmap                all regions, and their parts
landfall vmmap EXPRESSION     the entries that lead to an address
landfall vmmap REGION         the mappings of a region: image, linear-map...
landfall vmmap --writable     mappings with this permission; the others are
                              --executable and --user; all can be combined,
                              and followed by a region
landfall vmmap --findings     what is wrong with the mappings, and why
landfall vmmap --json         the audit as JSON

--satp VALUE, before all others, names another root. VALUE has no spaces.

The kernel may be any for RISC-V 64, in sv39, sv48 or sv57, and the hart may
be in any privilege. The machine is a QEMU, or in gdb an ELF core. A core that
does not state satp is searched for roots."""

PAGE = 4096
# No QEMU refuses to read so many bytes by one packet.
PART = 1024


class Failed(Exception):
    """A failure, in words for the user."""


def audit(machine, words):
    """Returns the answer to the user's words."""
    try:
        worker = subprocess.Popen([*COMMAND, words, machine.core() or ""], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    except OSError as error:
        raise Failed(f"cannot start {COMMAND[0]}: {error.strerror}; attach again with `cargo landfall`") from None
    try:
        while True:
            question, _, rest = worker.stdout.readline().decode().strip().partition(" ")
            if question in ("end", "fail"):
                text = worker.stdout.read().decode()
                if question == "fail":
                    raise Failed(text)
                return text
            if not question:
                raise Failed("cargo-landfall ended without an answer")
            for status, found in answers(machine, question, rest):
                worker.stdin.write(struct.pack("<BI", status, len(found)) + found)
            worker.stdin.flush()
    except BrokenPipeError:
        raise Failed("cargo-landfall ended without an answer") from None
    finally:
        # After an answer it has ended. Otherwise the user has interrupted it.
        worker.kill()
        worker.wait()
        worker.stdin.close()
        worker.stdout.close()


def answers(machine, question, rest):
    """Returns the status and the bytes of each answer to one question."""
    if question == "pages":
        with machine.physical():
            return [answer(lambda: machine.page(int(address, 16))) for address in rest.split()]
    if question == "satp":
        return [answer(lambda: number(machine.satp()))]
    if question == "value":
        return [answer(lambda: number(machine.value(rest)))]
    return [answer(machine.ram)]


def answer(get):
    """Returns the status and the bytes of one answer."""
    try:
        return 1, get()
    except Failed as error:
        return 0, str(error).encode()


def number(value):
    """A number as bytes."""
    return str(value % (1 << 64)).encode()


class Physical:
    """QEMU's mode in which addresses are physical, for a `with`."""

    def __init__(self, packet):
        self.packet = packet

    def __enter__(self):
        # QEMU keeps the mode, and the user may have set it.
        self.before = self.packet("qqemu.PhyMemMode")
        if self.before not in ("0", "1") or self.packet("Qqemu.PhyMemMode:1") != "OK":
            raise Failed("this machine has no physical memory for debuggers: it is no QEMU")

    def __exit__(self, *_):
        self.packet(f"Qqemu.PhyMemMode:{self.before}")


class Gdb:
    """The machine or the core of this gdb."""

    @staticmethod
    def core():
        """The path of the core, if one is open."""
        _, _, core = gdb.execute("info files", to_string=True).partition("Local core dump file:\n\t`")
        return core.partition("', file type ")[0] or None

    def physical(self):
        return Physical(self.packet)

    @staticmethod
    def packet(text):
        try:
            answer = gdb.execute(f"maintenance packet {text}", to_string=True)
        except gdb.error as error:
            raise Failed(str(error)) from None
        return answer.rpartition('received: "')[2].rpartition('"')[0]

    @staticmethod
    def page(address):
        try:
            return bytes(gdb.selected_inferior().read_memory(address, PAGE))
        except gdb.error as error:
            raise Failed(str(error)) from None

    @staticmethod
    def satp():
        try:
            return int(gdb.newest_frame().read_register("satp"))
        except (gdb.error, ValueError) as error:
            raise Failed(f"cannot read satp: {error}") from None

    @staticmethod
    def value(expression):
        try:
            value = gdb.parse_and_eval(expression)
            if value.type.strip_typedefs().code in (gdb.TYPE_CODE_FUNC, gdb.TYPE_CODE_STRUCT, gdb.TYPE_CODE_ARRAY):
                value = value.address
            return int(value)
        except (gdb.error, TypeError, ValueError, OverflowError) as error:
            # A Rust function without types is a symbol, and no expression.
            place = re.search(r" at (?:address )?(0x[0-9a-f]+)", Gdb.place(expression))
            if place is None:
                raise Failed(str(error)) from None
            return int(place[1], 16)

    @staticmethod
    def place(name):
        """gdb's words about a symbol; none without it."""
        try:
            return gdb.execute(f"info address {name}", to_string=True)
        except gdb.error:
            return ""

    @staticmethod
    def ram():
        try:
            return gdb.execute("monitor info mtree -f", to_string=True).encode()
        except gdb.error as error:
            raise Failed(str(error)) from None


class Lldb:
    """The machine of this LLDB."""

    def __init__(self, debugger):
        self.interpreter = debugger.GetCommandInterpreter()
        self.target = debugger.GetSelectedTarget()
        self.frame = self.target.process.GetSelectedThread().GetSelectedFrame()

    @staticmethod
    def core():
        return None

    def physical(self):
        return Physical(self.packet)

    def command(self, text):
        result = lldb.SBCommandReturnObject()
        self.interpreter.HandleCommand(text, result)
        if not result.Succeeded():
            raise Failed((result.GetError() or "").strip())
        return result.GetOutput() or ""

    def packet(self, text):
        return self.command(f"process plugin packet send {text}").rpartition("response: ")[2].strip()

    def page(self, address):
        # LLDB keeps memory that it has read, and does not know that the mode has changed. So packets are sent.
        parts = [self.packet(f"m{part:x},{PART:x}") for part in range(address, address + PAGE, PART)]
        try:
            found = bytes.fromhex("".join(parts))
        except ValueError:
            found = b""
        if len(found) != PAGE:
            raise Failed(f"cannot read memory at {address:#x}: {parts[0][:80]}")
        return found

    def satp(self):
        register = self.frame.FindRegister("satp")
        if not register.IsValid():
            raise Failed("cannot read satp: no hart is selected, or it has no such register")
        return register.unsigned

    def value(self, expression):
        try:
            return int(expression, 0)
        except ValueError:
            pass
        value = self.frame.EvaluateExpression(expression)
        if value.error.Fail():
            # Names with a path are no expressions of LLDB's languages.
            for context in self.target.FindSymbols(expression):
                return context.symbol.addr.GetLoadAddress(self.target)
            lines = (value.error.GetCString() or "").strip().splitlines() or [""]
            # Notes about the language come first.
            raise Failed(next((line for line in lines if "error:" in line), lines[0]))
        if value.type.IsFunctionType() or value.type.IsAggregateType():
            return value.AddressOf().unsigned
        return value.unsigned

    def ram(self):
        return self.command("process plugin packet monitor info mtree -f").encode()


class LldbVmmap:
    """The command in LLDB."""

    def __init__(self, debugger, _session):
        pass

    def __call__(self, debugger, words, _context, result):
        try:
            result.PutCString(audit(Lldb(debugger), words).rstrip("\n"))
        except Failed as error:
            result.SetError(f"landfall vmmap: {error}")

    def get_short_help(self):
        return SHORT

    def get_long_help(self):
        return HELP


def __lldb_init_module(debugger, _session):
    debugger.HandleCommand('command container add --overwrite --help "Commands of landfall." landfall')
    debugger.HandleCommand(f"command script add --overwrite --class {__name__}.LldbVmmap landfall vmmap")


if gdb is not None:

    class GdbLandfall(gdb.Command):
        """Commands of landfall."""

        def __init__(self):
            super().__init__("landfall", gdb.COMMAND_DATA, prefix=True)

    class GdbVmmap(gdb.Command):
        __doc__ = HELP

        def __init__(self):
            super().__init__("landfall vmmap", gdb.COMMAND_DATA, gdb.COMPLETE_EXPRESSION)

        def invoke(self, words, _from_tty):
            try:
                gdb.write(audit(Gdb(), words))
            except Failed as error:
                raise gdb.GdbError(f"landfall vmmap: {error}") from None

    GdbLandfall()
    GdbVmmap()
