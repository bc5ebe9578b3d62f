//! The outcomes of calls by the plainest reading of the scenario format. Nothing here is the crate's: rules are read
//! from first to last for each call, and draws are made anew, with ChaCha8 and SHA-256 alone.

use super::written::{Delay, Pair, QUERIES, Rule, STRIKING, Status, USERS, User};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use sha2::{Digest, Sha256};

/// A server without a network.
pub(super) struct Model {
    seed: u64,
    /// Rules in reading order, each with the beginning of its place.
    rules: Vec<Placed>,
    /// Overrides in the order in which they were set.
    overrides: Vec<Placed>,
    overrides_ever: u64,
    calls: [u64; USERS.len()],
    /// The highest call that reset the password.
    pub(super) highest: [Option<u64>; USERS.len()],
    pub(super) now_ms: u64,
}

struct Placed {
    rule: Rule,
    name: String,
    place: String,
    /// Of an override for the next calls: users with the first and last call.
    numbers: Option<Vec<(usize, u64, u64)>>,
}

/// The outcome of a call.
#[derive(Debug)]
pub(super) struct Expected {
    pub(super) call: u64,
    pub(super) status: u16,
    pub(super) phase: Option<&'static str>,
    pub(super) delay_ms: u64,
    pub(super) fault: Option<&'static str>,
    /// Whether the password is reset.
    pub(super) done: bool,
    /// Name and beginning of the place of the rules that set status, delay and fault.
    pub(super) causes: [Option<(String, String)>; 3],
    pub(super) body: Body,
    pub(super) headers: Vec<Pair>,
    /// The bytes of `random_data` and `tls_garbage`.
    pub(super) data: Vec<u8>,
}

#[derive(Debug)]
pub(super) enum Body {
    Password,
    /// `None` for the API's own message.
    Error {
        code: String,
        message: Option<&'static str>,
        /// The reason to seal, which may be empty.
        sealed: Option<&'static str>,
    },
    Raw(&'static str),
}

impl Model {
    pub(super) fn new(seed: u64, rules: impl Iterator<Item = (Rule, String)>) -> Self {
        let placed = |(rule, place): (Rule, String)| {
            let name = rule.name.clone().unwrap_or_default();
            Placed { rule, name, place, numbers: None }
        };
        let rules = rules.map(placed).collect();
        let users = [0; USERS.len()];
        let highest = [None; USERS.len()];
        Self { seed, rules, overrides: Vec::new(), overrides_ever: 0, calls: users, highest, now_ms: 0 }
    }

    pub(super) fn set_override(&mut self, rule: Rule, next: Option<u64>) {
        self.overrides_ever += 1;
        let place = format!("override {}", self.overrides_ever);
        let name = rule.name.clone().unwrap_or_else(|| place.clone());
        let named = |user: &User| {
            let project =
                rule.when.projects.as_ref().map_or(user.project == user.template, |all| all.contains(&user.project));
            project && rule.when.users.as_ref().is_some_and(|users| users.contains(&user.id))
        };
        let numbers = next.map(|next| {
            let named = (0..USERS.len()).filter(|user| named(&USERS[*user]));
            named.map(|user| (user, self.calls[user] + 1, self.calls[user] + next)).collect()
        });
        self.overrides.push(Placed { rule, name, place, numbers });
    }

    pub(super) fn remove_overrides(&mut self) {
        self.overrides.clear();
    }

    pub(super) fn reset(&mut self) {
        self.overrides.clear();
        (self.calls, self.highest, self.now_ms) = ([0; USERS.len()], [None; USERS.len()], 0);
    }

    /// Counts and decides a call.
    pub(super) fn call(&mut self, user: usize, headers: &[Pair], query: usize) -> Expected {
        self.calls[user] += 1;
        let call = self.calls[user];
        let query = QUERIES[query].1;
        let (mut status, mut delay, mut fault) = (None, None, None);
        for placed in self.overrides.iter().rev().chain(&self.rules) {
            let Some(rank) = self.matching_rank(placed, user, call, headers, query) else {
                continue;
            };
            let rule = &placed.rule;
            let given = rule.status.as_ref().and_then(|facet| Some((placed, facet, status_at(facet, rank)?)));
            status = status.or(given);
            delay = delay.or(rule.delay.map(|delay| (placed, delay)));
            fault = fault.or(rule.fault.map(|fault| (placed, fault)));
        }
        let expected = self.outcome(user, call, query, status, delay, fault);
        if expected.done {
            self.highest[user] = self.highest[user].max(Some(call));
        }
        expected
    }

    /// Returns the call's 1-based rank among the rule's calls, if the rule applies to it.
    fn matching_rank(&self, placed: &Placed, at: usize, call: u64, headers: &[Pair], query: &[Pair]) -> Option<u64> {
        let (when, user) = (&placed.rule.when, &USERS[at]);
        let project =
            when.projects.as_ref().is_none_or(|all| all.contains(&user.project) || all.contains(&user.template));
        let named = when.users.as_ref().is_none_or(|users| users.contains(&user.id));
        let now = self.now_ms;
        let in_time = when.time_ms.is_none_or(|[from, to]| from.unwrap_or(0) <= now && to.is_none_or(|to| now < to));
        let sent = when.headers.iter().all(|pair| headers.contains(pair));
        let asked = when.query.iter().all(|pair| query.contains(pair));
        let chance = when
            .chance
            .is_none_or(|chance| unit(&mut self.draws("wksmock chance 1", &placed.name, user, call)) < chance);
        if !(project && named && in_time && sent && asked && chance) {
            return None;
        }
        let allowed = |number: u64| match &placed.numbers {
            // A rule for a project applies to its clones.
            Some(numbers) => numbers.iter().any(|(whose, first, last)| {
                let whose = &USERS[*whose];
                let is_caller = whose.id == user.id && [user.project, user.template].contains(&whose.project);
                is_caller && *first <= number && number <= *last
            }),
            None => when.calls.as_ref().is_none_or(|pieces| pieces.iter().any(|piece| piece.has(number))),
        };
        allowed(call).then(|| (1..=call).filter(|number| allowed(*number)).count() as u64)
    }

    fn outcome(
        &self,
        user: usize,
        call: u64,
        query: &[Pair],
        status: Option<(&Placed, &Status, u16)>,
        delay: Option<(&Placed, Delay)>,
        fault: Option<(&Placed, &'static str)>,
    ) -> Expected {
        let phase_of = |placed: &Placed| placed.rule.phase.unwrap_or("before");
        let facet = status.map(|(_, facet, _)| facet);
        let scripted = status.filter(|(.., status)| *status != 200);
        let refused = USERS[user].notified_only && !query.iter().any(|(name, _)| *name == "notification_type");
        let failed = scripted.filter(|(.., status)| *status >= 400).map(|(placed, ..)| phase_of(placed));
        let struck = fault.filter(|(_, fault)| STRIKING.contains(fault)).map(|(placed, _)| phase_of(placed));
        let phase = [failed, struck].into_iter().flatten().max_by_key(|phase| *phase == "before");
        let (status_code, error) = match scripted {
            Some((_, facet, status)) => (status, (status >= 400).then(|| error_of(facet, status))),
            None if refused => (400, Some(error_of(&Status::default(), 400))),
            None => (200, None),
        };
        // The API refuses by itself; a status below 400 set by a rule prevents that.
        let refused = refused && (scripted.is_none() || phase.is_some());
        let cause = |placed: &Placed| (placed.name.clone(), placed.place.clone());
        Expected {
            call,
            status: status_code,
            phase,
            delay_ms: delay.map_or(0, |(placed, delay)| self.drawn(delay, &placed.name, &USERS[user], call)),
            fault: fault.map(|(_, fault)| fault),
            done: !refused && phase != Some("before"),
            causes: [
                status.map(|(placed, ..)| cause(placed)),
                delay.map(|(placed, _)| cause(placed)),
                fault.map(|(placed, _)| cause(placed)),
            ],
            body: match facet.and_then(|facet| facet.body) {
                Some(body) => Body::Raw(body),
                None => error.unwrap_or(Body::Password),
            },
            headers: facet.map_or(Vec::new(), |facet| facet.headers.clone()),
            data: fault.filter(|(_, fault)| ["random_data", "tls_garbage"].contains(fault)).map_or(
                Vec::new(),
                |(placed, _)| {
                    let mut data = vec![0; 128];
                    self.draws("wksmock data 1", &placed.name, &USERS[user], call).fill_bytes(&mut data);
                    data
                },
            ),
        }
    }

    fn drawn(&self, delay: Delay, rule: &str, user: &User, call: u64) -> u64 {
        let mut draws = self.draws("wksmock delay 1", rule, user, call);
        match delay {
            Delay::Fixed(ms) => u64::from(ms),
            Delay::Uniform(from, to) => {
                let width = u64::from(to - from) + 1;
                // Draw again where a value would favour some of the numbers.
                let favoured = (1 << 32) % width;
                loop {
                    let product = u64::from(draws.next_u32()) * width;
                    if product % (1 << 32) >= favoured {
                        return u64::from(from) + product / (1 << 32);
                    }
                }
            }
            Delay::LogNormal { median, sigma, max } => {
                let (radius, angle) = (1.0 - unit(&mut draws), unit(&mut draws));
                let deviate = libm::sqrt(-2.0 * libm::log(radius)) * libm::cos(2.0 * std::f64::consts::PI * angle);
                let ms = (f64::from(median) * libm::exp(sigma * deviate)).min(f64::from(max));
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to `max`")]
                let whole = libm::round(ms) as u64;
                whole
            }
        }
    }

    /// The draws of one call for one purpose, scheme 1.
    fn draws(&self, label: &str, rule: &str, user: &User, call: u64) -> ChaCha8Rng {
        let seed = self.seed.to_le_bytes();
        let parts = [label.as_bytes(), &seed, b"ResetRandomPassword", rule.as_bytes()];
        let key: [u8; 32] = Sha256::digest(parts.join(&0)).into();
        let stream = Sha256::digest([user.template, user.id].join("\0"));
        let mut draws = ChaCha8Rng::from_seed(key);
        draws.set_stream(u64::from_le_bytes(stream[..8].try_into().unwrap()));
        draws.set_word_pos(u128::from(call) * 64);
        draws
    }
}

/// A fraction from 0, below 1.
fn unit(draws: &mut ChaCha8Rng) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a number of 53 bits is exact")]
    let top = (draws.next_u64() >> 11) as f64;
    top / 9_007_199_254_740_992.0
}

/// Returns a facet's value for a call of this rank, from 1, or `None` if it leaves the call to later rules.
fn status_at(facet: &Status, rank: u64) -> Option<u16> {
    let at = usize::try_from(rank - 1).unwrap();
    match facet.then {
        None => facet.statuses.first(),
        Some("last") => facet.statuses.get(at).or(facet.statuses.last()),
        Some("restart") => facet.statuses.iter().cycle().nth(at),
        Some(_) => facet.statuses.get(at),
    }
    .copied()
}

fn error_of(facet: &Status, status: u16) -> Body {
    let own = match status {
        400 => "WKS.00211102",
        401 => "APIGW.0301",
        403 => "WKS.00081102",
        404 => "WKS.00211902",
        405 => "WKS.00000405",
        429 => "APIGW.0308",
        500 => "WKS.00211401",
        502 => "APIGW.0201",
        503 => "WKS.00050902",
        _ => "418",
    };
    Body::Error {
        code: facet.code.unwrap_or(own).to_owned(),
        message: facet.message,
        sealed: facet.reason.or((status == 403).then_some("")),
    }
}
