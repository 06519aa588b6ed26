//! Firmware and console of published boards, from the documents that `source` names.

use super::identity::Identity;

/// A published board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Published {
    /// The name on the root of its tree.
    compatible: &'static [&'static str],
    /// The name for people.
    pub(super) name: &'static str,
    /// The firmware that must be there, and its place.
    pub(super) firmware: &'static str,
    /// The connector of the console.
    pub(super) console: &'static str,
    /// The documents.
    pub(super) source: &'static str,
}

/// Returns the board that `identity` names.
pub(super) fn find(identity: &Identity) -> Option<&'static Published> {
    BOARDS.iter().find(|board| board.compatible.iter().any(|name| identity.is(name)))
}

const BOARDS: [Published; 7] = [
    Published {
        compatible: &["sifive,hifive-unmatched-a00"],
        name: "SiFive HiFive Unmatched",
        firmware: "U-Boot SPL, OpenSBI and U-Boot. With MSEL 1011 the ROM loads U-Boot SPL from a partition of the \
                   microSD card. Such a card must stay as it is: copy the files onto it, or use another medium.",
        console: "the micro-USB connector of the console",
        source: "U-Boot, doc/board/sifive/unmatched.rst",
    },
    Published {
        compatible: &[
            "starfive,visionfive-2-v1.3b",
            "starfive,visionfive-2-v1.2a",
            "starfive,visionfive-2-va",
            "starfive,visionfive-2-vb",
        ],
        name: "StarFive VisionFive 2",
        firmware: "U-Boot SPL, OpenSBI and U-Boot, in the QSPI flash. With the switches MSEL[1:0] at 10 they come from \
                   partitions of the SD card. Such a card must stay as it is: copy the files onto it.",
        console: "the UART of the GPIO header, by an adapter for 3.3 V",
        source: "U-Boot, doc/board/starfive/visionfive2.rst",
    },
    Published {
        compatible: &[
            "microchip,mpfs-icicle-kit",
            "microchip,mpfs-icicle-kit-es",
            "microchip,mpfs-icicle-kit-prod",
        ],
        name: "Microchip PolarFire SoC Icicle Kit",
        firmware: "HSS in the eNVM, and its payload with U-Boot in S-mode. HSS loads the payload from a partition with \
                   the GUID type 21686148-6449-6E6F-744E-656564454649. The medium with the payload must stay as it is: \
                   copy the files onto it.",
        console: "UART1 of the USB connector; UART0 belongs to HSS",
        source: "U-Boot, doc/board/microchip/mpfs_icicle.rst",
    },
    Published {
        compatible: &["allwinner,d1-nezha"],
        name: "Allwinner Nezha (D1)",
        firmware: "a first loader, OpenSBI and U-Boot, on the microSD card or in the SPI NAND. A card with them must \
                   stay as it is: copy the files onto it.",
        console: "the debug UART, by an adapter for 3.3 V",
        source: "linux-sunxi.org, Allwinner_Nezha",
    },
    Published {
        compatible: &["sipeed,lichee-pi-4a"],
        name: "Sipeed Lichee Pi 4A (TH1520)",
        firmware: "U-Boot in the eMMC. A U-Boot in machine mode starts kernels without an SBI, and the kernel refuses \
                   or stays silent. OpenSBI must run below the kernel.",
        console: "UART0 of the GPIO header, by an adapter for 3.3 V",
        source: "U-Boot, doc/board/thead/lpi4a.rst",
    },
    Published {
        compatible: &["milkv,pioneer"],
        name: "Milk-V Pioneer (SG2042)",
        firmware: "OpenSBI, and UEFI firmware or a boot loader that passes a device tree. Its own boot card must stay \
                   as it is: use another medium.",
        console: "the USB-C connector at the front of the case",
        source: "wiki.gentoo.org, Milk-V_Pioneer_Box",
    },
    Published {
        compatible: &["bananapi,bpi-f3"],
        name: "Banana Pi BPI-F3 (K1)",
        firmware: "FSBL, OpenSBI and U-Boot, in the SPI flash, the eMMC or partitions of the SD card. A card with them \
                   must stay as it is: copy the files onto it.",
        console: "the debug UART, by an adapter for 3.3 V",
        source: "U-Boot, doc/board/spacemit/bananapi-f3.rst",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_board_is_found_by_any_of_its_names() {
        let called = |names: &[&str]| Identity {
            compatible: names.iter().map(|name| (*name).to_owned()).collect(),
            ..Identity::default()
        };
        let icicle = called(&[
            "microchip,mpfs-icicle-reference-rtlv2210",
            "microchip,mpfs-icicle-kit",
            "microchip,mpfs",
        ]);
        assert_eq!(find(&icicle).map(|board| board.name), Some("Microchip PolarFire SoC Icicle Kit"));
        assert_eq!(find(&called(&["riscv-virtio"])), None);
        let mut names: Vec<_> = BOARDS.iter().flat_map(|board| board.compatible).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), BOARDS.iter().map(|board| board.compatible.len()).sum::<usize>());
    }
}
