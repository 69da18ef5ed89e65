//! The page of a person.

use axum::extract::Path;
use domain::profile::page::{self, Profile, ProfileExecution, Written};
use views::Statuses;
use views::page::{Person, PersonalFacts, ProfileItem, ProfilePage, ProfileResult, Section};

use crate::error::Result;
use crate::pages::statuses;
use crate::visitor::Visitor;

/// `GET /accounts/<id>/profile/`
pub(crate) async fn show(visitor: Visitor, Path(id): Path<String>) -> Result {
    let me = visitor.user()?.id;
    let mut ctx = visitor.request.begin_read().await?;
    let profile = page::show(&mut ctx, super::id(&id)?).await?;
    let statuses = statuses(&mut ctx, &visitor).await?;
    let page = visitor.page(&fill(profile, me, &statuses))?;
    ctx.commit().await?;
    Ok(page)
}

fn fill(profile: Profile, me: i32, statuses: &Statuses) -> ProfilePage {
    let about = profile.about;
    ProfilePage {
        is_own: about.id == me,
        is_active: about.is_active,
        is_member: about.is_authorised,
        groups: about.groups,
        person: Person::new(about.id, about.username, &about.full_name),
        personal: profile.personal.map(|personal| PersonalFacts {
            email: personal.email,
            last_login: personal.last_login,
            joined: personal.date_joined,
        }),
        runs: section(profile.runs, |run| ProfileItem {
            id: run.id,
            name: run.summary,
            remark: format!("{} {}", run.product, run.build),
        }),
        assigned: section(profile.assigned, |execution| result(execution, statuses)),
        results: section(profile.results, |execution| result(execution, statuses)),
        plans: section(profile.plans, written),
        cases: section(profile.cases, written),
    }
}

fn section<A, B>(rows: Option<Vec<A>>, item: impl Fn(A) -> B) -> Option<Section<B>> {
    rows.map(|rows| Section {
        items: rows.into_iter().map(item).collect(),
    })
}

fn written(written: Written) -> ProfileItem {
    ProfileItem {
        id: written.id,
        name: written.name,
        remark: written.product,
    }
}

fn result(execution: ProfileExecution, statuses: &Statuses) -> ProfileResult {
    ProfileResult {
        id: execution.id,
        run: execution.run_id,
        summary: execution.summary,
        status: statuses.get(execution.status_id).cloned(),
        done: execution.stop_date,
    }
}
