//! Reads the fields of a JSON object, and reports wrong ones.

use super::json::{Value, member, span_of};
use super::number::whole;
use super::printable::shown;
use super::text_value::{Array, Text};
use super::{Location, Problem, Problems, Source, nearest};
use jsonc_parser::ast::{Object, ObjectProp};
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use std::collections::HashMap;
use std::fmt::Write as _;
use std::ops::{Range, RangeInclusive};
use std::sync::Arc;

/// Objects with fewer fields than this are searched for repeated names without a table.
const FEW: usize = 16;

/// The fields that a kind of object may have.
pub(crate) struct Vocabulary {
    /// The noun for the object, as in "a user".
    pub(crate) what: &'static str,
    pub(crate) known: &'static [&'static str],
    /// Objects of this kind, each with a few words about it. The first stands in errors, and all of them in schemas.
    pub(crate) examples: &'static [(&'static str, &'static str)],
}

/// The fields of one object. Each is known and given once.
pub(crate) struct Fields<'v> {
    source: &'v Arc<Source>,
    object: &'v Object<'v>,
    vocabulary: &'static Vocabulary,
}

impl<'v> Fields<'v> {
    /// Reads `value` as an object of the given vocabulary. The first problem ends the reading.
    pub(crate) fn of(
        source: &'v Arc<Source>,
        value: &'v Value<'v>,
        vocabulary: &'static Vocabulary,
    ) -> Result<Self, Box<Problem>> {
        let fields = Self::unchecked(source, value, vocabulary)?;
        fields.refuse_repeated()?;
        for property in &fields.object.properties {
            fields.refuse_unknown(property, vocabulary)?;
        }
        Ok(fields)
    }

    /// Reads `value` as an object of the given vocabulary. Problems with its fields are kept, and reading goes on.
    pub(crate) fn open(
        source: &'v Arc<Source>,
        value: &'v Value<'v>,
        vocabulary: &'static Vocabulary,
        problems: &mut Problems,
    ) -> Option<Self> {
        let fields = problems.keep(Self::unchecked(source, value, vocabulary))?;
        problems.keep(fields.refuse_repeated());
        for property in &fields.object.properties {
            problems.keep(fields.refuse_unknown(property, vocabulary));
        }
        Some(fields)
    }

    /// The object that is a field's value, if it is there. Whatever is wrong with its fields is kept.
    pub(crate) fn object(&self, name: &str, vocabulary: &'static Vocabulary, problems: &mut Problems) -> Option<Self> {
        Self::open(self.source, self.value(name)?, vocabulary, problems)
    }

    fn unchecked(
        source: &'v Arc<Source>,
        value: &'v Value<'v>,
        vocabulary: &'static Vocabulary,
    ) -> Result<Self, Box<Problem>> {
        let Value::Object(object) = value else {
            let example = vocabulary.examples.first().map_or(String::new(), |(_, text)| format!(", as in {text}"));
            let expected = format!("expected {} as an object{example}", vocabulary.what);
            return Err(wrong_type(source, value, &expected));
        };
        Ok(Self { source, object, vocabulary })
    }

    pub(crate) fn location(&self, span: Range<usize>) -> Location {
        Location::new(self.source, span)
    }

    /// The place of a field's value, or the object's opening bracket if it has none.
    pub(crate) fn span(&self, name: &str) -> Range<usize> {
        match self.value(name) {
            Some(value) => span_of(value),
            None => self.opening(),
        }
    }

    /// The first character of a field's value, which marks the whole of it.
    pub(crate) fn opening_of(&self, name: &str) -> Range<usize> {
        let start = self.span(name).start;
        start..start + 1
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.object.properties.is_empty()
    }

    /// The opening bracket, which marks the whole object.
    pub(crate) fn opening(&self) -> Range<usize> {
        self.object.range.start..self.object.range.start + 1
    }

    pub(crate) fn value(&self, name: &str) -> Option<&'v Value<'v>> {
        let named = |property: &&ObjectProp<'_>| property.name.as_str() == name;
        let property = self.object.properties.iter().find(named)?;
        Some(&property.value)
    }

    pub(crate) fn text(&self, name: &str) -> Result<Option<Text<'v>>, Box<Problem>> {
        match self.value(name) {
            None => Ok(None),
            Some(value) => self.text_of(name, value).map(Some),
        }
    }

    pub(crate) fn required_text(&self, name: &str) -> Result<Text<'v>, Box<Problem>> {
        self.text(name)?.ok_or_else(|| self.missing(name))
    }

    /// A list of texts, which may be empty.
    pub(crate) fn texts(&self, name: &str) -> Result<Option<Vec<Text<'v>>>, Box<Problem>> {
        let array = self.array(name)?;
        array.map(|array| array.elements.iter().map(|value| self.text_of(name, value)).collect()).transpose()
    }

    /// A string, or an array of strings that is not empty.
    pub(crate) fn one_or_more_texts(&self, name: &str) -> Result<Option<Vec<Text<'v>>>, Box<Problem>> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::Array(array)) if array.elements.is_empty() => Err(Problem::new(
                format!("`{name}` is an empty list"),
                self.location(array.range.start..array.range.end),
                "expected at least one item",
            )
            .hint("omit the field to match all")
            .boxed()),
            Some(Value::Array(array)) => {
                let texts = array.elements.iter();
                texts.map(|value| self.text_of(name, value)).collect::<Result<_, _>>().map(Some)
            }
            Some(value @ Value::StringLit(_)) => Ok(Some(vec![self.text_of(name, value)?])),
            Some(value) => {
                let expected = format!("`{name}` must be a string or a list of strings{}", self.as_in(name));
                Err(wrong_type(self.source, value, &expected))
            }
        }
    }

    pub(crate) fn boolean(&self, name: &str) -> Result<Option<bool>, Box<Problem>> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::BooleanLit(boolean)) => Ok(Some(boolean.value)),
            Some(value) => {
                let expected = format!("`{name}` must be true or false");
                Err(wrong_type(self.source, value, &expected))
            }
        }
    }

    pub(crate) fn whole_number(&self, name: &str, allowed: RangeInclusive<u64>) -> Result<Option<u64>, Box<Problem>> {
        let expected = match (*allowed.start(), *allowed.end()) {
            (only, same) if only == same => format!("`{name}` must be {only}"),
            (from, u64::MAX) => format!("`{name}` must be a whole number from {from} to 18446744073709551615"),
            (from, to) => format!("`{name}` must be a whole number from {from} to {to}"),
        };
        self.number_in(name, &allowed, expected, whole)
    }

    pub(crate) fn required_number(&self, name: &str, allowed: RangeInclusive<u64>) -> Result<u64, Box<Problem>> {
        self.whole_number(name, allowed)?.ok_or_else(|| self.missing(name))
    }

    /// A number, with or without a fraction.
    pub(crate) fn number(&self, name: &str, allowed: RangeInclusive<f64>) -> Result<Option<f64>, Box<Problem>> {
        let expected = format!("`{name}` must be a number from {} to {}", allowed.start(), allowed.end());
        self.number_in(name, &allowed, expected, |number| number.parse().ok())
    }

    fn number_in<N: PartialOrd>(
        &self,
        name: &str,
        allowed: &RangeInclusive<N>,
        expected: String,
        read: impl Fn(&str) -> Option<N>,
    ) -> Result<Option<N>, Box<Problem>> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::NumberLit(number)) => match read(number.value) {
                Some(number) if allowed.contains(&number) => Ok(Some(number)),
                _ => Err(Problem::new(
                    format!("`{name}` is {}", shown(number.value)),
                    self.location(number.range.start..number.range.end),
                    expected,
                )
                .boxed()),
            },
            Some(value) => Err(wrong_type(self.source, value, &expected)),
        }
    }

    pub(crate) fn array(&self, name: &str) -> Result<Option<Array<'v>>, Box<Problem>> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::Array(array)) => Ok(Some(Array {
                source: self.source,
                elements: &array.elements,
                span: array.range.start..array.range.end,
            })),
            Some(value) => {
                let expected = format!("`{name}` must be a list{}", self.as_in(name));
                Err(wrong_type(self.source, value, &expected))
            }
        }
    }

    /// An object that maps free names to strings.
    pub(crate) fn map_of_texts(&self, name: &str) -> Result<Vec<(Text<'v>, Text<'v>)>, Box<Problem>> {
        let entries = self.map_of(name, "strings")?.into_iter();
        entries
            .map(|(key, value)| {
                let text = self.text_of(key.value, value)?;
                Ok((key, text))
            })
            .collect()
    }

    /// An object that maps free names to values of any kind.
    pub(crate) fn map(&self, name: &str) -> Result<Vec<(Text<'v>, &'v Value<'v>)>, Box<Problem>> {
        self.map_of(name, "values")
    }

    fn map_of(&self, name: &str, what: &str) -> Result<Vec<(Text<'v>, &'v Value<'v>)>, Box<Problem>> {
        let object = match self.value(name) {
            None => return Ok(Vec::new()),
            Some(Value::Object(object)) => object,
            Some(value) => {
                let expected = format!("`{name}` must be an object of {what}{}", self.as_in(name));
                return Err(wrong_type(self.source, value, &expected));
            }
        };
        let entry = |property: &'v ObjectProp<'v>| {
            let key = Text { source: self.source, value: property.name.as_str(), span: name_span(property) };
            (key, &property.value)
        };
        Ok(object.properties.iter().map(entry).collect())
    }

    pub(crate) fn missing(&self, name: &str) -> Box<Problem> {
        Problem::new(
            format!("missing field `{name}`"),
            self.location(self.opening()),
            format!("{} needs `{name}`", self.vocabulary.what),
        )
        .boxed()
    }

    fn text_of(&self, name: &str, value: &'v Value<'v>) -> Result<Text<'v>, Box<Problem>> {
        if let Value::StringLit(text) = value {
            Ok(Text { source: self.source, value: &text.value, span: text.range.start..text.range.end })
        } else {
            let expected = format!("`{name}` must be a string{}", self.as_in(name));
            Err(wrong_type(self.source, value, &expected))
        }
    }

    /// An example of a field, if there is one.
    fn as_in(&self, name: &str) -> String {
        let shown = self.vocabulary.examples.iter().find_map(|(_, text)| text_of_member(text, name));
        shown.map_or(String::new(), |value| format!(", as in {value}"))
    }

    fn refuse_repeated(&self) -> Result<(), Box<Problem>> {
        let properties = &self.object.properties;
        let repeated = if properties.len() < FEW {
            let pairs = properties.iter().enumerate();
            pairs.clone().find_map(|(at, second)| {
                let mut earlier = properties.iter().take(at);
                let first = earlier.find(|first| first.name.as_str() == second.name.as_str())?;
                Some((first, second))
            })
        } else {
            let mut seen = HashMap::new();
            let mut properties = properties.iter();
            properties.find_map(|second| {
                let first = seen.insert(second.name.as_str(), second)?;
                Some((first, second))
            })
        };
        match repeated {
            None => Ok(()),
            Some((first, second)) => Err(Problem::new(
                format!("`{}` is given twice", shown(second.name.as_str())),
                self.location(name_span(second)),
                "expected each field once",
            )
            .also(self.location(name_span(first)), "first given here")
            .boxed()),
        }
    }

    /// Whether an unknown field is most likely a typo of this one.
    pub(crate) fn has_typo_of(&self, field: &str) -> bool {
        let known = self.vocabulary.known;
        let names = self.object.properties.iter().map(|property| property.name.as_str());
        names.filter(|name| !known.contains(name)).any(|name| nearest(name, known.iter().copied()) == Some(field))
    }

    fn refuse_unknown(&self, property: &ObjectProp<'_>, vocabulary: &'static Vocabulary) -> Result<(), Box<Problem>> {
        let name = property.name.as_str();
        if vocabulary.known.contains(&name) {
            return Ok(());
        }
        let at = self.location(name_span(property));
        let mut expected = format!("fields of {}: ", vocabulary.what);
        for (at, known) in vocabulary.known.iter().enumerate() {
            let _ = write!(expected, "{}{known}", if at == 0 { "" } else { ", " });
        }
        let problem = Problem::new(format!("unknown field `{}`", shown(name)), at, expected);
        Err(problem.meant(name, vocabulary.known.iter().copied()).boxed())
    }
}

/// The text of a member of an object that is an example.
fn text_of_member<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let parsed = parse_to_ast(text, &CollectOptions::default(), &ParseOptions::default()).ok()?.value?;
    text.get(span_of(member(&parsed, name)?))
}

fn name_span(property: &ObjectProp<'_>) -> Range<usize> {
    use jsonc_parser::common::Ranged as _;
    let range = property.name.range();
    range.start..range.end
}

fn wrong_type(source: &Arc<Source>, value: &Value<'_>, expected: &str) -> Box<Problem> {
    let (found, opening_only) = match value {
        Value::StringLit(_) => ("a string", false),
        Value::NumberLit(_) => ("a number", false),
        Value::BooleanLit(_) => ("true or false", false),
        Value::NullKeyword(_) => ("null", false),
        Value::Object(_) => ("an object", true),
        Value::Array(_) => ("a list", true),
    };
    let span = span_of(value);
    let end = if opening_only { span.start + 1 } else { span.end };
    Problem::new(format!("wrong type: found {found}"), Location::new(source, span.start..end), expected).boxed()
}
