//! Issue trackers at work: whose a URL is, what is known about an issue, and filing a new one.
//!
//! A kind of tracker is one file with one implementation of [`Tracker`] and one arm in [`open`], which
//! hands it the credentials that count for the caller.

mod address;
mod credentials;
mod internal;
mod report;
mod unreachable;

use entity::{Id, Map, Value, repository};
use futures_util::future::BoxFuture;
use url::Url;

pub use credentials::{Credentials, Target};
pub use report::Report;

use crate::bug_system::{self, BugSystem, Kind};
use crate::link_reference::LinkReference;
use crate::{Ctx, Error, Result};
pub use address::check_addresses;
use internal::Internal;
use unreachable::Unreachable;

/// What the product does with an issue tracker.
pub trait Tracker: Send + Sync {
    /// What the tracker knows about the issue behind a URL of its own; `None` if it does not know
    /// the issue.
    fn details<'a>(
        &'a self,
        ctx: &'a mut Ctx,
        url: &'a Url,
    ) -> BoxFuture<'a, Result<Option<Details>>>;

    /// Files an issue about an execution.
    fn report<'a>(&'a self, ctx: &'a mut Ctx, report: &'a Report) -> BoxFuture<'a, Result<Filed>>;

    /// Takes note of a link that leads from an execution to one of the tracker's issues: people who
    /// follow the issue should read about it there.
    fn linked<'a>(&'a self, ctx: &'a mut Ctx, link: &'a LinkReference)
    -> BoxFuture<'a, Result<()>>;
}

/// What is known about an issue.
#[derive(Debug, Clone, PartialEq)]
pub struct Details {
    /// Number or key.
    pub id: Value,
    /// Summary.
    pub title: String,
    /// Text, or what there is in place of one.
    pub description: String,
    /// State, in the tracker's words.
    pub status: String,
    /// Where it is, as it was asked for.
    pub url: String,
    /// Why there is no more.
    pub error: Option<String>,
}

impl From<Details> for Map {
    fn from(details: Details) -> Self {
        let mut map = Self::from_iter([
            ("id".into(), details.id),
            ("description".into(), details.description.into()),
            ("status".into(), details.status.into()),
            ("title".into(), details.title.into()),
            ("url".into(), details.url.into()),
        ]);
        if let Some(error) = details.error {
            map.insert("error".into(), error.into());
        }
        map
    }
}

/// What became of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filed {
    /// There is an issue, or a form to be completed, at this URL.
    At(String),
    /// Nothing was filed, for this reason.
    Not(String),
}

/// How a tracker is opened; `None` for one that nothing can be done with.
pub type Open = fn(&Ctx, &Target) -> Option<Box<dyn Tracker>>;

/// Opens the trackers that this program knows.
pub fn open(ctx: &Ctx, target: &Target) -> Option<Box<dyn Tracker>> {
    match target.system.kind() {
        Kind::Internal if ctx.domain().settings().bug_tracker => Some(Box::new(Internal)),
        Kind::Internal | Kind::Abstract | Kind::Unknown => None,
        _ => Some(Box::new(Unreachable::new(&target.system))),
    }
}

/// What is known about the issue behind a URL; `None` if no tracker owns the URL, or its owner does
/// not know the issue.
pub async fn details(ctx: &mut Ctx, url: &str) -> Result<Option<Details>> {
    let Some((system, parsed)) = owner(ctx, url).await? else {
        return Ok(None);
    };
    let target = Target::of_caller(ctx, system).await?;
    match (ctx.domain().settings().trackers)(ctx, &target) {
        Some(tracker) => {
            let found = tracker.details(ctx, &parsed).await?;
            Ok(found.map(|details| Details {
                url: url.to_owned(),
                ..details
            }))
        }
        None => Ok(None),
    }
}

/// Files an issue about an execution in a tracker.
pub async fn report(ctx: &mut Ctx, execution: Id, system: Id) -> Result<Filed> {
    let report = Report::read(ctx, execution).await?;
    let system: BugSystem = ctx.get(system).await?;
    if system.kind() == Kind::Unknown {
        let text = format!("tracker type {} is not supported", system.tracker_type);
        return Err(Error::Refused(text));
    }
    let target = Target::of_caller(ctx, system).await?;
    let is_enabled = target.is_enabled();
    match (ctx.domain().settings().trackers)(ctx, &target) {
        Some(tracker) if is_enabled => {
            let filed = tracker.report(ctx, &report).await?;
            if let Filed::At(url) = &filed {
                report.link(ctx, url).await?;
            }
            Ok(filed)
        }
        _ => Ok(Filed::Not(
            "Enable reporting to this Issue Tracker by configuring its base_url!".to_owned(),
        )),
    }
}

/// Tells the owner of a link's URL about the link; the built-in tracker always, others about defects
/// and only when asked to.
pub async fn linked(ctx: &mut Ctx, link: &LinkReference, update_tracker: bool) -> Result<()> {
    let Some((system, _)) = owner(ctx, &link.url).await? else {
        return Ok(());
    };
    let is_outside = system.kind().is_outside();
    if is_outside && !(update_tracker && link.is_defect) {
        return Ok(());
    }
    let target = Target::of_caller(ctx, system).await?;
    if is_outside && !target.is_enabled() {
        return Ok(());
    }
    match (ctx.domain().settings().trackers)(ctx, &target) {
        Some(tracker) => tracker.linked(ctx, link).await,
        None => Ok(()),
    }
}

/// The tracker that owns a URL: of those whose base it begins with the one with the longest base.
async fn owner(ctx: &mut Ctx, url: &str) -> Result<Option<(BugSystem, Url)>> {
    let Ok(parsed) = Url::parse(url) else {
        return Ok(None);
    };
    let systems: Vec<BugSystem> = repository::find(ctx.conn(), &[]).await?;
    let owner = systems
        .into_iter()
        .filter_map(|system| {
            let depth = bug_system::depth(system.base_url.as_deref()?, &parsed)?;
            Some((depth, system))
        })
        // the first of equals, while `max_by_key` would take the last
        .reduce(|best, next| if next.0 > best.0 { next } else { best });
    Ok(owner.map(|(_, system)| (system, parsed)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn details_carry_an_error_only_if_there_is_one() {
        let details = Details {
            id: 7.into(),
            title: "t".to_owned(),
            description: "d".to_owned(),
            status: "Open".to_owned(),
            url: "https://x.example/7".to_owned(),
            error: None,
        };
        let keys = |details: Details| -> Vec<String> {
            let map = Map::from(details);
            map.keys().map(ToString::to_string).collect()
        };
        assert_eq!(
            keys(details.clone()),
            ["id", "description", "status", "title", "url"]
        );
        let failed = Details {
            error: Some("away".to_owned()),
            ..details
        };
        assert_eq!(
            keys(failed),
            ["id", "description", "status", "title", "url", "error"]
        );
    }
}
