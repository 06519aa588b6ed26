//! Answers the request on standard input.

fn main() -> std::io::Result<()> {
    println!("{}", landfall_explorer::predict(&std::io::read_to_string(std::io::stdin())?));
    Ok(())
}
