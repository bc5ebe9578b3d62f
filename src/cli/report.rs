//! Writes the reports that `run` was asked for.

use super::exit::{self, Failure};
use crate::report::{Summary, junit, markdown};
use std::io::Write as _;
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

    /// A report that cannot be written is better told before the command runs than after.
    pub(super) fn check_all(reports: &[Self]) -> Result<(), Failure> {
        for (at, report) in reports.iter().enumerate() {
            report.check()?;
            if reports.iter().take(at).any(|other| other.file == report.file) {
                return Err(report.wrong("two reports go to it; expected a file for each"));
            }
        }
        Ok(())
    }

    fn check(&self) -> Result<(), Failure> {
        let folder = self.file.parent().filter(|folder| !folder.as_os_str().is_empty());
        if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
            return Err(self.wrong(&format!("there is no directory {}", folder.display())));
        }
        if self.file.is_dir() {
            return Err(self.wrong("this is a directory; expected a file"));
        }
        // Whether it can be written shows when it is opened; one that was not there shall not be left behind empty.
        let was_there = self.file.exists();
        let opened = std::fs::OpenOptions::new().append(true).create(true).open(&self.file);
        opened.map_err(|error| self.wrong(&error.to_string()))?;
        if !was_there {
            let _ = std::fs::remove_file(&self.file);
        }
        Ok(())
    }

    fn wrong(&self, what: &str) -> Failure {
        Failure::new(exit::USAGE, format!("--report {}: {what}", self.file.display()))
    }

    pub(super) fn write(&self, summary: &Summary) -> Result<(), Failure> {
        let text = match self.form {
            Form::Junit => junit(summary),
            Form::Markdown => markdown(summary),
            // Writing our own shapes to memory cannot fail.
            Form::Json => serde_json::to_string_pretty(summary).unwrap_or_default() + "\n",
        };
        let written = std::fs::write(&self.file, text);
        written.map_err(|error| Failure::new(exit::INTERNAL, format!("--report {}: {error}", self.file.display())))
    }
}

/// Appends the report to the summary of a step in GitHub Actions, if this is one.
pub(super) fn write_step_summary(summary: &Summary) {
    let Some(file) = std::env::var_os(STEP_SUMMARY).filter(|file| !file.is_empty()) else {
        return;
    };
    let opened = std::fs::OpenOptions::new().append(true).create(true).open(file);
    if let Err(error) = opened.and_then(|mut file| file.write_all(markdown(summary).as_bytes())) {
        tracing::warn!(%error, "cannot write to {STEP_SUMMARY}");
    }
}
