//! Lists of call numbers: a valid list contains the numbers of the grammar, each with its rank; an error has its place.
//! The input is the text of a `calls` field.
#![no_main]

mod model;

use libfuzzer_sys::fuzz_target;
use wksmock::fuzzing::calls;

/// Call numbers that are checked one by one.
const NEAR: u64 = 300;

fuzz_target!(|text: &str| {
    match (calls(text), model::Calls::read(text)) {
        (Ok(taken), Some(read)) => {
            for call in (1..=NEAR).chain(read.edges()) {
                assert_eq!(taken.allows(call), read.allow(call), "call {call} of {text:?}");
            }
            let mut rank = 0;
            for call in (1..=NEAR).filter(|call| read.allow(*call)) {
                rank += 1;
                if let Some(said) = taken.rank(call) {
                    assert_eq!(said, rank, "call {call} of {text:?}");
                }
            }
            let again = calls(&read.printed()).expect("what was taken is taken as it is printed");
            assert!((1..=NEAR).all(|call| again.allows(call) == taken.allows(call)), "{text:?}");
        }
        (Err((at, what)), None) => {
            assert!(text.get(at.clone()).is_some(), "{at:?} is not in {text:?}");
            assert!(!what.is_empty());
        }
        (taken, read) => panic!("{text:?}: {taken:?}, but by the grammar {}", read.is_some()),
    }
});
