//! The steps on a board: the card, the firmware, U-Boot's commands, the serial line.

use std::fmt::Write as _;

use landfall_predict::notes::Note;
use landfall_predict::units::Address;

use super::kit::Kit;
use super::published;
use crate::disk::{self, FLAT_IMAGE};

/// The offset from the start of RAM to which U-Boot's `booti` moves an image. It is that of the
/// image's header.
const TEXT_OFFSET: u64 = 2 << 20;

/// The usual bit rate of a board's console.
const USUAL_RATE: u32 = 115_200;

/// Returns the text of the file.
pub(super) fn text(kit: &Kit) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = write!(text, "{}{}{}{}{}", head(kit), card(), firmware(kit), u_boot(kit), serial(kit));
    text
}

fn head(kit: &Kit) -> String {
    let (file, size) = kit.tree();
    let prediction = kit.prediction();
    let plan = &prediction.plan;
    let mut text = format!(
        "# {board}\n\n\
         The kernel `{kernel}` is predicted to land in {mode} on this board, with {harts} hart(s).\n\
         The device tree is `{file}`, {size} bytes.\n\n\
         **Nobody has tried these steps on a board.** They follow the documents of the loaders and of the board.\n\
         The same files boot on QEMU by OpenSBI, U-Boot and UEFI.\n",
        board = kit.identity(),
        kernel = kit.kernel(),
        mode = plan.mode,
        harts = plan.stacks.count,
    );
    let is_assumption = |note: &&Note| !matches!(note, Note::Landing(_) | Note::FreshSeed);
    let assumptions = prediction.notes.iter().filter(is_assumption);
    for (index, note) in assumptions.enumerate() {
        let _ = writeln!(text, "{}- {note}", if index == 0 { "\nThe prediction assumes:\n\n" } else { "" });
    }
    text
}

fn card() -> String {
    "\n## The card\n\n\
     `landfall.img` is a whole disk: a GUID partition table and one FAT32 partition. Writing it erases the card.\n\n    \
     lsblk                                          # find the card; DEVICE is the disk, without a number\n    \
     sudo dd if=landfall.img of=/dev/DEVICE bs=1M conv=fsync\n\n\
     To keep a card that already boots, copy the files of the partition onto a FAT partition of it. U-Boot reads\n\
     `/extlinux/extlinux.conf`, and UEFI starts `/EFI/BOOT/BOOTRISCV64.EFI`.\n"
        .to_owned()
}

fn firmware(kit: &Kit) -> String {
    let text = match published::find(kit.identity()) {
        None => "The board is not in this command's table. It needs firmware with an SBI, such as OpenSBI, and U-Boot in\n\
                 S-mode or UEFI. If the firmware itself comes from the card, the card must stay as it is: copy the files\n\
                 onto it, or use another medium."
            .to_owned(),
        Some(board) => format!("{}: {}\n\nSource: {}.", board.name, board.firmware, board.source),
    };
    format!(
        "\n## The firmware\n\n{text}\n\nU-Boot in machine mode is not supported: the kernel needs an SBI.\n"
    )
}

fn u_boot(kit: &Kit) -> String {
    let facts = &kit.prediction().facts;
    let ram = facts.ram.iter().next().unwrap_or_default().start().get();
    let by_booti = Address(ram.saturating_add(TEXT_OFFSET));
    let loaded = Address(facts.loaded.get());
    let is_application = disk::is_application(kit.image());
    let file = if is_application { disk::IMAGE } else { FLAT_IMAGE };
    let line = kit.command_line();
    let set = match line.as_str() {
        "" => String::new(),
        line if line.contains(['\'', '\\']) => {
            "    # set bootargs as /extlinux/extlinux.conf has them\n".to_owned()
        }
        line => format!("    setenv bootargs '{line}'\n"),
    };
    let mut text = format!(
        "\n## U-Boot\n\n\
         U-Boot finds the menu on the card by itself. To boot by hand, stop it with a key. N is the number of the card in\n\
         the output of `mmc list`:\n\n    \
         mmc list\n    \
         load mmc N:1 {by_booti} /{file}\n{set}    \
         booti {by_booti} - ${{fdtcontroladdr}}\n\n\
         `booti` puts the image 2 MiB above the start of RAM, at {by_booti}. The kernel gets the device tree that U-Boot\n\
         runs on.\n"
    );
    if loaded != by_booti {
        let _ = write!(
            text,
            "\nThe prediction has the image at {loaded}, where `booti` does not put it. Wrap the image and use `bootm`:\n\n    \
             mkimage -A riscv -O linux -T kernel -C none -a {loaded} -e {loaded} -d landfall.bin landfall.uimg\n"
        );
    }
    text + &uefi(by_booti, is_application, !line.is_empty())
}

fn uefi(at: Address, is_application: bool, has_line: bool) -> String {
    if !is_application {
        return "\n## UEFI\n\nThe kernel is built without its EFI loader, so UEFI cannot start it.\n"
            .to_owned();
    }
    let line = if has_line { "\nThis way the kernel gets no command line.\n" } else { "" };
    format!(
        "\n## UEFI\n\n\
         UEFI firmware starts `/{path}` from the card. It must pass a device tree or ACPI tables. U-Boot is such a firmware:\n\n    \
         load mmc N:1 {at} /{path}\n    \
         bootefi {at} ${{fdtcontroladdr}}\n{line}",
        path = disk::IMAGE
    )
}

fn serial(kit: &Kit) -> String {
    let rate = kit.identity().baud.unwrap_or(USUAL_RATE);
    let rated = match kit.identity().baud {
        Some(_) => "the rate that the device tree states",
        None => "the usual rate; the device tree states none",
    };
    let connector =
        published::find(kit.identity()).map_or("the debug UART of the board", |board| board.console);
    format!(
        "\n## The serial line\n\n\
         Connector: {connector}. Settings: {rate} baud, 8 bits, no parity, 1 stop bit, no flow control ({rated}).\n\n    \
         cargo landfall board --dtb FILE --out DIR --serial /dev/ttyUSB0 --baud {rate}\n\n\
         Start the command, then turn the board on. It ends at the kernel's verdict. To type at U-Boot's prompt, use a\n\
         terminal program that saves a log, and pass the log afterwards:\n\n    \
         cargo landfall board --dtb FILE --log LOG\n\n\
         Paste the result into an issue, whether the kernel landed or not.\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board::kit::tests::{kit, tree};

    #[test]
    fn commands_have_addresses_in_the_boards_ram() {
        let text = text(&kit(&tree(0x4000_0000, 1 << 30, 4, &["starfive,visionfive-2-v1.3b"])));
        for line in ["load mmc N:1 0x40200000 /landfall.bin", "booti 0x40200000 - ${fdtcontroladdr}"] {
            assert!(text.contains(line), "{line}: {text}");
        }
        assert!(
            text.contains("StarFive VisionFive 2: U-Boot SPL") && text.contains("Nobody has tried"),
            "{text}"
        );
        assert!(!text.contains("bootm"), "{text}");
    }

    #[test]
    fn another_place_needs_another_command_and_an_unknown_board_gets_general_words() {
        let mut kit = kit(&tree(0, 1 << 30, 1, &["a,b"]));
        kit.move_to(Address(0x400_0000));
        let text = text(&kit);
        assert!(text.contains("booti 0x200000 -") && text.contains("-a 0x4000000 -e 0x4000000"), "{text}");
        assert!(text.contains("not in this command's table"), "{text}");
    }
}
