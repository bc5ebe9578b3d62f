//! Enums whose variants have names: in files and flags, in queries and answers.

/// Defines an enum with a name for each variant, and what follows from the names.
macro_rules! named_enum {
    ($(#[$meta:meta])* $vis:vis enum $enum:ident { $($(#[$about:meta])* $variant:ident = $name:literal,)+ }) => {
        $(#[$meta])*
        $vis enum $enum {
            $($(#[$about])* $variant,)+
        }

        #[allow(dead_code, reason = "not every enum needs all of them")]
        impl $enum {
            pub(crate) const ALL: [Self; [$($name),+].len()] = [$(Self::$variant),+];
            /// The names that `from_str` takes.
            $vis const NAMES: [&'static str; Self::ALL.len()] = [$($name),+];

            pub(crate) const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            pub(crate) fn named(name: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|one| one.name() == name)
            }
        }

        impl std::str::FromStr for $enum {
            type Err = String;

            fn from_str(name: &str) -> Result<Self, String> {
                Self::named(name).ok_or_else(|| format!("expected one of {}", Self::NAMES.join(", ")))
            }
        }
    };
}
