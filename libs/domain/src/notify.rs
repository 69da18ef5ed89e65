//! Who is written to when something happens, and what.
//!
//! Every function belongs to one event and is called by the verb of that event, in its transaction.
//! For every event holds: only active people who may enter the tenant are written to, whoever acts
//! is not (except about bugs), each address gets one mail, and when nobody is left, the CC list is
//! not written to either.

mod account;
mod bug;
mod defect;
mod tenant;
mod test_case;
mod test_plan;
mod test_run;

use std::collections::HashSet;

use entity::{Entity, sql};

pub(crate) use account::{address_given, password_forgotten, registered};
pub(crate) use bug::bug_commented;
pub(crate) use defect::Pace;
pub use defect::defect;
pub(crate) use tenant::{invited, tenant_created};
pub(crate) use test_case::{
    test_case_commented, test_case_created, test_case_saved, test_cases_deleted,
};
pub(crate) use test_plan::test_plan_saved;
pub(crate) use test_run::{test_run_created, test_run_saved};

use crate::mail::{self, Letter, Origin};
use crate::{Ctx, Result};

/// People and further addresses that an event concerns, before anybody is left out.
#[derive(Debug, Default)]
struct Audience {
    people: Vec<String>,
    cc: Vec<String>,
}

impl Audience {
    fn of_people(people: Vec<String>) -> Self {
        Self { people, cc: vec![] }
    }

    /// Leaves out whoever acts.
    fn without_caller(mut self, ctx: &Ctx) -> Self {
        if let Some(me) = ctx.caller().user() {
            let is_other = |address: &String| !address.eq_ignore_ascii_case(&me.email);
            self.people.retain(is_other);
            self.cc.retain(is_other);
        }
        self
    }

    /// The addresses to write to: the people, then the further ones, each once; none without people.
    async fn addresses(mut self, ctx: &mut Ctx) -> Result<Vec<String>> {
        if self.people.is_empty() {
            return Ok(vec![]);
        }
        if ctx.domain().settings().mail_members_only && !self.cc.is_empty() {
            self.cc = only_members(ctx, &self.cc).await?;
        }
        Ok(self.once())
    }

    /// The people, then the further addresses, each once.
    fn once(self) -> Vec<String> {
        let mut seen = HashSet::new();
        let mut all = self.people;
        all.extend(self.cc);
        all.retain(|address| seen.insert(address.to_lowercase()));
        all
    }
}

/// Those of the addresses that belong to people who may enter the tenant, in their order.
async fn only_members(ctx: &mut Ctx, addresses: &[String]) -> Result<Vec<String>> {
    let known = sql::query_scalar(
        "SELECT address
         FROM unnest($1::text[]) WITH ORDINALITY AS given (address, place)
         WHERE EXISTS (SELECT
                       FROM member m
                       WHERE lower(m.email) = lower(address)
                         AND m.is_active
                         AND m.is_authorised)
         ORDER BY place",
    )
    .bind(addresses)
    .fetch_all(ctx.conn())
    .await?;
    Ok(known)
}

/// Notes the letter for everybody of the audience; `letter` is made, from the address that links
/// begin with, only if somebody is there to read it.
async fn send(
    ctx: &mut Ctx,
    audience: Audience,
    thread: &str,
    letter: impl FnOnce(&str) -> Letter,
) -> Result<()> {
    let to = audience.addresses(ctx).await?;
    if to.is_empty() {
        return Ok(());
    }
    let site = crate::site::domain(ctx).await?;
    let letter = letter(&format!("https://{site}"));
    let tenant = std::sync::Arc::clone(ctx.tenant());
    let origin = Origin {
        tenant: &tenant.schema,
        site: &site,
    };
    mail::post(ctx.conn(), origin, &to, Some(thread), &letter).await
}

/// A letter about one of many rows.
struct Note {
    audience: Audience,
    thread: String,
    letter: Letter,
}

/// Notes letters about many rows, however many, with the statements of one.
async fn send_all(ctx: &mut Ctx, mut notes: Vec<Note>) -> Result<()> {
    notes.retain(|note| !note.audience.people.is_empty());
    if notes.is_empty() {
        return Ok(());
    }
    if ctx.domain().settings().mail_members_only {
        let listed = notes.iter().flat_map(|note| note.audience.cc.clone());
        let listed: Vec<String> = listed.collect();
        let known: HashSet<String> = only_members(ctx, &listed).await?.into_iter().collect();
        for note in &mut notes {
            note.audience.cc.retain(|address| known.contains(address));
        }
    }
    let site = crate::site::domain(ctx).await?;
    let tenant = std::sync::Arc::clone(ctx.tenant());
    let origin = Origin {
        tenant: &tenant.schema,
        site: &site,
    };
    let posts = notes.into_iter().map(|note| mail::Post {
        to: note.audience.once(),
        thread: Some(note.thread),
        letter: note.letter,
    });
    mail::post_all(ctx.conn(), origin, posts).await
}

/// What an update changed, as in the history, but with the text as it was typed: a mail is no HTML.
fn changes<E: Entity>(old: &E, new: &E) -> String {
    entity::diff::reason(old, new, str::to_owned)
}

/// User name of whoever acts.
fn actor(ctx: &Ctx) -> String {
    let user = ctx.caller().user();
    user.map_or_else(String::new, |user| user.username.clone())
}
