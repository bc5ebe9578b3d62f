//! Compresses the console's files, if it is built, and sets the commit of the build, if known: `BUILT_FROM_COMMIT`, else that
//! of Git.

use std::env;
use std::path::Path;
use std::process::Command;

/// The variable that names the commit of the build, and the one that the crate reads.
const COMMIT: &str = "BUILT_FROM_COMMIT";

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    #[cfg(feature = "console")]
    if let Err(error) = console::pack_all() {
        panic!("cannot compress the console's files: {error}");
    }
    name_commit();
}

#[cfg(feature = "console")]
mod console {
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write as _;
    use std::path::{Path, PathBuf};
    use std::{env, fs, io};

    /// The folder of the console's files.
    const CONSOLE: &str = "src/console";

    /// Compresses the console's files into the build's output folder.
    pub(super) fn pack_all() -> io::Result<()> {
        println!("cargo:rerun-if-changed={CONSOLE}");
        let out = PathBuf::from(env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("OUT_DIR is not set"))?);
        pack(Path::new(CONSOLE), &out.join("console"))
    }

    /// Compresses each file of a folder into another folder, Rust files excepted.
    fn pack(from: &Path, to: &Path) -> io::Result<()> {
        fs::create_dir_all(to)?;
        for entry in fs::read_dir(from)? {
            let path = entry?.path();
            let target = to.join(path.file_name().unwrap_or_default());
            if path.is_dir() {
                pack(&path, &target)?;
            } else if path.extension().is_none_or(|end| end != "rs") {
                let mut packed = GzEncoder::new(Vec::new(), Compression::best());
                packed.write_all(&fs::read(&path)?)?;
                fs::write(target, packed.finish()?)?;
            }
        }
        Ok(())
    }
}

fn name_commit() {
    println!("cargo:rerun-if-env-changed={COMMIT}");
    if let Some(commit) = env::var(COMMIT).ok().filter(|commit| !commit.is_empty()) {
        println!("cargo:rustc-env={COMMIT}={commit}");
        return;
    }
    let log = Path::new(".git/logs/HEAD");
    if log.exists() {
        println!("cargo:rerun-if-changed={}", log.display());
    }
    let commit = Command::new("git").args(["rev-parse", "--short=12", "HEAD"]).output();
    if let Ok(output) = commit
        && output.status.success()
        && let Ok(commit) = String::from_utf8(output.stdout)
    {
        println!("cargo:rustc-env={COMMIT}={}", commit.trim());
    }
}
