//! Writes the seeds: real events, configurations, records, stories of logs, plugins. What the fuzzer starts
//! from; `cargo run -p foreshore-fuzz --example seeds` from the repository's root.

use std::fs;
use std::path::Path;

use foreshore_fuzz::seeds::seeds;

fn main() -> std::io::Result<()> {
    for seed in seeds() {
        let folder = Path::new("fuzz/corpus").join(seed.target);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(seed.name), seed.bytes)?;
    }
    Ok(())
}
