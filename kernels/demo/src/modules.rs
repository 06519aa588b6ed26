//! `modules`, `load`, `unload`: code from the initrd, an archive of cpio, within reach of the
//! kernel's text.

use cpio_reader::iter_files;
use landfall::address::VirtAddr;
use landfall::space::LiveMachine;
use landfall_modules::module::exports_of_this_kernel;
use landfall_modules::{FloatAbi, Kernel, LoadError, Modules, UnloadError};
use landfall_modules::{SectionPlace, SymbolPlace, ThisMachine, Workspace};
use spin::Mutex;

use crate::kernel::{discloses, kernel};
use crate::memory::Free;

landfall_modules::kernel!(pub(crate) static TABLE);

/// Prints text of a module.
///
/// # Safety
/// The text is `size` bytes.
#[landfall_modules::export(stable)]
unsafe extern "C" fn demo_print(text: *const u8, size: usize) {
    // SAFETY: the caller vouches for the text.
    let text = unsafe { core::slice::from_raw_parts(text, size) };
    landfall::print!("{}", core::str::from_utf8(text).unwrap_or("?"));
}

type Loaded = Modules<LiveMachine<Free>, ThisMachine>;

/// The modules, from the first command on that needs them.
static MODULES: Mutex<Option<Loaded>> = Mutex::new(None);

/// Calls `f` with the modules. A kernel in the linear map has no near region, and so none.
fn with<R>(f: impl FnOnce(&mut Loaded) -> R) -> Result<R, LoadError> {
    let mut place = MODULES.lock();
    if place.is_none() {
        let (build_id, exports) = (kernel().landing.build_id(), exports_of_this_kernel());
        // The initrd comes by the same way as the kernel. Other sources need a signature.
        let own = Kernel { build_id, exports, abi: FloatAbi::of_target(), verify: Kernel::unsigned };
        *place = Some(Modules::new(&kernel().space, ThisMachine, own, &TABLE)?);
    }
    Ok(f(place.as_mut().expect("it has just been made")))
}

/// Returns the files of the initrd that are modules, by name.
fn files() -> impl Iterator<Item = (&'static str, &'static [u8])> {
    let files = iter_files(kernel().landing.initrd().unwrap_or_default());
    files.filter_map(|file| Some((file.name().strip_suffix(".ko")?, file.file())))
}

/// Prints the modules of the initrd, and those that are loaded.
pub(crate) fn show() -> Result<(), LoadError> {
    files().for_each(|(name, file)| landfall::println!("{name}: {} bytes in the initrd", file.len()));
    with(|modules| {
        modules.iter().for_each(|info| landfall::println!("{}: loaded", info.name()));
    })
}

/// Loads a module, with parameters such as `count=5`; `None` if the initrd has no such file.
pub(crate) fn load(name: &str, parameters: &str) -> Option<Result<(), LoadError>> {
    static ROOM: Mutex<([SectionPlace; 64], [SymbolPlace; 256])> =
        Mutex::new(([SectionPlace::NONE; 64], [SymbolPlace::NONE; 256]));
    let (_, file) = files().find(|(found, _)| *found == name)?;
    let (sections, symbols) = &mut *ROOM.lock();
    let mut workspace = Workspace { sections, symbols };
    let loaded = with(|modules| {
        // SAFETY: the one who packed the initrd vouches for its modules, as for the kernel.
        let id = unsafe { modules.load(file, parameters, &mut workspace, &mut Free) };
        // By these lines `cargo landfall run` names addresses in modules.
        modules.iter().filter(|_| discloses()).for_each(|info| landfall::println!("landfall: {info}"));
        id
    });
    Some(loaded.and_then(|loaded| loaded.map(drop)))
}

/// Unloads a module.
pub(crate) fn unload(name: &str) -> Result<(), UnloadError> {
    let unloaded = with(|modules| {
        let id = modules.find(name).ok_or(UnloadError::NotLoaded)?.id();
        // SAFETY: the kernel calls nothing of its modules but their entry points.
        unsafe { modules.unload(id, &mut Free) }
    });
    unloaded.unwrap_or(Err(UnloadError::NotLoaded))
}

/// Calls `f` with what an address is. This takes no lock, so a trap handler can call it.
pub(crate) fn what_is<R>(at: VirtAddr, f: impl FnOnce(&dyn core::fmt::Display) -> R) -> R {
    match TABLE.what_is(at) {
        Some(place) => f(&place),
        None => f(&kernel().space.what_is(at)),
    }
}
