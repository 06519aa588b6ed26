//! Checks of the kernel's own bytes, and of their permissions.

use core::hint::black_box;
use core::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use crate::access::Access;
use crate::console::Console;
use crate::protocol::Wrapped;

static ZEROS: [AtomicU64; 1 << 14] = [const { AtomicU64::new(0) }; 1 << 14];
static WORD: AtomicU64 = AtomicU64::new(7);
static POINTERS: [Option<&AtomicU64>; 3] = [Some(&WORD), Some(&ZEROS[5]), None];
static CONSTANT: u64 = 0x1234;
unsafe extern "C" {
    /// The table of the relocations, which lies in memory that becomes read-only.
    #[link_name = "_DYNAMIC"]
    static DYNAMIC: u64;
}

/// Two returns, in data.
static INSTRUCTIONS: [AtomicU32; 2] = [const { AtomicU32::new(0x8067) }; 2];

/// Memory without bytes in the file is 0, and pointers lead to the kernel at its place.
pub(crate) fn check(console: &mut Console) {
    let is_zero = |word: &AtomicU64| word.load(Ordering::Relaxed) == 0;
    console.report("bss", black_box(&ZEROS).iter().all(is_zero));
    // The compiler must not know the pointers.
    let [first, second, none] = *black_box(&POINTERS);
    let is_right = first.is_some_and(|word| core::ptr::eq(word, &raw const WORD) && !is_zero(word))
        && second.is_some_and(|word| core::ptr::eq(word, &raw const ZEROS[5]))
        && none.is_none();
    console.report("pointers", is_right);
    console.report("float", (black_box(0.5_f64) + black_box(0.25)).to_bits() == 0.75_f64.to_bits());
}

/// No page of the kernel has a permission that its segment lacks, at any address.
pub(crate) fn check_permissions(console: &mut Console, boot: &Wrapped) {
    // A whole word: some harts trap on the others first.
    let text = (check as *const ()).addr() & !7;
    let constants = (&raw const CONSTANT).addr();
    let relocated = (&raw const POINTERS).addr();
    let data = (&raw const INSTRUCTIONS).addr().next_multiple_of(4);
    let alias = |address: usize| boot.linear(address - boot.kernel_virt + boot.kernel_phys);
    console.report("text", store(text) == Access::StoreFault);
    console.report("constants", store(constants) == Access::StoreFault);
    console.report("relocated-constants", store(relocated) == Access::StoreFault);
    console.report("relro", store((&raw const DYNAMIC).addr()) == Access::StoreFault);
    console.report("data", call(data) == Access::FetchFault);
    console.report("text-alias", is_protected(alias(text)) && call(alias(text)) == Access::FetchFault);
    console.report("constants-alias", is_protected(alias(constants)));
    console.report("relocated-constants-alias", is_protected(alias(relocated)));
    console.report("data-alias", call(alias(data)) == Access::FetchFault);
    console.report("null", Access::load(0) == Access::LoadFault);
    console.report("last-page", Access::load(4096_usize.wrapping_neg()) == Access::LoadFault);
}

/// A store there is refused, whether the address can be read or not.
fn is_protected(address: usize) -> bool {
    matches!(store(address), Access::StoreFault | Access::LoadFault)
}

fn store(address: usize) -> Access {
    // SAFETY: no hart writes the kernel's text or constants.
    unsafe { Access::store(address) }
}

fn call(address: usize) -> Access {
    // SAFETY: the data there are returns. The text in the linear map is this kernel's own.
    unsafe { Access::call(address) }
}
