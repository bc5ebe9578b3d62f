//! Writes the reports of `run`.

use super::exit::{self, Failure};
use super::written_file::{CompleteFile, WrittenFile, append};
#[cfg(feature = "reports")]
use crate::report::junit;
use crate::report::{Summary, markdown};
use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

/// Variable that names the Markdown file for the step summary of GitHub Actions.
const STEP_SUMMARY: &str = "GITHUB_STEP_SUMMARY";

/// File name that stands for stdout.
const STDOUT: &str = "-";

/// A report with its file.
#[derive(Clone, Debug)]
pub(super) struct ReportFile {
    form: Form,
    file: PathBuf,
}

#[derive(Clone, Copy, Debug)]
enum Form {
    #[cfg(feature = "reports")]
    Junit,
    Markdown,
    Json,
}

impl ReportFile {
    /// Parses `FORM=FILE`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let expected = || "expected junit=FILE, markdown=FILE or json=FILE".to_owned();
        let (form, file) = text.split_once('=').filter(|(_, file)| !file.is_empty()).ok_or_else(expected)?;
        let form = match form {
            #[cfg(feature = "reports")]
            "junit" => Form::Junit,
            #[cfg(not(feature = "reports"))]
            "junit" => {
                return Err("this wksmock was built without its feature `reports`, which writes JUnit".to_owned());
            }
            "markdown" => Form::Markdown,
            "json" => Form::Json,
            _ => return Err(expected()),
        };
        Ok(Self { form, file: PathBuf::from(file) })
    }

    /// Checks before the command runs that each report can be written, and to none of the input files `read`.
    pub(super) fn check_all(reports: &[Self], read: &[PathBuf]) -> Result<Vec<CheckedReport>, Failure> {
        let mut checked: Vec<CheckedReport> = Vec::with_capacity(reports.len());
        for report in reports {
            if report.file == Path::new(STDOUT) {
                if checked.iter().any(|other| other.file.is_none()) {
                    return Err(report.wrong("two reports go to stdout; expected a file for one of them"));
                }
                checked.push(CheckedReport { form: report.form, file: None });
                continue;
            }
            report.make_directory()?;
            let file = WrittenFile::check_output(&report.file, read).map_err(|what| report.wrong(&what))?;
            let is_same = |other: &CheckedReport| other.file.as_ref().is_some_and(|other| other.is_same(&file));
            if checked.iter().any(is_same) {
                return Err(report.wrong("two reports go to it; expected a file for each"));
            }
            if step_summary().is_some_and(|summary| file.is_file(&summary)) {
                return Err(report.wrong(&format!("this is the file that {STEP_SUMMARY} names; expected another file")));
            }
            checked.push(CheckedReport { form: report.form, file: Some(file) });
        }
        Ok(checked)
    }

    /// Creates missing parent directories.
    fn make_directory(&self) -> Result<(), Failure> {
        let Some(directory) = self.file.parent() else { return Ok(()) };
        fs::create_dir_all(directory)
            .map_err(|error| self.wrong(&format!("cannot create the directory {}: {error}", directory.display())))
    }

    fn wrong(&self, what: &str) -> Failure {
        Failure::usage(format!("--report {}: {what}", self.file.display()))
    }
}

/// A report that passed the check.
#[derive(Debug)]
pub(super) struct CheckedReport {
    form: Form,
    /// None for stdout.
    file: Option<WrittenFile>,
}

impl CheckedReport {
    pub(super) fn write(&self, summary: &Summary) -> Result<(), Failure> {
        let text = match self.form {
            #[cfg(feature = "reports")]
            Form::Junit => junit(summary),
            Form::Markdown => markdown(summary),
            Form::Json => {
                invariant!(serde_json::to_string_pretty(summary).ok(), String::new(), "a summary is JSON") + "\n"
            }
        };
        let Some(file) = &self.file else { return exit::print(text).map(drop) };
        let failed = |error| Failure::internal(format!("--report {}: {error}", file.path().display()));
        file.write(text.as_bytes()).map(CompleteFile::keep).map_err(failed)
    }
}

fn step_summary() -> Option<PathBuf> {
    std::env::var_os(STEP_SUMMARY).filter(|file| !file.is_empty()).map(PathBuf::from)
}

/// Warns if the step summary of GitHub Actions cannot be written. It does not fail the run, since the runner made the file.
pub(super) fn check_step_summary() {
    append_to_step_summary("");
}

/// Appends the report to the step summary of GitHub Actions, if there is one.
pub(super) fn write_step_summary(summary: &Summary) {
    append_to_step_summary(&markdown(summary));
}

fn append_to_step_summary(text: &str) {
    let Some(file) = step_summary() else {
        return;
    };
    // The file may end within a line, and a Markdown heading must begin one.
    let text = if text.is_empty() || ends_a_line(&file) { text.to_owned() } else { format!("\n{text}") };
    if let Err(error) = append(&file, text.as_bytes()) {
        tracing::warn!(%error, "cannot write to {STEP_SUMMARY}");
    }
}

/// Whether the file is empty or ends with a line end.
fn ends_a_line(file: &Path) -> bool {
    let last = || {
        let mut file = File::open(file)?;
        file.seek(SeekFrom::End(-1))?;
        let mut last = [0];
        file.read_exact(&mut last)?;
        io::Result::Ok(last == *b"\n")
    };
    // An empty file has no last byte, and other kinds of files are not read.
    let is_file = fs::symlink_metadata(file).is_ok_and(|found| found.is_file() && found.len() > 0);
    !is_file || last().unwrap_or(true)
}
