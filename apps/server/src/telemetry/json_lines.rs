//! The log for programs: one flat JSON object a line.
//!
//! Fields of the event come first, then those of the spans around it, so that every line of a
//! request carries its id and tenant.

use std::io::Write as _;

use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::LookupSpan;

/// Longest line that is written; longer texts are cut.
const LONGEST_TEXT: usize = 8 * 1024;

/// Writes every event as a line.
pub(super) struct JsonLines<W> {
    writer: W,
}

impl<W> JsonLines<W> {
    pub(super) fn new(writer: W) -> Self {
        Self { writer }
    }
}

/// Fields of a span, kept until the span ends.
#[derive(Default)]
struct Fields(Map<String, Value>);

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, value.into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, cut(value).into());
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        let mut text = value.to_string();
        let mut source = value.source();
        while let Some(cause) = source {
            text.push_str(": ");
            text.push_str(&cause.to_string());
            source = cause.source();
        }
        self.add(field, cut(&text).into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.add(field, cut(&format!("{value:?}")).into());
    }
}

impl Fields {
    fn add(&mut self, field: &Field, value: Value) {
        let name = match field.name() {
            "message" => "msg",
            // for the trace exporter; they repeat others
            name if ["otel.", "http.", "tenant."]
                .iter()
                .any(|p| name.starts_with(p)) =>
            {
                return;
            }
            name => name,
        };
        self.0.insert(name.to_owned(), value);
    }
}

fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(LONGEST_TEXT)]
}

impl<S, W> Layer<S> for JsonLines<W>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'a> MakeWriter<'a> + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            let mut fields = Fields::default();
            attributes.record(&mut fields);
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut line = Map::new();
        let time = domain::now().to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
        line.insert("ts".to_owned(), time.into());
        line.insert("level".to_owned(), event.metadata().level().as_str().into());
        line.insert("target".to_owned(), event.metadata().target().into());
        let mut fields = Fields(line);
        event.record(&mut fields);
        let mut line = fields.0;
        for span in context.event_scope(event).into_iter().flatten() {
            if let Some(fields) = span.extensions().get::<Fields>() {
                for (name, value) in &fields.0 {
                    if !line.contains_key(name) {
                        line.insert(name.clone(), value.clone());
                    }
                }
            }
        }
        if let Ok(mut text) = serde_json::to_string(&line) {
            text.push('\n');
            // nobody to tell when the log itself cannot be written
            let _ = self.writer.make_writer().write_all(text.as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use tracing_subscriber::layer::SubscriberExt as _;

    use super::JsonLines;

    #[derive(Clone, Default)]
    struct Buffer(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Buffer {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("a line").extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn lib_008_events_carry_the_fields_of_their_spans_on_one_line() {
        let buffer = Buffer::default();
        let writer = buffer.clone();
        let layer = JsonLines::new(move || writer.clone());
        let subscriber = tracing_subscriber::registry().with(layer);
        tracing::subscriber::with_default(subscriber, || {
            let span = tracing::info_span!("request", rid = "r1", tenant = tracing::field::Empty);
            let _entered = span.enter();
            span.record("tenant", "acme");
            tracing::info!(event = "said", number = 7, "hello \u{1b}[31m\nworld");
        });
        let text = String::from_utf8(buffer.0.lock().expect("a line").clone()).expect("a line");
        assert_eq!(text.lines().count(), 1);
        let mut line: serde_json::Value = serde_json::from_str(&text).expect("a line");
        let line = line.as_object_mut().expect("a line");
        line.shift_remove("ts").expect("a line");
        assert_eq!(
            serde_json::to_string(line).expect("a line"),
            r#"{"level":"INFO","target":"kiwi::telemetry::json_lines::tests","msg":"hello \u001b[31m\nworld","event":"said","number":7,"rid":"r1","tenant":"acme"}"#
        );
    }
}
