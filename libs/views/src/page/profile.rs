//! The page of a person.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{Page, Person, Title};
use crate::Status;

/// `/accounts/<id>/profile/`
#[derive(Debug, Clone, Serialize)]
pub struct ProfilePage {
    /// Who it is.
    pub person: Person,
    /// Whether it is the visitor.
    pub is_own: bool,
    /// Whether the account may log in.
    pub is_active: bool,
    /// Whether the person may still enter the tenant.
    pub is_member: bool,
    /// Names of the groups in this tenant.
    pub groups: Vec<String>,
    /// What is not for everybody.
    pub personal: Option<PersonalFacts>,
    /// The newest unfinished runs; absent for visitors who may not see any.
    pub runs: Option<Section<ProfileItem>>,
    /// The newest executions that wait for the person.
    pub assigned: Option<Section<ProfileResult>>,
    /// The newest results.
    pub results: Option<Section<ProfileResult>>,
    /// The newest plans.
    pub plans: Option<Section<ProfileItem>>,
    /// The newest cases.
    pub cases: Option<Section<ProfileItem>>,
}

/// A list that the visitor may see, even when there is nothing in it.
#[derive(Debug, Clone, Serialize)]
pub struct Section<T> {
    /// What is in it.
    pub items: Vec<T>,
}

/// Addresses and log-ins.
#[derive(Debug, Clone, Serialize)]
pub struct PersonalFacts {
    /// E-mail address; may be empty.
    pub email: String,
    /// Last log-in.
    pub last_login: Option<DateTime<Utc>>,
    /// When the account was made.
    pub joined: DateTime<Utc>,
}

/// A plan, a case or a run in a list.
#[derive(Debug, Clone, Serialize)]
pub struct ProfileItem {
    /// Its id.
    pub id: i32,
    /// Its name.
    pub name: String,
    /// Product, and build.
    pub remark: String,
}

/// An execution in a list.
#[derive(Debug, Clone, Serialize)]
pub struct ProfileResult {
    /// Its id.
    pub id: i32,
    /// Id of its run.
    pub run: i32,
    /// Title of the case.
    pub summary: String,
    /// Its status.
    pub status: Option<Status>,
    /// When it was done.
    pub done: Option<DateTime<Utc>>,
}

impl Page for ProfilePage {
    const TEMPLATE: &'static str = "account/profile";
    const BODY: &'static str = "page-profile";

    fn title(&self) -> Title<'_> {
        Title {
            name: &self.person.name,
            ..Title::plain("profile-title")
        }
    }
}
