//! Trackers outside that this version cannot talk to: it says so, and keeps what it was told.

use futures_util::future::{self, BoxFuture, FutureExt as _};
use url::Url;

use super::{Details, Filed, Report, Tracker};
use crate::bug_system::BugSystem;
use crate::link_reference::LinkReference;
use crate::{Ctx, Result};

/// A tracker that cannot be reached.
pub(super) struct Unreachable {
    reason: String,
}

impl Unreachable {
    pub(super) fn new(system: &BugSystem) -> Self {
        Self {
            reason: format!("{} cannot be reached from this server", system.name),
        }
    }
}

impl Tracker for Unreachable {
    fn details<'a>(
        &'a self,
        _ctx: &'a mut Ctx,
        url: &'a Url,
    ) -> BoxFuture<'a, Result<Option<Details>>> {
        let last = url.path().trim_end_matches('/').rsplit('/').next();
        let details = Details {
            id: last.unwrap_or_default().into(),
            title: String::new(),
            description: String::new(),
            status: String::new(),
            url: url.to_string(),
            error: Some(self.reason.clone()),
        };
        future::ready(Ok(Some(details))).boxed()
    }

    fn report<'a>(
        &'a self,
        _ctx: &'a mut Ctx,
        _report: &'a Report,
    ) -> BoxFuture<'a, Result<Filed>> {
        future::ready(Ok(Filed::Not(self.reason.clone()))).boxed()
    }

    fn linked<'a>(
        &'a self,
        _ctx: &'a mut Ctx,
        link: &'a LinkReference,
    ) -> BoxFuture<'a, Result<()>> {
        let reason = self.reason.as_str();
        tracing::warn!(
            link = link.id,
            reason,
            "a link is not commented on in its tracker"
        );
        future::ready(Ok(())).boxed()
    }
}
