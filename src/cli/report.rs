//! Writes the reports that `run` was asked for.

use super::exit::{self, Failure};
use super::written_file::{WrittenFile, append};
use crate::report::{Summary, junit, markdown};
use std::path::PathBuf;

/// Where GitHub Actions takes a step's summary, as Markdown.
const STEP_SUMMARY: &str = "GITHUB_STEP_SUMMARY";

/// A report, and the file that it goes to.
#[derive(Clone, Debug)]
pub(super) struct ReportFile {
    form: Form,
    file: PathBuf,
}

#[derive(Clone, Copy, Debug)]
enum Form {
    Junit,
    Markdown,
    Json,
}

impl ReportFile {
    /// Takes `FORM=FILE`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let expected = || "expected junit=FILE, markdown=FILE or json=FILE".to_owned();
        let (form, file) = text.split_once('=').filter(|(_, file)| !file.is_empty()).ok_or_else(expected)?;
        let form = match form {
            "junit" => Form::Junit,
            "markdown" => Form::Markdown,
            "json" => Form::Json,
            _ => return Err(expected()),
        };
        Ok(Self { form, file: PathBuf::from(file) })
    }

    /// Looks whether each report can be written: that is better reported before the command runs than after. `read` are the
    /// files that the command line names to be read.
    pub(super) fn check_all(reports: &[Self], read: &[PathBuf]) -> Result<Vec<CheckedReport>, Failure> {
        let mut checked: Vec<CheckedReport> = Vec::with_capacity(reports.len());
        for report in reports {
            let file = WrittenFile::check(&report.file).map_err(|what| report.wrong(&what))?;
            if checked.iter().any(|other| other.file.is_same(&file)) {
                return Err(report.wrong("two reports go to it; expected a file for each"));
            }
            if let Some(path) = read.iter().find(|path| file.is_file(path)) {
                return Err(report.wrong(&format!("this is {}, which is read; expected another file", path.display())));
            }
            if step_summary().is_some_and(|summary| file.is_file(&summary)) {
                return Err(report.wrong(&format!("this is the file of {STEP_SUMMARY}; expected another file")));
            }
            checked.push(CheckedReport { form: report.form, file });
        }
        Ok(checked)
    }

    fn wrong(&self, what: &str) -> Failure {
        Failure::new(exit::USAGE, format!("--report {}: {what}", self.file.display()))
    }
}

/// A report whose file can be written, as far as that is known before it is.
#[derive(Debug)]
pub(super) struct CheckedReport {
    form: Form,
    file: WrittenFile,
}

impl CheckedReport {
    pub(super) fn write(&self, summary: &Summary) -> Result<(), Failure> {
        let text = match self.form {
            Form::Junit => junit(summary),
            Form::Markdown => markdown(summary),
            // Writing our own shapes to memory cannot fail.
            Form::Json => serde_json::to_string_pretty(summary).unwrap_or_default() + "\n",
        };
        let written = self.file.write(text.as_bytes());
        let failed = |error| Failure::new(exit::INTERNAL, format!("--report {}: {error}", self.file.path().display()));
        written.map(drop).map_err(failed)
    }
}

fn step_summary() -> Option<PathBuf> {
    std::env::var_os(STEP_SUMMARY).filter(|file| !file.is_empty()).map(PathBuf::from)
}

/// Warns if the summary of a step in GitHub Actions cannot be written. The file is the runner's, so it fails no run.
pub(super) fn check_step_summary() {
    append_to_step_summary("");
}

/// Appends the report to the summary of a step in GitHub Actions, if this is one.
pub(super) fn write_step_summary(summary: &Summary) {
    append_to_step_summary(&markdown(summary));
}

fn append_to_step_summary(text: &str) {
    let Some(file) = step_summary() else {
        return;
    };
    if let Err(error) = append(&file, text.as_bytes()) {
        tracing::warn!(%error, "cannot write to {STEP_SUMMARY}");
    }
}
