//! The JSON bodies of requests and answers, and the classes that the vendor's SDKs have for them.

use serde_json::Value;
use std::ops::RangeInclusive;

/// Characters of an id in a body.
pub(crate) const BODY_ID_CHARS: RangeInclusive<usize> = 1..=255;

/// A documented body.
#[derive(Debug)]
pub(crate) struct DocumentedBody {
    /// Its name in the OpenAPI document.
    pub(crate) name: &'static str,
    #[cfg(feature = "console")]
    pub(crate) schema: fn() -> Value,
    /// An example. That of a request works with the users that the server has when it is given none.
    #[cfg(feature = "console")]
    pub(crate) example: fn() -> Value,
}

/// Makes a [`DocumentedBody`]. Without the documents that show them, schema and example are not compiled.
macro_rules! documented_body {
    (name: $name:expr, schema: $schema:expr, example: $example:expr $(,)?) => {
        DocumentedBody {
            name: $name,
            #[cfg(feature = "console")]
            schema: $schema,
            #[cfg(feature = "console")]
            example: $example,
        }
    };
}
pub(super) use documented_body;

/// Defines classes of the SDKs, each with its name and fields.
macro_rules! sdk_classes {
    ($($class:ident = $name:literal { $($need:ident $field:ident: $kind:ident $(($of:expr))?),+ })+) => {
        $(const $class: SdkClass = SdkClass::listed(
            $name,
            &[$(ClassField::$need(stringify!($field), FieldKind::$kind $(($of))?)),+],
        );)+
    };
}
pub(super) use sdk_classes;

/// The body of a request.
#[derive(Debug)]
pub(crate) struct RequestBody {
    pub(crate) body: DocumentedBody,
    /// The class of the SDKs.
    pub(crate) class: SdkClass,
    pub(crate) is_optional: bool,
}

/// A field of a request's body.
#[derive(Debug)]
pub(crate) struct BodyField {
    pub(crate) name: &'static str,
    pub(crate) form: BodyForm,
    pub(crate) mandatory: bool,
    /// Further restriction of the value, as a regular expression, if there is one.
    pub(crate) pattern: Option<&'static str>,
    pub(crate) description: &'static str,
}

/// Form of a field's value.
#[derive(Debug)]
pub(crate) enum BodyForm {
    /// Text of so many characters.
    Text(RangeInclusive<usize>),
    OneOf(&'static [&'static str]),
    Boolean,
    /// A list of so many ids.
    Ids(RangeInclusive<usize>),
}

/// A class of the vendor's SDKs.
#[derive(Debug)]
pub(crate) struct SdkClass {
    pub(crate) name: &'static str,
    fields: ClassFields,
}

impl PartialEq for SdkClass {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

#[derive(Debug)]
enum ClassFields {
    /// The documented fields of a body.
    Documented(&'static [BodyField]),
    Listed(&'static [ClassField]),
}

/// A field of a class.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ClassField {
    pub(crate) name: &'static str,
    pub(crate) kind: FieldKind,
    pub(crate) mandatory: bool,
}

/// The type of a field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum FieldKind {
    Text,
    Whole,
    Flag,
    Words(&'static [&'static str]),
    /// The token of the caller.
    Token,
    /// The password of the account.
    Password,
    Texts,
    /// A list of these words.
    WordList(&'static [&'static str]),
    Object(&'static SdkClass),
    Objects(&'static SdkClass),
}

impl SdkClass {
    /// A class that has the fields of a body.
    pub(super) const fn documented(name: &'static str, fields: &'static [BodyField]) -> Self {
        Self { name, fields: ClassFields::Documented(fields) }
    }

    pub(super) const fn listed(name: &'static str, fields: &'static [ClassField]) -> Self {
        Self { name, fields: ClassFields::Listed(fields) }
    }

    pub(crate) fn fields(&self) -> Vec<ClassField> {
        match self.fields {
            ClassFields::Documented(fields) => fields.iter().map(ClassField::of).collect(),
            ClassFields::Listed(fields) => fields.to_vec(),
        }
    }
}

impl ClassField {
    pub(super) const fn needed(name: &'static str, kind: FieldKind) -> Self {
        Self { name, kind, mandatory: true }
    }

    pub(super) const fn optional(name: &'static str, kind: FieldKind) -> Self {
        Self { name, kind, mandatory: false }
    }

    fn of(field: &BodyField) -> Self {
        let kind = match &field.form {
            BodyForm::Text(_) => FieldKind::Text,
            BodyForm::OneOf(words) => FieldKind::Words(words),
            BodyForm::Boolean => FieldKind::Flag,
            BodyForm::Ids(_) => FieldKind::Texts,
        };
        Self { name: field.name, kind, mandatory: field.mandatory }
    }
}

pub(super) const fn field(name: &'static str, form: BodyForm, description: &'static str) -> BodyField {
    BodyField { name, form, mandatory: false, pattern: None, description }
}

impl BodyField {
    pub(super) const fn needed(mut self) -> Self {
        self.mandatory = true;
        self
    }

    pub(super) const fn like(mut self, pattern: &'static str) -> Self {
        self.pattern = Some(pattern);
        self
    }
}
