//! The module's side: its name, its entry points, its parameters, and the end of a panic.
//!
//! ```text
//! #![no_std]
//!
//! use landfall_modules::{import, module, param};
//!
//! module! { name: "hello", init: init, exit: exit }
//!
//! param!("count", COUNT: u32 = 3);
//!
//! #[import(stable)]
//! unsafe extern "C" {
//!     safe fn demo_print(text: *const u8, size: usize);
//! }
//!
//! fn init() -> Result<(), i32> {
//!     for _ in 0..COUNT.get() {
//!         demo_print("hello\n".as_ptr(), 6);
//!     }
//!     Ok(())
//! }
//!
//! fn exit() {}
//! ```

use core::cell::UnsafeCell;
use core::fmt::{self, Write};

/// A parameter of a module. The loader writes it before any code of the module runs.
#[derive(Debug)]
#[repr(transparent)]
pub struct Parameter<T>(UnsafeCell<T>);

// SAFETY: it is written before any code of the module runs, and only read afterwards.
unsafe impl<T: Sync> Sync for Parameter<T> {}

impl<T: Copy> Parameter<T> {
    /// Returns a parameter with its value where the loader is given none.
    #[must_use]
    pub const fn new(value: T) -> Self {
        Self(UnsafeCell::new(value))
    }

    /// Returns the value.
    pub fn get(&self) -> T {
        // SAFETY: no code writes it while code of the module runs. It is volatile, since the
        // compiler sees no code that writes it at all.
        unsafe { self.0.get().read_volatile() }
    }
}

/// Returns the bytes of `key=value`, padded by NULs: one at least. For the macros. One static holds
/// all of a text, because compilers may reorder statics.
#[doc(hidden)]
#[must_use]
pub const fn pair<const SIZE: usize>(key: &str, value: &str) -> [u8; SIZE] {
    let (key, value) = (key.as_bytes(), value.as_bytes());
    let mut text = [0; SIZE];
    assert!(key.len() + 1 + value.len() < SIZE, "there is no room for the text and its NUL");
    let mut at = 0;
    while at < key.len() {
        text[at] = key[at];
        at += 1;
    }
    text[at] = b'=';
    let mut from = 0;
    while from < value.len() {
        text[at + 1 + from] = value[from];
        from += 1;
    }
    text
}

/// The text of a panic, as much of it as fits.
#[doc(hidden)]
#[derive(Debug)]
pub struct PanicText {
    bytes: [u8; 256],
    size: usize,
}

impl PanicText {
    /// Formats the text.
    #[must_use]
    pub fn of(message: &dyn fmt::Display) -> Self {
        let mut text = Self { bytes: [0; 256], size: 0 };
        let _ = write!(text, "{message}");
        text
    }

    /// Returns the text.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.size]
    }
}

impl Write for PanicText {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let rest = &mut self.bytes[self.size..];
        let size = text.len().min(rest.len());
        rest[..size].copy_from_slice(&text.as_bytes()[..size]);
        self.size += size;
        Ok(())
    }
}

/// Names a module and its entry points. `exit` may be left out: then the module has nothing to
/// undo.
///
/// `init` is a `fn() -> Result<(), i32>`, `exit` a `fn()`. A panic of the module goes to the
/// kernel, by its export `landfall_panic` ([`kernel!`](crate::kernel!)).
#[macro_export]
macro_rules! module {
    (name: $name:literal, init: $init:path $(, exit: $exit:path)? $(,)?) => {
        const _: () = {
            #[used]
            #[cfg_attr(all(target_arch = "riscv64", not(any(unix, windows))), unsafe(link_section = ".landfall.module"))]
            static LANDFALL_NAME: [u8; "name".len() + $name.len() + 2] = $crate::module::pair("name", $name);

            const KERNEL: &str = match option_env!("LANDFALL_KERNEL_BUILD_ID") {
                Some(id) => id,
                None => "",
            };
            #[used]
            #[cfg_attr(all(target_arch = "riscv64", not(any(unix, windows))), unsafe(link_section = ".landfall.module"))]
            static LANDFALL_KERNEL: [u8; "kernel".len() + KERNEL.len() + 2] =
                $crate::module::pair("kernel", KERNEL);

            #[unsafe(no_mangle)]
            extern "C" fn landfall_init() -> i32 {
                let init: fn() -> Result<(), i32> = $init;
                match init() {
                    Ok(()) => 0,
                    Err(0) => -1,
                    Err(code) => code,
                }
            }

            $(
                #[unsafe(no_mangle)]
                extern "C" fn landfall_exit() {
                    let exit: fn() = $exit;
                    exit();
                }
            )?
        };

        #[cfg(all(target_arch = "riscv64", not(any(unix, windows))))]
        #[panic_handler]
        fn landfall_module_panic(info: &::core::panic::PanicInfo<'_>) -> ! {
            #[$crate::import(stable)]
            unsafe extern "C" {
                fn landfall_panic(text: *const u8, size: usize) -> !;
            }
            let text = $crate::module::PanicText::of(info);
            // SAFETY: the text is that many bytes.
            unsafe { landfall_panic(text.as_bytes().as_ptr(), text.as_bytes().len()) }
        }
    };
}

/// Declares a parameter: its name, a static that holds it, its type and its value where the loader
/// is given none. The types are `bool`, the integers of 8 to 64 bits, and `[u8; N]` for text.
#[macro_export]
macro_rules! param {
    ($name:literal, $(#[$attribute:meta])* $static:ident: [u8; $size:literal] = $value:expr) => {
        $crate::param!(@ $name, concat!("text:", $size), $(#[$attribute])* $static: [u8; $size] = $value);
    };
    ($name:literal, $(#[$attribute:meta])* $static:ident: $type:ident = $value:expr) => {
        $crate::param!(@ $name, stringify!($type), $(#[$attribute])* $static: $type = $value);
    };
    (@ $name:literal, $kind:expr, $(#[$attribute:meta])* $static:ident: $type:ty = $value:expr) => {
        $(#[$attribute])*
        #[unsafe(export_name = concat!("landfall_param_", $name))]
        #[cfg_attr(all(target_arch = "riscv64", not(any(unix, windows))), unsafe(link_section = ".data.landfall_param"))]
        static $static: $crate::module::Parameter<$type> = $crate::module::Parameter::new($value);
        const _: () = {
            const KIND: &str = $kind;
            #[used]
            #[cfg_attr(all(target_arch = "riscv64", not(any(unix, windows))), unsafe(link_section = ".landfall.params"))]
            static LANDFALL_PARAMETER: [u8; $name.len() + KIND.len() + 2] =
                $crate::module::pair($name, KIND);
        };
    };
}

/// Makes a kernel ready for modules. It defines the [table](crate::Table) of loaded modules, as a
/// static with this name. It exports `landfall_panic`, by which a panic of a module becomes one of
/// the kernel's.
#[macro_export]
macro_rules! kernel {
    ($visibility:vis static $table:ident) => {
        /// The table of loaded modules. Debuggers know it by its symbol.
        #[unsafe(export_name = "__landfall_modules")]
        $visibility static $table: $crate::Table = $crate::Table::new();

        const _: () = {
            /// # Safety
            /// The text is `size` bytes.
            #[$crate::export(stable)]
            unsafe extern "C" fn landfall_panic(text: *const u8, size: usize) -> ! {
                // SAFETY: the caller vouches for the text.
                let text = unsafe { ::core::slice::from_raw_parts(text, size) };
                panic!("in a module: {}", text.escape_ascii())
            }
        };
    };
}

/// Returns the exports of this kernel, in the table that the linker script delimits.
#[cfg(all(target_arch = "riscv64", not(any(unix, windows))))]
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "a machine word has 64 bits here")]
pub fn exports_of_this_kernel() -> crate::Exports<'static> {
    let (start, end): (u64, u64);
    // SAFETY: it computes addresses from the program counter and touches nothing.
    unsafe {
        core::arch::asm!(
            "lla {}, __landfall_exports_start",
            "lla {}, __landfall_exports_end",
            out(reg) start,
            out(reg) end,
            options(pure, nomem, nostack, preserves_flags),
        );
    }
    let first = core::ptr::with_exposed_provenance(start as usize);
    // SAFETY: both are symbols of the linker script around constants of the kernel.
    crate::Exports::new(unsafe { core::slice::from_raw_parts(first, (end - start) as usize) })
}
