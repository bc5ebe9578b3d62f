//! The binary. Everything it does is in `wksmock::cli`.

use std::process::ExitCode;

fn main() -> ExitCode {
    wksmock::cli::main()
}
