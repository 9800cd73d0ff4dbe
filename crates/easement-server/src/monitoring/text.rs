//! The text format of Prometheus, version 0.0.4.

use std::fmt::{Display, Write as _};

use easement_core::HistogramReading;

/// Metrics as text.
#[derive(Debug, Default)]
pub(super) struct Exposition(String);

/// What the values of a metric mean.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    /// Only grows; the name ends with `_total`.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Counts by size.
    Histogram,
}

/// Names of labels with their values.
pub(super) type Labels<'l> = &'l [(&'static str, &'l str)];

impl Exposition {
    /// Begins a metric.
    pub(super) fn family(
        &mut self,
        name: &'static str,
        kind: Kind,
        help: &'static str,
    ) -> Family<'_> {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        self.0
            .extend(["# HELP ", name, " ", help, "\n# TYPE ", name, " "]);
        self.0.extend([kind, "\n"]);
        Family {
            text: &mut self.0,
            name,
        }
    }

    /// A metric with one value and no labels.
    pub(super) fn one(
        &mut self,
        name: &'static str,
        kind: Kind,
        help: &'static str,
        value: impl Display,
    ) {
        self.family(name, kind, help).sample(&[], value);
    }

    /// The whole text.
    pub(super) fn finish(self) -> String {
        self.0
    }
}

/// One metric with its values.
#[derive(Debug)]
pub(super) struct Family<'t> {
    text: &'t mut String,
    name: &'static str,
}

impl Family<'_> {
    /// Adds a value.
    pub(super) fn sample(&mut self, labels: Labels<'_>, value: impl Display) -> &mut Self {
        self.line("", labels, None, value);
        self
    }

    /// Adds a histogram. Its numbers are multiplied by `unit`, so that microseconds become seconds.
    pub(super) fn histogram(&mut self, labels: Labels<'_>, read: &HistogramReading, unit: f64) {
        for (bound, count) in &read.up_to {
            let bound = scaled(*bound, unit).to_string();
            self.line("_bucket", labels, Some(&bound), count);
        }
        self.line("_bucket", labels, Some("+Inf"), read.count);
        self.line("_sum", labels, None, scaled(read.sum, unit));
        self.line("_count", labels, None, read.count);
    }

    fn line(&mut self, suffix: &str, labels: Labels<'_>, bound: Option<&str>, value: impl Display) {
        self.text.extend([self.name, suffix]);
        let mut before = '{';
        for (name, value) in labels
            .iter()
            .copied()
            .chain(bound.map(|bound| ("le", bound)))
        {
            self.text.push(before);
            self.text.extend([name, "=\"", &escape(value), "\""]);
            before = ',';
        }
        if before == ',' {
            self.text.push('}');
        }
        // Writing to a string cannot fail.
        let _ = writeln!(self.text, " {value}");
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "2^53 microseconds are 285 years, and the format has floating-point numbers only"
)]
fn scaled(number: u64, unit: f64) -> f64 {
    // Dividing keeps 0.0005 from becoming 0.0005000000000000001.
    number as f64 / (1.0 / unit)
}

fn escape(value: &str) -> String {
    value
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use easement_core::Histogram;

    use super::*;

    #[test]
    fn a_page_of_metrics_looks_like_this() {
        let mut page = Exposition::default();
        page.family("easement_things_total", Kind::Counter, "Things.")
            .sample(&[("kind", "a\"b\\c\nd"), ("size", "x")], 3)
            .sample(&[("kind", "plain"), ("size", "y")], 0);
        page.one("easement_load", Kind::Gauge, "Load.", 0.25);
        let times = Histogram::new(&[500, 1_000_000]);
        times.observe(500);
        times.observe(2_000_000);
        page.family("easement_wait_seconds", Kind::Histogram, "Waiting.")
            .histogram(&[], &times.read(), 1e-6);
        assert_eq!(
            page.finish(),
            "# HELP easement_things_total Things.\n\
             # TYPE easement_things_total counter\n\
             easement_things_total{kind=\"a\\\"b\\\\c\\nd\",size=\"x\"} 3\n\
             easement_things_total{kind=\"plain\",size=\"y\"} 0\n\
             # HELP easement_load Load.\n\
             # TYPE easement_load gauge\n\
             easement_load 0.25\n\
             # HELP easement_wait_seconds Waiting.\n\
             # TYPE easement_wait_seconds histogram\n\
             easement_wait_seconds_bucket{le=\"0.0005\"} 1\n\
             easement_wait_seconds_bucket{le=\"1\"} 1\n\
             easement_wait_seconds_bucket{le=\"+Inf\"} 2\n\
             easement_wait_seconds_sum 2.0005\n\
             easement_wait_seconds_count 2\n"
        );
    }
}
