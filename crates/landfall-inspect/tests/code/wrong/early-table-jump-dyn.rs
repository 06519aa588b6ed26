// expect: early-table-jump
trait Console {
    fn put(&self, byte: u8);
}
struct Uart(u64);
struct Nothing;
impl Console for Uart {
    #[inline(never)]
    fn put(&self, byte: u8) {
        unsafe { (self.0 as *mut u8).write_volatile(byte) }
    }
}
impl Console for Nothing {
    #[inline(never)]
    fn put(&self, _: u8) {}
}
static CONSOLES: [&(dyn Console + Sync); 2] = [&Uart(0x1000_0000), &Nothing];

#[unsafe(no_mangle)]
extern "C" fn early(which: usize) {
    CONSOLES[which & 1].put(b'x');
}
