//! The numbers of the CSRs that harts have.

pub(crate) const FFLAGS: u16 = 0x001;
pub(crate) const FRM: u16 = 0x002;
pub(crate) const FCSR: u16 = 0x003;
pub(crate) const SEED: u16 = 0x015;
pub(crate) const SSTATUS: u16 = 0x100;
pub(crate) const SIE: u16 = 0x104;
pub(crate) const STVEC: u16 = 0x105;
pub(crate) const SCOUNTEREN: u16 = 0x106;
pub(crate) const SENVCFG: u16 = 0x10a;
pub(crate) const SSCRATCH: u16 = 0x140;
pub(crate) const SEPC: u16 = 0x141;
pub(crate) const SCAUSE: u16 = 0x142;
pub(crate) const STVAL: u16 = 0x143;
pub(crate) const SIP: u16 = 0x144;
pub(crate) const STIMECMP: u16 = 0x14d;
pub(crate) const SATP: u16 = 0x180;
/// `th.sxstatus` of T-Head's parts.
pub(crate) const SXSTATUS: u16 = 0x5c0;
pub(crate) const CYCLE: u16 = 0xc00;
pub(crate) const TIME: u16 = 0xc01;
pub(crate) const INSTRET: u16 = 0xc02;
pub(crate) const HPMCOUNTER3: u16 = 0xc03;
pub(crate) const HPMCOUNTER31: u16 = 0xc1f;
