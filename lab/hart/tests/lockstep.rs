//! temporary
use landfall_hart_lab::program::Kind;
use landfall_hart_lab::qemu;
use std::collections::BTreeMap;
use landfall_hart_lab::state::Csr;
fn main() {
    let want = std::env::args().nth(1).unwrap_or_default();
    for (name, kind) in Kind::ALL {
        if !name.contains(&want) { continue; }
        let image = kind.program(1, 20000);
        let path = std::path::PathBuf::from(format!("/tmp/tr/{name}.bin"));
        std::fs::write(&path, &image).unwrap();
        let mut machine = qemu::machine(path);
        machine.cpu.extend(["zba=off","zbb=off","zbc=off","zbs=off","zfa=off","zawrs=off"].map(str::to_owned));
        let begin = std::time::Instant::now();
        let (r, boot) = qemu::trace(&machine, |entry, steps| {
            let mut n = 0u64; let mut causes = BTreeMap::new(); let mut last = None;
            for s in steps { let s = s.unwrap(); n += 1;
                let st = s.state;
                if Some(st.pc) == st.csr(Csr::Stvec) { *causes.entry(st.csr(Csr::Scause)).or_insert(0u64) += 1; }
                last = Some(st.pc);
            }
            (n, causes, last, entry.contents.iter().map(|c| (c.0, c.1.len())).collect::<Vec<_>>())
        }).unwrap();
        println!("{name} {} bytes: {r:x?} {:?} {:?}", image.len(), boot.ending, begin.elapsed());
    }
}
