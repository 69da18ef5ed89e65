//! Hands the error page what the log says about its request, while debug is on.

use std::fmt::Write as _;

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Context, Layer};

/// Where the events of statements come from.
const STATEMENTS: &str = "sqlx::query";

/// Keeps warnings, errors and statements of the request that is being worked on.
pub(super) struct Inside;

impl Inside {
    /// What is kept.
    pub(super) fn filter() -> Targets {
        Targets::new()
            .with_default(Level::WARN)
            .with_target(STATEMENTS, Level::DEBUG)
    }
}

/// The fields of an event in words.
#[derive(Default)]
struct Words {
    message: String,
    fields: String,
    summary: String,
    statement: String,
}

impl Visit for Words {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "message" => value.clone_into(&mut self.message),
            "summary" => value.clone_into(&mut self.summary),
            "db.statement" => value.trim().clone_into(&mut self.statement),
            name => {
                // writing to a String cannot fail
                let _ = write!(self.fields, " {name}={value}");
            }
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}

impl<S: Subscriber> Layer<S> for Inside {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut words = Words::default();
        event.record(&mut words);
        let about = event.metadata();
        if about.target() == STATEMENTS {
            // short ones are their own summary
            let is_short = words.statement.is_empty();
            web::debug::statement(if is_short {
                words.summary
            } else {
                words.statement
            });
            return;
        }
        let place = about.file().unwrap_or_default();
        let line = about.line().unwrap_or_default();
        let Words {
            message, fields, ..
        } = words;
        let level = about.level();
        web::debug::event(format!("{level} {message}{fields} ({place}:{line})"));
    }
}
