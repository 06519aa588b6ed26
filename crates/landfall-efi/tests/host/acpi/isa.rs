//! ISA strings.

use super::made::Tables;
use crate::value;

/// The extensions, and the base, of a hart with this string.
fn extensions(isa: &str) -> Option<(String, String)> {
    let mut tables = Tables::default().hart(0, 0, 1);
    let isa = tables.isa(isa);
    tables.info(0, &[isa]);
    let tree = tables.memory().tree();
    let texts = |name| Some(String::from_utf8(value(&tree, &["cpus", "cpu@0"], name)?).expect("texts"));
    Some((texts("riscv,isa-base")?, texts("riscv,isa-extensions")?))
}

#[test]
fn names_are_taken_apart_as_the_manual_puts_them_together() {
    for (isa, right) in [
        ("rv64i", "i"),
        ("rv64imafdc", "i m a f d c"),
        ("RV64IMAC_Zicsr_SVNAPOT", "i m a c zicsr svnapot"),
        ("rv64imaczicsr_svade", "i m a c zicsr svade"),
        ("rv64i2p1_m2_a2p1_zicsr2p0_zifencei2", "i m a zicsr zifencei"),
        ("rv64i2p1m2a", "i m a"),
        // Digits within a name do not belong to its version, nor does a name's last p.
        ("rv64im_zve64d_zvl128b_zic64b_zcmp_zcmp1p0_ssu64xl", "i m zve64d zvl128b zic64b zcmp zcmp ssu64xl"),
        ("rv64ip_zicbop2", "i p zicbop"),
        ("rv64i__m_", "i m"),
        ("rv64ecx", "e c x"),
        ("rv64im\0zicsr", "i m"),
    ] {
        let (base, found) = extensions(isa).expect(isa);
        let names: Vec<_> = found.split_terminator('\0').collect();
        assert_eq!(names.join(" "), right, "{isa:?}");
        assert!(base == "rv64i\0" || base == "rv64e\0", "{base:?}");
    }
}

#[test]
fn a_string_for_other_harts_says_nothing() {
    for isa in ["", "rv64", "rv32imac", "imac", "rv64im\u{e9}"] {
        assert_eq!(extensions(isa), None, "{isa:?}");
    }
}
