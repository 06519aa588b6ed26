//! System calls of Linux (include/uapi/asm-generic/unistd.h), and files.

use core::arch::asm;
use core::ffi::CStr;
use core::slice;

use crate::failure::{Errno, Failure};

const MKDIRAT: usize = 34;
const MOUNT: usize = 40;
const OPENAT: usize = 56;
const CLOSE: usize = 57;
const READ: usize = 63;
const WRITE: usize = 64;
const FSYNC: usize = 82;
const NANOSLEEP: usize = 101;
const KEXEC_LOAD: usize = 104;
const REBOOT: usize = 142;
const MMAP: usize = 222;
const FINIT_MODULE: usize = 273;
const GETRANDOM: usize = 278;

/// The folder to which relative paths belong: the current one.
const HERE: usize = (-100_isize).cast_unsigned();
const CREATE: usize = 0o100;
const READ_WRITE: usize = 3;
/// Of this process alone, of no file, and counted when it is used: a crash kernel has little
/// memory.
const PRIVATE_ANONYMOUS: usize = 0x4022;
const COMPRESSED: usize = 4;
const INSECURE: usize = 4;

/// The largest file that is read: Linux, or an initrd.
const LARGEST: usize = 128 << 20;

/// Makes a system call.
///
/// # Safety
/// The caller guarantees that the memory which the call writes belongs to it.
unsafe fn call(number: usize, arguments: [usize; 6]) -> Result<usize, Errno> {
    let result: isize;
    // SAFETY: Linux keeps all registers besides a0; the caller vouches for the memory.
    unsafe {
        asm!(
            "ecall",
            in("a7") number,
            inlateout("a0") arguments[0] => result,
            in("a1") arguments[1],
            in("a2") arguments[2],
            in("a3") arguments[3],
            in("a4") arguments[4],
            in("a5") arguments[5],
            options(nostack),
        );
    }
    usize::try_from(result).map_err(|_| Errno(result.unsigned_abs()))
}

fn address(text: &CStr) -> usize {
    text.as_ptr().expose_provenance()
}

/// The end of this Linux.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flow {
    /// The machine is powered off.
    Off,
    /// The loaded kernel starts.
    Next,
}

/// Ends this Linux (include/uapi/linux/reboot.h).
pub(crate) fn reboot(flow: Flow) -> ! {
    let command = match flow {
        Flow::Off => 0x4321_fedc,
        Flow::Next => 0x4558_4543,
    };
    // SAFETY: the call writes no memory.
    let _ = unsafe { call(REBOOT, [0xfee1_dead, 0x2812_1969, command, 0, 0, 0]) };
    // The call returns if the kernel cannot do it.
    loop {
        sleep();
    }
}

/// Mounts a file system of this kind at `path`, which is created.
pub(crate) fn mount(kind: &'static CStr, path: &'static CStr) -> Result<(), Failure> {
    // SAFETY: the call writes no memory; that the folder exists is no failure.
    let _ = unsafe { call(MKDIRAT, [HERE, address(path), 0o755, 0, 0, 0]) };
    // SAFETY: the call writes no memory.
    let mounted = unsafe { call(MOUNT, [address(kind), address(path), address(kind), 0, 0, 0]) };
    mounted.map(drop).map_err(|error| Failure::File(path, error))
}

/// Sleeps for a tenth of a second.
pub(crate) fn sleep() {
    let time: [u64; 2] = [0, 100_000_000];
    // SAFETY: the call writes no memory, because the second argument is null.
    let _ = unsafe { call(NANOSLEEP, [time.as_ptr().expose_provenance(), 0, 0, 0, 0, 0]) };
}

/// Returns memory of zeros, which is never given back.
pub(crate) fn memory(size: usize) -> Result<&'static mut [u8], Failure> {
    // SAFETY: the call writes no memory that exists before it.
    let at = unsafe { call(MMAP, [0, size, READ_WRITE, PRIVATE_ANONYMOUS, usize::MAX, 0]) };
    let at = at.map_err(|error| Failure::Call("mmap", error))?;
    // SAFETY: the kernel has just mapped these bytes, for nothing else, and they stay mapped.
    Ok(unsafe { slice::from_raw_parts_mut(core::ptr::with_exposed_provenance_mut(at), size) })
}

/// Fills `bytes` with random ones. Tests do not wait until the kernel trusts its generator.
pub(crate) fn fill_with_randomness(bytes: &mut [u8]) -> Result<(), Failure> {
    // SAFETY: the call writes into `bytes` alone.
    let filled =
        unsafe { call(GETRANDOM, [bytes.as_mut_ptr().expose_provenance(), bytes.len(), INSECURE, 0, 0, 0]) };
    filled.map(drop).map_err(|error| Failure::Call("getrandom", error))
}

/// A part of the next kernel (`struct kexec_segment`): bytes, and their place in physical memory.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segment {
    from: usize,
    size: usize,
    to: u64,
    room: u64,
}

impl Segment {
    /// Returns the part that is to lie at `to`, in `room` bytes of whole pages.
    pub(crate) fn new(bytes: &'static [u8], to: u64, room: u64) -> Self {
        Self { from: bytes.as_ptr().expose_provenance(), size: bytes.len(), to, room }
    }
}

/// Loads a kernel that begins at the physical address `entry`.
pub(crate) fn load_kernel(entry: u64, segments: &[Segment]) -> Result<(), Failure> {
    /// `KEXEC_ARCH_RISCV`: the machine's number in ELFs, as the upper half.
    const ARCHITECTURE: usize = 243 << 16;
    let entry = usize::try_from(entry).map_err(|_| Failure::Fact("the address has more than 64 bits"))?;
    let list = segments.as_ptr().expose_provenance();
    // SAFETY: the call reads the segments, and writes no memory of this process.
    let loaded = unsafe { call(KEXEC_LOAD, [entry, segments.len(), list, ARCHITECTURE, 0, 0]) };
    loaded.map(drop).map_err(|error| Failure::Call("kexec_load", error))
}

/// The use of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// Reads it.
    Read,
    /// Writes it.
    Write,
}

/// An open file.
#[derive(Debug)]
pub(crate) struct File(usize);

impl File {
    /// Opens a file.
    pub(crate) fn open(path: &'static CStr, to: Use) -> Result<Self, Failure> {
        let flags = match to {
            Use::Read => 0,
            Use::Write => 1,
        };
        // SAFETY: the call writes no memory.
        let file = unsafe { call(OPENAT, [HERE, address(path), flags, CREATE, 0, 0]) };
        file.map(Self).map_err(|error| Failure::File(path, error))
    }

    /// Reads some bytes; 0 at the end.
    pub(crate) fn read(&self, into: &mut [u8]) -> Result<usize, Failure> {
        // SAFETY: the call writes into `into` alone.
        let read =
            unsafe { call(READ, [self.0, into.as_mut_ptr().expose_provenance(), into.len(), 0, 0, 0]) };
        read.map_err(|error| Failure::Call("read", error))
    }

    /// Writes all bytes.
    pub(crate) fn write(&self, mut bytes: &[u8]) -> Result<(), Failure> {
        while !bytes.is_empty() {
            // SAFETY: the call reads `bytes`, and writes no memory of this process.
            let written =
                unsafe { call(WRITE, [self.0, bytes.as_ptr().expose_provenance(), bytes.len(), 0, 0, 0]) };
            let written = written.map_err(|error| Failure::Call("write", error))?;
            bytes = bytes.get(written..).unwrap_or_default();
        }
        Ok(())
    }

    /// Waits until all written bytes are on the disk.
    pub(crate) fn flush(&self) -> Result<(), Failure> {
        // SAFETY: the call writes no memory of this process.
        let flushed = unsafe { call(FSYNC, [self.0, 0, 0, 0, 0, 0]) };
        flushed.map(drop).map_err(|error| Failure::Call("fsync", error))
    }

    /// Loads the file into the kernel, as a module that may be compressed.
    pub(crate) fn load_module(&self) -> Result<(), Failure> {
        // SAFETY: the call writes no memory of this process.
        let loaded = unsafe { call(FINIT_MODULE, [self.0, address(c""), COMPRESSED, 0, 0, 0]) };
        loaded.map(drop).map_err(|error| Failure::Call("finit_module", error))
    }
}

impl Drop for File {
    fn drop(&mut self) {
        // SAFETY: the call writes no memory, and the file is this value's alone.
        let _ = unsafe { call(CLOSE, [self.0, 0, 0, 0, 0, 0]) };
    }
}

/// Returns the bytes of a file, also of one whose size is unknown.
pub(crate) fn read(path: &'static CStr) -> Result<&'static [u8], Failure> {
    let file = File::open(path, Use::Read)?;
    let bytes = memory(LARGEST)?;
    let mut size = 0;
    loop {
        match file.read(bytes.get_mut(size..).unwrap_or_default())? {
            0 if size == LARGEST => return Err(Failure::Fact("a file is larger than 128 MiB")),
            0 => return Ok(bytes.get(..size).unwrap_or_default()),
            more => size += more,
        }
    }
}

/// Returns the text of a file.
pub(crate) fn text(path: &'static CStr) -> Result<&'static str, Failure> {
    core::str::from_utf8(read(path)?).map_err(|_| Failure::Fact("a file is not UTF-8"))
}
