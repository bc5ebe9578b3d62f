//! The delay facet: how long an answer is held, drawn for each call from the rule's own key.

use crate::contract::Scripted;
use crate::diagnostics::{Fields, Problem, Problems, Value, Vocabulary, span_of, whole};
use crate::draw::{Draw, Key, Label, Stream};
use crate::limits::Limits;

pub(crate) const DELAY: Vocabulary = Vocabulary {
    what: "a delay",
    known: &["fixed_ms", "uniform_ms", "lognormal"],
    examples: &[
        ("always the same", r#"{ "fixed_ms": 80 }"#),
        ("between two bounds", r#"{ "uniform_ms": [20, 80] }"#),
        ("like a real service", r#"{ "lognormal": { "median_ms": 80, "sigma": 0.6, "max_ms": 5000 } }"#),
    ],
};
pub(crate) const LOGNORMAL: Vocabulary = Vocabulary {
    what: "`lognormal`",
    known: &["median_ms", "sigma", "max_ms"],
    examples: &[("like a real service", r#"{ "median_ms": 80, "sigma": 0.6, "max_ms": 5000 }"#)],
};
/// The largest spread: beyond it half of all delays would be far below the median, the other half at the bound.
pub(crate) const SIGMA_MAX: f64 = 10.0;

/// How long answers are held.
#[derive(Clone, Debug)]
pub(crate) struct Delay {
    written: RawDelay,
    /// The key of its draws.
    key: Key,
}

/// A delay as a file writes it, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(super) enum RawDelay {
    Fixed(u32),
    /// From the first to the second, both included, each equally likely.
    Uniform(u32, u32),
    /// Half of them below the median; at most `max`.
    LogNormal {
        median: u32,
        sigma: f64,
        max: u32,
    },
}

impl Delay {
    /// `stream` is the user's, `call` the call number.
    pub(crate) fn ms(&self, stream: Stream, call: u64) -> u32 {
        match self.written {
            RawDelay::Fixed(ms) => ms,
            RawDelay::Uniform(from, to) => {
                let width = (to - from).saturating_add(1);
                from.saturating_add(Draw::new(&self.key, stream, call).below(width))
            }
            RawDelay::LogNormal { median, sigma, max } => {
                let deviate = Draw::new(&self.key, stream, call).normal();
                let drawn = (f64::from(median) * libm::exp(sigma * deviate)).min(f64::from(max));
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to `max`")]
                let whole = libm::round(drawn) as u32;
                whole
            }
        }
    }

    pub(crate) fn is_drawn(&self) -> bool {
        !matches!(self.written, RawDelay::Fixed(_))
    }
}

impl RawDelay {
    /// Reads `delay`, if it is there and right. Every problem is kept.
    pub(super) fn read(fields: &Fields<'_>, limits: &Limits, problems: &mut Problems) -> Option<Self> {
        let before = problems.count();
        let delay = fields.object("delay", &DELAY, problems)?;
        let most = u64::try_from(limits.delay.as_millis()).unwrap_or(u64::MAX).min(u64::from(u32::MAX) - 1);
        let fixed = problems.keep(delay.whole_number("fixed_ms", 0..=most)).flatten();
        let uniform = delay.value("uniform_ms").and_then(|value| problems.keep(interval(&delay, value, most)));
        let lognormal =
            delay.object("lognormal", &LOGNORMAL, problems).and_then(|fields| lognormal(&fields, most, problems));
        let kinds = DELAY.known.iter().filter(|name| delay.value(name).is_some()).count();
        if kinds > 1 || delay.is_empty() {
            let what = if kinds > 1 { "`delay` has more than one kind" } else { "empty `delay`" };
            let at = fields.location(fields.span("delay"));
            problems.push(Problem::new(what, at, "expected one of `fixed_ms`, `uniform_ms`, `lognormal`"));
        }
        let fixed = fixed.map(|ms| Self::Fixed(small(ms)));
        let uniform = uniform.map(|(from, to)| Self::Uniform(small(from), small(to)));
        fixed.or(uniform).or(lognormal).filter(|_| problems.count() == before)
    }

    /// `rule` is the rule's name, to which its draws belong.
    pub(super) fn compile(self, operation: Scripted, seed: u64, rule: &str) -> Delay {
        Delay { written: self, key: Key::new(Label::Delay, seed, operation.id, rule) }
    }
}

/// `[from, to]`, both included.
fn interval(fields: &Fields<'_>, value: &Value<'_>, most: u64) -> Result<(u64, u64), Box<Problem>> {
    let at = fields.location(span_of(value));
    let expected = format!("expected two whole numbers from 0 to {most}, the smaller first, as in [20, 80]");
    let number = |value: &Value<'_>| match value {
        Value::NumberLit(number) => whole(number.value).filter(|number| *number <= most),
        _ => None,
    };
    let ends = match value {
        Value::Array(array) => array.elements.iter().map(number).collect::<Option<Vec<u64>>>(),
        _ => None,
    };
    match ends.as_deref() {
        Some(&[from, to]) if from <= to => Ok((from, to)),
        Some([_, _]) => Err(Problem::new("empty interval", at, expected).boxed()),
        _ => Err(Problem::new("invalid interval", at, expected).boxed()),
    }
}

fn lognormal(fields: &Fields<'_>, most: u64, problems: &mut Problems) -> Option<RawDelay> {
    let median = problems.keep(fields.required_number("median_ms", 1..=most));
    let sigma = fields.number("sigma", 0.0..=SIGMA_MAX);
    let sigma = problems.keep(sigma.and_then(|sigma| sigma.ok_or_else(|| fields.missing("sigma"))));
    let max = problems.keep(fields.required_number("max_ms", 1..=most));
    let (median, sigma, max) = (median?, sigma?, max?);
    if max < median {
        let at = fields.location(fields.span("max_ms"));
        problems.push(Problem::new("`max_ms` is below `median_ms`", at, "expected at least `median_ms`"));
        return None;
    }
    Some(RawDelay::LogNormal { median: small(median), sigma, max: small(max) })
}

/// A number of milliseconds, which has been checked to be at most that of a delay.
fn small(ms: u64) -> u32 {
    invariant!(u32::try_from(ms).ok(), u32::MAX, "a delay is at most `u32::MAX` ms")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::Operation;

    fn drawn(delay: &RawDelay) -> Vec<u32> {
        let delay = delay.compile(Operation::ResetRandomPassword.into(), 7, "slow");
        let mut drawn: Vec<_> = (1..=10_000).map(|call| delay.ms(Stream::new(3), call)).collect();
        drawn.sort_unstable();
        drawn
    }

    #[test]
    fn a_log_normal_delay_has_its_median_and_its_tail() {
        // Of a share of 10,000 calls: its normal deviate, and the standard error of the logarithm for a sigma of 1.
        let shares =
            [(1_000, -1.281_552, 0.0171), (5_000, 0.0, 0.0125), (9_000, 1.281_552, 0.0171), (9_900, 2.326_348, 0.0373)];
        for sigma in [0.1, 0.3, 0.6, 1.0, 1.5] {
            let drawn = drawn(&RawDelay::LogNormal { median: 1_000, sigma, max: 300_000 });
            for (rank, deviate, error) in shares {
                let (expected, found) = (1_000.0 * libm::exp(sigma * deviate), f64::from(drawn[rank]));
                let bound = expected * (libm::exp(3.0 * sigma * error) - 1.0) + 1.0;
                assert!((found - expected).abs() <= bound, "sigma {sigma}: {found} at {rank}, expected {expected}");
            }
        }
        let flat = drawn(&RawDelay::LogNormal { median: 80, sigma: 0.0, max: 100 });
        assert_eq!((flat[0], flat[9_999]), (80, 80));
        let bounded = drawn(&RawDelay::LogNormal { median: 80, sigma: 0.6, max: 100 });
        assert_eq!(bounded.last(), Some(&100));
        // Past the bound is what would be: 100 is exp(0.6 × 0.3719) medians, which 35.5 % are beyond.
        let beyond = bounded.iter().filter(|ms| **ms == 100).count();
        assert!((3_400..=3_750).contains(&beyond), "{beyond}");
    }

    #[test]
    fn a_uniform_delay_has_both_its_ends_and_all_between() {
        let drawn = drawn(&RawDelay::Uniform(20, 29));
        for ms in 20..=29 {
            let count = drawn.iter().filter(|drawn| **drawn == ms).count();
            assert!((900..=1_100).contains(&count), "{ms}: {count}");
        }
        assert_eq!(drawn.len(), 10_000);
        assert_eq!(RawDelay::Fixed(5).compile(Operation::ResetRandomPassword.into(), 1, "").ms(Stream::new(1), 1), 5);
    }
}
