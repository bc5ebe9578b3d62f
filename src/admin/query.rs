//! Reads the query parameters of the admin API. Unknown ones are refused: a typo would ask for something else.

use super::AdminProblem;
use crate::contract::Operation;
use std::fmt::Display;
use std::str::FromStr;

/// The query parameters of one request.
#[derive(Debug)]
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    /// Parses a query; each of the `known` parameters may appear once.
    pub(super) fn of(query: &str, known: &[&str]) -> Result<Self, AdminProblem> {
        let mut pairs: Vec<(String, String)> = Vec::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            if !known.contains(&name.as_ref()) {
                let expected = match known {
                    [] => "this resource takes none".to_owned(),
                    known => format!("expected one of {}", known.join(", ")),
                };
                return Err(AdminProblem::new(400, format!("Unknown query parameter {name:?}; {expected}.")));
            }
            if pairs.iter().any(|(other, _)| *other == name) {
                return Err(AdminProblem::new(400, format!("The query parameter {name} is given twice.")));
            }
            pairs.push((name.into_owned(), value.into_owned()));
        }
        Ok(Self(pairs))
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        let pair = self.0.iter().find(|(other, _)| other == name);
        pair.map(|(_, value)| value.as_str())
    }

    /// The value that `read` makes of a text; `expected` describes the texts of which it makes one.
    pub(super) fn named<T>(
        &self,
        name: &str,
        read: impl FnOnce(&str) -> Option<T>,
        expected: &str,
    ) -> Result<Option<T>, AdminProblem> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let wrong = || AdminProblem::new(400, format!("The query parameter {name} is {text:?}; expected {expected}."));
        read(text).map(Some).ok_or_else(wrong)
    }

    /// A number or a flag; `expected` describes it.
    pub(super) fn parsed<T: FromStr>(&self, name: &str, expected: &str) -> Result<Option<T>, AdminProblem> {
        self.named(name, number, expected)
    }

    /// The operation; without one, a reset.
    pub(super) fn operation(&self) -> Result<Operation, AdminProblem> {
        let Some(id) = self.text("operation") else { return Ok(Operation::ResetRandomPassword) };
        Operation::named(id).ok_or_else(|| {
            let ids: Vec<_> = Operation::all().map(|operation| operation.id).collect();
            AdminProblem::new(400, format!("Unknown operation {id:?}; expected one of {}.", ids.join(", ")))
        })
    }

    /// Where a page begins that is read by position.
    pub(super) fn cursor<T: FromStr + Default>(&self) -> Result<T, AdminProblem> {
        Ok(self.parsed("cursor", "the next of an earlier answer")?.unwrap_or_default())
    }

    /// Number of entries of a page.
    pub(super) fn limit(&self, page_max: usize) -> Result<usize, AdminProblem> {
        Ok(self.at_most("limit", page_max)?.unwrap_or(page_max))
    }

    /// A number from 1 to `most`.
    pub(super) fn at_most<T: FromStr + PartialOrd + From<u8> + Display>(
        &self,
        name: &str,
        most: T,
    ) -> Result<Option<T>, AdminProblem> {
        let expected = format!("1 to {most}");
        self.named(name, |text| number(text).filter(|number| (T::from(1)..=most).contains(number)), &expected)
    }
}

/// A number as it is written here: without a sign that changes nothing.
pub(super) fn number<T: FromStr>(text: &str) -> Option<T> {
    text.parse().ok().filter(|_| !text.starts_with('+'))
}
