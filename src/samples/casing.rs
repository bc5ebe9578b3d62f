//! Spellings of names, by the rules with which the vendor's SDKs derive them from operationIds and fields.

use crate::contract::Operation;

/// The file name for the sample of an operation, without its extension.
pub(super) fn file_name(operation: Operation) -> String {
    snake(operation.id)
}

/// `user_id`, from `user_id`, `UserId` or `X-User-Id`.
pub(super) fn snake(name: &str) -> String {
    words(name).join("_")
}

/// `UserId`.
pub(super) fn pascal(name: &str) -> String {
    words(name).iter().map(|word| capitalised(word)).collect()
}

/// `userId`.
pub(super) fn camel(name: &str) -> String {
    let words = words(name);
    let (first, rest) = words.split_first().map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
    std::iter::once(first.to_owned()).chain(rest.iter().map(|word| capitalised(word))).collect()
}

/// `RESET_PWD`, as in constants.
pub(super) fn constant(word: &str) -> String {
    snake(word).to_ascii_uppercase()
}

/// The words of a name in lower case, split at other characters and before capitals that follow a small letter.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut begins = true;
    let mut was_small = false;
    for character in name.chars() {
        if !character.is_ascii_alphanumeric() {
            begins = true;
            was_small = false;
            continue;
        }
        if begins || (was_small && character.is_ascii_uppercase()) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.push(character.to_ascii_lowercase());
        }
        begins = false;
        was_small = !character.is_ascii_uppercase();
    }
    words
}

fn capitalised(word: &str) -> String {
    let mut characters = word.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(characters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_spelled_as_in_each_sdk() {
        for (name, expected) in [
            ("ResetRandomPassword", ["reset_random_password", "resetRandomPassword", "ResetRandomPassword"]),
            ("user_id", ["user_id", "userId", "UserId"]),
            ("X-Subject-Token", ["x_subject_token", "xSubjectToken", "XSubjectToken"]),
            ("is_query_total_desktops", ["is_query_total_desktops", "isQueryTotalDesktops", "IsQueryTotalDesktops"]),
            ("Effect", ["effect", "effect", "Effect"]),
            ("", ["", "", ""]),
        ] {
            assert_eq!([snake(name), camel(name), pascal(name)], expected);
        }
    }

    #[test]
    fn constants_are_upper_case() {
        for (word, expected) in [("RESET_PWD", "RESET_PWD"), ("password", "PASSWORD"), ("Allow", "ALLOW")] {
            assert_eq!(constant(word), expected);
        }
    }
}
