//! `metrics`: what Prometheus scrapes.

use super::{AdminProblem, reply::AdminReply, request::AdminRequest};
use crate::state::{DURATION_BUCKETS_US, LimitHit, Metrics, State};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _, NoLabelSet, text};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::{Registry, Unit};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;

const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

pub(super) fn show(state: &State, _: &AdminRequest) -> Result<AdminReply, AdminProblem> {
    let mut registry = Registry::with_prefix("wksmock");
    let fill = state.journal.fill();
    let whole = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    registry.register_collector(Box::new(Shown(Arc::clone(&state.metrics))));
    registry.register("journal_entries", "Entries in the journal", ConstGauge::new(whole(fill.entries)));
    registry.register("journal_size", "Memory used by journal texts, in bytes", ConstGauge::new(whole(fill.bytes)));
    registry.register(
        "journal_dropped",
        "Journal entries dropped because the journal was full",
        ConstCounter::new(fill.dropped),
    );
    let mut body = String::new();
    text::encode(&mut body, &registry).map_err(|error| AdminProblem::new(500, error.to_string()))?;
    Ok(AdminReply::text(200, MEDIA_TYPE, body))
}

#[derive(Debug)]
struct Shown(Arc<Metrics>);

impl Collector for Shown {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let encoder = &mut encoder;
        let statuses = self.0.requests().into_iter().map(|kind| (kind.status.to_string(), kind));
        let statuses: Vec<_> = statuses.collect();
        let requests = statuses.iter().map(|(status, kind)| {
            let operation = kind.operation.unwrap_or("none");
            ([("operation", operation), ("status", status), ("decided_by", kind.decided_by.name())], kind.count)
        });
        counters(encoder, "requests", "Answered requests to the emulated API", requests)?;
        self.durations(encoder)?;
        self.connections(encoder)?;
        let [finished, failed] = [&self.0.handshakes_finished, &self.0.handshakes_failed];
        let handshakes = [("finished", finished), ("failed", failed)];
        let handshakes = handshakes.map(|(result, count)| ([("result", result)], count.load(Ordering::Relaxed)));
        counters(encoder, "tls_handshakes", "TLS handshakes that ended", handshakes.into_iter())?;
        let errors = self.0.http2_errors().map(|(code, count)| ([("code", code)], count));
        counters(encoder, "http2_errors", "HTTP/2 connections ended by an error of their client", errors)?;
        let faults = self.0.faults().map(|(fault, count)| ([("fault", fault)], count));
        counters(encoder, "faults", "Faults injected by rules", faults)?;
        let limits = LimitHit::ALL.into_iter().map(|limit| ([("limit", limit.name())], self.0.hits(limit)));
        counters(encoder, "limit_hits", "How often a limit was reached", limits)
    }
}

/// A family of counters, each with its labels.
fn counters<'l, const LABELS: usize>(
    encoder: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    counts: impl Iterator<Item = ([(&'l str, &'l str); LABELS], u64)>,
) -> fmt::Result {
    let mut family = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
    for (labels, count) in counts {
        ConstCounter::new(count).encode(family.encode_family(&labels)?)?;
    }
    Ok(())
}

impl Shown {
    fn durations(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let help = "Time from the head of a request to its answer";
        let unit = Unit::Seconds;
        let mut histogram = encoder.encode_descriptor("request_duration", help, Some(&unit), MetricType::Histogram)?;
        let (counts, sum) = self.0.durations();
        let ends = DURATION_BUCKETS_US.iter().map(|end| std::time::Duration::from_micros(*end).as_secs_f64());
        let buckets: Vec<_> = ends.chain([f64::INFINITY]).zip(counts.iter().copied()).collect();
        histogram.encode_histogram::<NoLabelSet>(sum.as_secs_f64(), counts.iter().sum(), &buckets, None)
    }

    fn connections(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let closed = self.0.connections_closed.load(Ordering::Relaxed);
        let opened = self.0.connections_opened.load(Ordering::Relaxed);
        let help = "Open connections";
        let open = i64::try_from(opened.saturating_sub(closed)).unwrap_or(i64::MAX);
        ConstGauge::new(open).encode(encoder.encode_descriptor(
            "connections_open",
            help,
            None,
            MetricType::Gauge,
        )?)?;
        let help = "Accepted connections";
        ConstCounter::new(opened).encode(encoder.encode_descriptor("connections", help, None, MetricType::Counter)?)
    }
}
