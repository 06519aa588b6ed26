//! Code that comes at run time.

use core::ffi::{CStr, c_char, c_void};

use landfall::address::PhysRange;
use landfall::space::Memory;
use landfall_modules::module::exports_of_this_kernel;
use landfall_modules::{
    FloatAbi, Kernel, ModuleId, Modules, Pages as RustPages, SectionPlace, SymbolPlace, ThisMachine,
    Workspace,
};
use spin::Mutex;

use super::entry::landing;
use super::error::{Error, fail};
use super::range::{Bytes, Range};
use super::space::{Machine, space};

landfall_modules::kernel!(static TABLE);

/// The loaded modules, and their numbers in C.
struct Loaded {
    modules: Modules<Machine, ThisMachine>,
    ids: [Option<ModuleId>; landfall_modules::CAPACITY],
}

static LOADED: Mutex<Option<Loaded>> = Mutex::new(None);

/// Room for the sections and symbols of a module while it is loaded: too much for a stack.
static ROOM: Mutex<([SectionPlace; 64], [SymbolPlace; 2048])> =
    Mutex::new(([SectionPlace::NONE; 64], [SymbolPlace::NONE; 2048]));

/// `struct lf_pages`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
struct Pages {
    take: extern "C" fn(context: *mut c_void, pages: u64, memory: *mut Range) -> bool,
    give_back: extern "C" fn(context: *mut c_void, memory: Range),
    context: *mut c_void,
}

impl RustPages for Pages {
    fn take(&mut self, pages: u64) -> Option<Memory> {
        let mut memory = Range::from(PhysRange::EMPTY);
        // SAFETY: the contract of `struct lf_pages`: the memory is RAM that nothing else uses.
        (self.take)(self.context, pages, &raw mut memory).then(|| unsafe { Memory::new(memory.phys()) })
    }

    fn give_back(&mut self, memory: Memory) {
        (self.give_back)(self.context, memory.into_range().into());
    }
}

/// `lf_verify`: returns how many bytes are the module, or 0 to refuse it.
type Verify = extern "C" fn(file: *const u8, size: usize) -> usize;

static VERIFY: Mutex<Option<Verify>> = Mutex::new(None);

fn verify(file: &[u8]) -> Option<usize> {
    match *VERIFY.lock() {
        Some(verify) => Some(verify(file.as_ptr(), file.len())).filter(|size| *size != 0),
        None => Kernel::unsigned(file),
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn lf_modules_begin(verification: Option<Verify>, error: *mut Error) -> bool {
    *VERIFY.lock() = verification;
    let kernel = Kernel {
        build_id: landing().build_id(),
        exports: exports_of_this_kernel(),
        abi: FloatAbi::of_target(),
        verify,
    };
    let mut loaded = LOADED.lock();
    if loaded.is_some() {
        // SAFETY: the caller's.
        return unsafe { fail(error, "modules have begun already") };
    }
    match Modules::new(space(), ThisMachine, kernel, &TABLE) {
        Ok(modules) => {
            *loaded = Some(Loaded { modules, ids: [const { None }; landfall_modules::CAPACITY] });
            true
        }
        // SAFETY: the caller's.
        Err(reason) => unsafe { fail(error, reason) },
    }
}

const NOT_BEGUN: &str = "modules have not begun; call lf_modules_begin first";
const NO_MODULE: &str = "no module has this number; it was unloaded, or never loaded";

/// Returns the text of C, which must be UTF-8.
///
/// # Safety
/// `text` is null, or the address of a text with a final zero.
unsafe fn str_of<'a>(text: *const c_char) -> Option<&'a str> {
    if text.is_null() {
        return Some("");
    }
    // SAFETY: the caller's.
    unsafe { CStr::from_ptr(text) }.to_str().ok()
}

#[unsafe(no_mangle)]
unsafe extern "C" fn lf_module_load(
    file: Bytes,
    parameters: *const c_char,
    pages: &Pages,
    number: *mut u32,
    error: *mut Error,
) -> bool {
    // SAFETY: the caller's.
    let (file, parameters) = unsafe { (file.get(), str_of(parameters)) };
    let Some(parameters) = parameters else {
        // SAFETY: the caller's.
        return unsafe { fail(error, "the module's parameters are not UTF-8") };
    };
    let mut loaded = LOADED.lock();
    // SAFETY: the caller's.
    let Some(loaded) = loaded.as_mut() else { return unsafe { fail(error, NOT_BEGUN) } };
    let (sections, symbols) = &mut *ROOM.lock();
    let mut workspace = Workspace { sections, symbols };
    // SAFETY: the caller vouches for the module's code.
    match unsafe { loaded.modules.load(file, parameters, &mut workspace, &mut { *pages }) } {
        Ok(id) => {
            // There are as many places as modules.
            let place = loaded.ids.iter_mut().zip(0_u32..).find(|(place, _)| place.is_none());
            if let Some((place, index)) = place {
                *place = Some(id);
                // SAFETY: the caller's.
                unsafe { number.write(index) };
            }
            true
        }
        // SAFETY: the caller's.
        Err(reason) => unsafe { fail(error, reason) },
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn lf_module_unload(number: u32, pages: &Pages, error: *mut Error) -> bool {
    let mut loaded = LOADED.lock();
    // SAFETY: the caller's.
    let Some(loaded) = loaded.as_mut() else { return unsafe { fail(error, NOT_BEGUN) } };
    let Some(place) = loaded.ids.get_mut(number as usize) else {
        // SAFETY: the caller's.
        return unsafe { fail(error, NO_MODULE) };
    };
    // SAFETY: the caller's.
    let Some(id) = *place else { return unsafe { fail(error, NO_MODULE) } };
    // SAFETY: the caller's: nothing uses the module any more.
    match unsafe { loaded.modules.unload(id, &mut { *pages }) } {
        Ok(()) => {
            *place = None;
            true
        }
        // SAFETY: the caller's.
        Err(reason) => unsafe { fail(error, reason) },
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn lf_module_symbol(number: u32, symbol: *const c_char) -> u64 {
    // SAFETY: the caller's.
    let symbol = unsafe { str_of(symbol) };
    let loaded = LOADED.lock();
    let address = loaded.as_ref().zip(symbol).and_then(|(loaded, symbol)| {
        let id = (*loaded.ids.get(number as usize)?)?;
        loaded.modules.address_of(id, symbol)
    });
    address.map_or(0, landfall::address::VirtAddr::get)
}
