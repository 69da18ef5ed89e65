//! People as a tenant knows them: one row for each account that is or was let in.
//!
//! The rows follow the accounts; nothing here changes them. See `accounts`.

use chrono::{DateTime, Utc};
use entity::{Entity, Id, Relation, Relations};

use crate::attachment::Attachment;
use crate::bug::Bug;
use crate::comment::Comment;
use crate::component::Component;
use crate::group::Group;
use crate::test_case::TestCase;
use crate::test_execution::TestExecution;
use crate::test_plan::TestPlan;
use crate::test_run::{TestRun, TestRunCc};

/// A person who works, or has worked, in this tenant; the id is that of the account. Methods of
/// the API send the columns that clients know, not all of these.
#[expect(
    clippy::struct_excessive_bools,
    reason = "the columns that clients know"
)]
#[derive(Debug, Clone, Default, Entity)]
#[entity(table = "member", wire = "auth.User", title = "user")]
pub struct Member {
    #[doc = "Id"]
    pub id: Id,
    /// Last login
    pub last_login: Option<DateTime<Utc>>,
    /// Superuser status
    #[field(list)]
    pub is_superuser: bool,
    /// Username
    #[field(max = 150, list, search)]
    pub username: String,
    /// First name
    #[field(max = 150, blank, list, search)]
    pub first_name: String,
    /// Last name
    #[field(max = 150, blank, list, search)]
    pub last_name: String,
    /// Email address
    #[field(email = 254, blank, list, search)]
    pub email: String,
    /// Staff status
    #[field(list)]
    pub is_staff: bool,
    /// Active
    #[field(list)]
    pub is_active: bool,
    /// Date joined
    pub date_joined: DateTime<Utc>,
    /// May enter the tenant
    pub is_authorised: bool,
}

impl Member {
    /// First and last name, as far as they are known.
    pub fn full_name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name)
            .trim()
            .to_owned()
    }
}

const fn back(
    name: &'static str,
    from: fn() -> &'static entity::Meta,
    column: &'static str,
) -> Relation {
    Relation::Back { name, from, column }
}

impl Relations for Member {
    const RELATIONS: &'static [Relation] = &[
        Relation::Many {
            name: "groups",
            to: || Group::META,
            through: "group_member",
            near: "user_id",
            far: "group_id",
        },
        back("initial_owner", || Component::META, "initial_owner_id"),
        back("cases_as_author", || TestCase::META, "author_id"),
        back(
            "cases_as_default_tester",
            || TestCase::META,
            "default_tester_id",
        ),
        back("cases_as_reviewer", || TestCase::META, "reviewer_id"),
        back("testplan", || TestPlan::META, "author_id"),
        back("manager", || TestRun::META, "manager_id"),
        back("default_tester", || TestRun::META, "default_tester_id"),
        Relation::Many {
            name: "testrun",
            to: || TestRun::META,
            through: "test_run_cc",
            near: "user_id",
            far: "run_id",
        },
        back("testruncc", || TestRunCc::META, "user_id"),
        back("execution_assignee", || TestExecution::META, "assignee_id"),
        back("execution_tester", || TestExecution::META, "tested_by_id"),
        // spelt as clients know it
        back("repoted_bugs", || Bug::META, "reporter_id"),
        back("assigned_bugs", || Bug::META, "assignee_id"),
        back("comment_comments", || Comment::META, "user_id"),
        back("created_attachments", || Attachment::META, "creator_id"),
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_called_user() {
        assert_eq!(Member::META.name, "User");
        assert!(Member::META.field("password").is_none());
        let member = Member {
            first_name: "Alice".to_owned(),
            last_name: "Liddell".to_owned(),
            ..Member::default()
        };
        assert_eq!(member.full_name(), "Alice Liddell");
        assert_eq!(Member::default().full_name(), "");
    }
}
