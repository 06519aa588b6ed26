fn main() {
    let mut options = landfall_inspect::Options::default();
    for file in std::env::args().skip(1) {
        match file.as_str() {
            "--linux" => {
                options.profile = landfall_inspect::Profile::Linux;
                continue;
            }
            _ => {}
        }
        if let Some(x) = file.strip_prefix("--from=") {
            options.early_from = Some(x.into());
            continue;
        }
        if let Some(x) = file.strip_prefix("--until=") {
            options.early_until = Some(x.into());
            continue;
        }
        let bytes = std::fs::read(&file).unwrap();
        let subject = landfall_inspect::Subject::read(&bytes).unwrap();
        let t = std::time::Instant::now();
        let i = landfall_inspect::inspect(&subject, &options);
        println!("{file}: {:?}: {} findings", t.elapsed(), i.findings().len());
        let j = i.judge(&subject, &options.profile.accepted());
        println!(
            "open {} accepted {} unused {:?}",
            j.open,
            j.accepted,
            j.unused.iter().map(|u| u.symbol.clone()).collect::<Vec<_>>()
        );
        for t in j.told.iter().filter(|t| t.accepted.is_none()) {
            let f = &t.finding;
            println!("  {} {} -- {}", f.code, subject.place(&f.at), f.found);
            for c in &f.chain {
                println!("      via {}", subject.symbols().describe(*c).unwrap_or_default());
            }
        }
        for u in i.unchecked() {
            println!("  not checked: {} because {}", u.what, u.because);
        }
    }
}
