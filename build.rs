//! Compresses the console's files and the JSON Schemas, if the console is built, and sets the commit of the build, if known:
//! `BUILT_FROM_COMMIT`, else that of Git.

use std::env;
use std::path::Path;
use std::process::Command;

/// The variable that names the commit of the build, and the one that the crate reads.
const COMMIT: &str = "BUILT_FROM_COMMIT";

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    #[cfg(feature = "console")]
    if let Err(error) = packed::pack_all() {
        panic!("cannot compress the files that are embedded: {error}");
    }
    name_commit();
}

#[cfg(feature = "console")]
mod packed {
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write as _;
    use std::path::{Path, PathBuf};
    use std::{env, fs, io};

    /// The files that are compressed, and the folders, whose Rust files stay as they are.
    const PACKED: [&str; 4] = [
        "fixtures/users.schema.json",
        "scenarios/scenario.schema.json",
        "src/admin/schemas/bodies.json",
        "src/console",
    ];

    /// Compresses files into the build's output folder, where they have the same paths.
    pub(super) fn pack_all() -> io::Result<()> {
        let out = PathBuf::from(env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("OUT_DIR is not set"))?);
        for path in PACKED {
            println!("cargo:rerun-if-changed={path}");
            pack(Path::new(path), &out.join(path))?;
        }
        Ok(())
    }

    fn pack(from: &Path, to: &Path) -> io::Result<()> {
        if from.is_dir() {
            for entry in fs::read_dir(from)? {
                let entry = entry?;
                pack(&entry.path(), &to.join(entry.file_name()))?;
            }
        } else if from.extension().is_none_or(|end| end != "rs") {
            fs::create_dir_all(to.parent().unwrap_or(to))?;
            let mut packed = GzEncoder::new(Vec::new(), Compression::best());
            packed.write_all(&fs::read(from)?)?;
            fs::write(to, packed.finish()?)?;
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
