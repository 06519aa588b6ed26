//! The tree, read back by another crate, has each property of the machine.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use dtoolkit::fdt::{Fdt, FdtNode};
use dtoolkit::{Node, Property};

use crate::config::{Config, Controller, Kernel, Options, Region, RegionKind, Span, TreeSeeds};
use crate::liberty::{Liberties, Liberty};

/// Returns the drawn machines of some seeds, with their trees.
fn drawn(liberties: Liberties, seeds: u64) -> Vec<(Config, Vec<u8>)> {
    let options = Options {
        harts: 3,
        command_line: "console=ttyS0 quiet".into(),
        initrd: Some(vec![1; 5000]),
        seeds: TreeSeeds::Both,
        ..Options::new(Kernel::raw(vec![0; 100]))
    };
    let draw = |seed| {
        let config = Config::draw(seed, liberties, &options).unwrap();
        let tree = config.contents.last().unwrap().1.clone();
        (config, tree)
    };
    (0..seeds).map(draw).collect()
}

/// Returns the value of a property.
fn value(node: &FdtNode, name: &str) -> Option<Vec<u8>> {
    node.properties().find(|property| property.name() == name).map(|property| property.value().to_vec())
}

/// Returns the value of a property as a text.
fn text(node: &FdtNode, name: &str) -> String {
    let bytes = value(node, name).unwrap_or_else(|| panic!("{name} is missing"));
    String::from_utf8(bytes).unwrap().trim_end_matches('\0').to_string()
}

/// Returns the value of a property as words of 32 bits.
fn words(node: &FdtNode, name: &str) -> Vec<u32> {
    let bytes = value(node, name).unwrap_or_else(|| panic!("{name} is missing"));
    bytes.chunks(4).map(|word| u32::from_be_bytes(word.try_into().unwrap())).collect()
}

/// Returns the value of a property as words of 64 bits.
fn long_words(node: &FdtNode, name: &str) -> Vec<u64> {
    let words = words(node, name);
    words.chunks(2).map(|pair| u64::from(pair[0]) << 32 | u64::from(pair[1])).collect()
}

/// Returns the children of a node whose names begin with a text and an "@".
fn children<'a>(tree: &Fdt<'a>, path: &str, name: &str) -> Vec<FdtNode<'a>> {
    let nodes = tree.find_node(path).unwrap().children();
    nodes.filter(|node| node.name().split_once('@').is_some_and(|(before, _)| before == name)).collect()
}

/// Returns the address in a node's name.
fn unit_address(node: &FdtNode) -> u64 {
    u64::from_str_radix(node.name().split_once('@').unwrap().1, 16).unwrap()
}

#[test]
fn harts_have_their_ids_status_modes_and_extensions() {
    for (config, tree) in drawn(Liberties::worst(), 200) {
        let tree = Fdt::new(&tree).unwrap();
        let cpus = tree.find_node("/cpus").unwrap();
        assert_eq!(words(&cpus, "#address-cells"), [1]);
        assert_eq!(words(&cpus, "timebase-frequency"), [u32::try_from(config.timebase).unwrap()]);
        let found = children(&tree, "/cpus", "cpu");
        let ids = |status: &str| -> Vec<u64> {
            let with = found.iter().filter(|cpu| text(cpu, "status") == status);
            with.map(|cpu| words(cpu, "reg")[0].into()).collect()
        };
        assert_eq!((ids("okay"), ids("disabled")), (config.harts.clone(), config.disabled.clone()));
        for cpu in &found {
            assert_eq!(unit_address(cpu), words(cpu, "reg")[0].into());
            assert_eq!(text(cpu, "device_type"), "cpu");
            assert_eq!(text(cpu, "compatible"), "riscv");
            assert_eq!(text(cpu, "riscv,isa-base"), "rv64i");
            assert_eq!(text(cpu, "mmu-type"), format!("riscv,{:?}", config.widest).to_lowercase());
            let list = text(cpu, "riscv,isa-extensions");
            let list: Vec<_> = list.split('\0').collect();
            check_extensions(&config, &list);
            let string = format!("rv64{}_{}", list[..6].concat(), list[6..].join("_"));
            assert_eq!(text(cpu, "riscv,isa"), string);
            for (name, present) in [("cbom", config.extensions.zicbom), ("cboz", config.extensions.zicboz)] {
                let size = value(cpu, &format!("riscv,{name}-block-size"));
                assert_eq!(size, present.then_some(vec![0, 0, 0, 64]));
            }
        }
    }
}

/// Panics if a list of extensions is not the machine's.
fn check_extensions(config: &Config, list: &[&str]) {
    let all = &config.extensions;
    assert_eq!(list[..6], ["i", "m", "a", "f", "d", "c"]);
    for (name, present) in [
        ("sstc", all.sstc),
        ("zicbom", all.zicbom),
        ("zicboz", all.zicboz),
        ("svnapot", all.svnapot),
        ("svpbmt", all.svpbmt),
        ("svinval", all.svinval),
        ("svadu", all.svadu),
        ("svade", !all.svadu),
        ("svvptc", all.svvptc),
        ("ssdbltrp", all.ssdbltrp),
        ("zkr", all.zkr),
        ("zicntr", all.time),
        ("zicclsm", all.misaligned),
        ("zicsr", true),
        ("zifencei", true),
    ] {
        assert_eq!(list.contains(&name), present, "{name}");
    }
}

#[test]
fn memory_is_that_of_ram_and_firmware_and_the_firmware_is_reserved() {
    for (config, tree) in drawn(Liberties::worst(), 200) {
        let tree = Fdt::new(&tree).unwrap();
        let spans = |nodes: Vec<FdtNode>| -> Vec<Span> {
            let span = |node: &FdtNode| {
                let reg = long_words(node, "reg");
                assert_eq!((reg.len(), unit_address(node)), (2, reg[0]));
                Span { start: reg[0], len: reg[1] }
            };
            nodes.iter().map(span).collect()
        };
        let memory = children(&tree, "/", "memory");
        assert!(memory.iter().all(|node| text(node, "device_type") == "memory"));
        let memory = spans(memory);
        let is_memory = |region: &Region| matches!(region.kind, RegionKind::Ram | RegionKind::Firmware);
        for region in &config.regions {
            let inside = memory.iter().any(|span| span.contains(region.span()));
            assert_eq!(inside, is_memory(region), "{region}");
        }
        let total: u64 = memory.iter().map(|span| span.len).sum();
        assert_eq!(
            total,
            config.regions.iter().filter(|region| is_memory(region)).map(|region| region.len).sum()
        );
        let reserved = children(&tree, "/reserved-memory", "firmware");
        assert!(reserved.iter().all(|node| value(node, "no-map").is_some()));
        let firmware = config.regions.iter().filter(|region| region.kind == RegionKind::Firmware);
        assert!(spans(reserved).into_iter().eq(firmware.map(Region::span)));
    }
}

#[test]
fn the_console_is_the_ns16550() {
    for (config, tree) in drawn(Liberties::worst(), 100) {
        let (tree, devices) = (Fdt::new(&tree).unwrap(), config.devices);
        let uart = tree.find_node(&text(&tree.find_node("/chosen").unwrap(), "stdout-path")).unwrap();
        assert_eq!(unit_address(&uart), devices.uart);
        assert_eq!(text(&uart, "compatible"), "ns16550a");
        assert_eq!(long_words(&uart, "reg"), [devices.uart, 0x100]);
        // A tree without the property, as QEMU's, means 0.
        let has_shift = uart.property("reg-shift").is_some();
        assert_eq!(has_shift, devices.uart_shift != 0);
        if has_shift {
            assert_eq!(words(&uart, "reg-shift"), [devices.uart_shift]);
        }
        assert_eq!(words(&uart, "reg-io-width"), [1]);
        assert_eq!(words(&uart, "clock-frequency"), [3_686_400]);
        assert_eq!(words(&uart, "interrupts")[0], devices.uart_interrupt);
        let controller = &children(&tree, "/soc", "interrupt-controller")[0];
        assert_eq!(words(&uart, "interrupt-parent"), words(controller, "phandle"));
        assert_eq!(words(&uart, "interrupts").len(), words(controller, "#interrupt-cells")[0] as usize);
    }
}

#[test]
fn the_interrupt_controller_leads_to_each_hart() {
    for (config, tree) in drawn(Liberties::worst(), 100) {
        let tree = Fdt::new(&tree).unwrap();
        let node = &children(&tree, "/soc", "interrupt-controller")[0];
        let harts = children(&tree, "/cpus", "cpu").into_iter().take(config.harts.len());
        let phandles = harts.map(|cpu| {
            let controller = cpu.children().find(|node| node.name() == "interrupt-controller").unwrap();
            assert_eq!(text(&controller, "compatible"), "riscv,cpu-intc");
            words(&controller, "phandle")[0]
        });
        let (at, count, contexts): (_, _, Vec<u32>) = match config.devices.controller {
            Controller::Plic(at) => {
                assert!(text(node, "compatible").starts_with("sifive,plic-1.0.0"));
                (at, "riscv,ndev", phandles.flat_map(|hart| [hart, u32::MAX, hart, 9]).collect())
            }
            Controller::Aplic(at) => {
                assert_eq!(text(node, "compatible"), "riscv,aplic");
                (at, "riscv,num-sources", phandles.flat_map(|hart| [hart, 9]).collect())
            }
        };
        assert_eq!(words(node, "interrupts-extended"), contexts);
        assert_eq!(words(node, count), [95]);
        let span = config.devices.controller.span(3);
        assert_eq!((unit_address(node), long_words(node, "reg")), (at, vec![span.start, span.len]));
    }
}

#[test]
fn chosen_has_the_arguments_the_initrd_and_the_seeds() {
    for (config, tree) in drawn(Liberties::PLAIN.with(Liberty::Placement), 20) {
        let tree = Fdt::new(&tree).unwrap();
        let chosen = tree.find_node("/chosen").unwrap();
        let initrd = config.initrd.unwrap();
        assert_eq!(text(&chosen, "bootargs"), "console=ttyS0 quiet");
        assert_eq!(long_words(&chosen, "linux,initrd-start"), [initrd.start]);
        assert_eq!(long_words(&chosen, "linux,initrd-end"), [initrd.start + 5000]);
        assert_eq!(value(&chosen, "rng-seed").map(|seed| seed.len()), Some(32));
        assert_eq!(value(&chosen, "kaslr-seed").map(|seed| seed.len()), Some(8));
    }
}

#[test]
fn the_seeds_in_the_tree_follow_the_seed_of_the_run() {
    let seeds = |tree: &[u8]| {
        let tree = Fdt::new(tree).unwrap();
        let chosen = tree.find_node("/chosen").unwrap();
        ["rng-seed", "kaslr-seed"].map(|name| value(&chosen, name).unwrap())
    };
    let plain = drawn(Liberties::PLAIN, 2);
    let worst = drawn(Liberties::worst(), 2);
    assert_eq!(seeds(&plain[0].1), seeds(&worst[0].1));
    assert_ne!(seeds(&plain[0].1), seeds(&plain[1].1));
}

#[test]
fn options_that_are_absent_leave_no_property() {
    let options = Options { seeds: TreeSeeds::None, ..Options::new(Kernel::raw(vec![0; 100])) };
    let config = Config::draw(1, Liberties::PLAIN, &options).unwrap();
    let tree = Fdt::new(&config.contents.last().unwrap().1).unwrap();
    let chosen = tree.find_node("/chosen").unwrap();
    let names: Vec<_> = chosen.properties().map(|property| property.name().to_string()).collect();
    assert_eq!(names, ["stdout-path"]);
}

#[test]
fn ids_beyond_32_bits_have_two_cells() {
    let config = Config { harts: vec![1 << 40, 3], ..Config::virt(2, Vec::new()) };
    let tree = super::write(&config, &super::Seeds::default()).unwrap();
    let tree = Fdt::new(&tree).unwrap();
    let ids: Vec<_> = children(&tree, "/cpus", "cpu").iter().map(|cpu| long_words(cpu, "reg")[0]).collect();
    assert_eq!(words(&tree.find_node("/cpus").unwrap(), "#address-cells"), [2]);
    assert_eq!(ids, [1 << 40, 3]);
}
