//! Comments on cases, executions and bugs.

use chrono::{DateTime, Utc};
use entity::{Entity, Fk, Id, Relations, repository, sql};

use crate::member::Member;
use crate::{Ctx, Error, Result, notify};

/// Markdown text by a person on a case, an execution or a bug.
#[derive(Debug, Clone, Default, Entity)]
#[entity(table = "comment", wire = "django_comments.Comment", title = "comment")]
pub struct Comment {
    #[doc = "Id"]
    pub id: Id,
    /// What it is about: `app.model`
    #[field(secret)]
    pub kind: String,
    /// Id of what it is about
    #[field(secret)]
    pub object_id: i32,
    /// User
    pub user: Option<Fk<Member>>,
    /// Name at the time of posting
    #[field(max = 150)]
    pub user_name: String,
    /// Address at the time of posting
    #[field(max = 254)]
    pub user_email: String,
    /// Home page; always empty
    #[field(max = 200)]
    pub user_url: String,
    /// Comment
    pub comment: String,
    /// Posted at
    pub submit_date: DateTime<Utc>,
    /// Is public
    pub is_public: bool,
    /// Is removed
    pub is_removed: bool,
}

impl Relations for Comment {}

/// What can carry comments. The number is what clients see as content type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// A test case.
    TestCase,
    /// A test execution.
    TestExecution,
    /// A bug.
    Bug,
}

impl Subject {
    /// As stored: `app.model`.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::TestCase => "testcases.testcase",
            Self::TestExecution => "testruns.testexecution",
            Self::Bug => "bugs.bug",
        }
    }

    /// Number of the content type on the wire.
    pub const fn content_type(self) -> i32 {
        match self {
            Self::TestCase => 1,
            Self::TestExecution => 2,
            Self::Bug => 3,
        }
    }
}

/// Posts a comment. Only a superuser can post for somebody else or at another time.
pub async fn add(
    ctx: &mut Ctx,
    subject: Subject,
    object: Id,
    comment: String,
    author: Option<Id>,
    at: Option<DateTime<Utc>>,
) -> Result<Comment> {
    let user = ctx.user()?;
    let superuser = user.is_superuser;
    let (id, user_name, user_email) = match author.filter(|_| superuser) {
        None => (user.id, user.username.clone(), user.email.clone()),
        Some(other) => {
            let member: Member = ctx.get(other).await?;
            (member.id, member.username, member.email)
        }
    };
    let mut row = Comment {
        id: 0,
        kind: subject.kind().to_owned(),
        object_id: object,
        user: Some(Fk::new(id)),
        user_name,
        user_email,
        user_url: String::new(),
        comment,
        submit_date: at.filter(|_| superuser).unwrap_or(ctx.now),
        is_public: true,
        is_removed: false,
    };
    ctx.insert(&mut row).await?;
    match subject {
        Subject::TestCase => notify::test_case_commented(ctx, object, &row.comment).await?,
        Subject::Bug => notify::bug_commented(ctx, object, &row.comment).await?,
        Subject::TestExecution => {}
    }
    Ok(row)
}

/// Posts comments in the name of the caller, with one statement.
pub async fn add_many(ctx: &mut Ctx, subject: Subject, comments: Vec<(Id, String)>) -> Result<()> {
    let user = ctx.user()?;
    let row = |(object_id, comment)| Comment {
        id: 0,
        kind: subject.kind().to_owned(),
        object_id,
        user: Some(Fk::new(user.id)),
        user_name: user.username.clone(),
        user_email: user.email.clone(),
        user_url: String::new(),
        comment,
        submit_date: ctx.now,
        is_public: true,
        is_removed: false,
    };
    let mut rows: Vec<Comment> = comments.into_iter().map(row).collect();
    ctx.insert_many(&mut rows).await
}

/// The comments on something, oldest first.
pub async fn list(ctx: &mut Ctx, subject: Subject, object: Id) -> Result<Vec<Comment>> {
    let conditions = [
        ("kind", subject.kind().into()),
        ("object_id", object.into()),
        ("is_removed", false.into()),
    ];
    Ok(repository::find(ctx.conn(), &conditions).await?)
}

/// Deletes one comment on something, or all of them.
pub async fn remove(
    ctx: &mut Ctx,
    subject: Subject,
    object: Id,
    comment: Option<Id>,
) -> Result<()> {
    sql::query(
        "DELETE FROM comment
         WHERE kind = $1 AND object_id = $2 AND ($3::int4 IS NULL OR id = $3)",
    )
    .bind(subject.kind())
    .bind(object)
    .bind(comment)
    .execute(ctx.conn())
    .await?;
    Ok(())
}

/// Refuses a missing comment text the way the database would.
pub fn required(comment: Option<String>) -> Result<String> {
    comment.ok_or_else(|| {
        Error::refused(
            "null value in column \"comment\" of relation \"comment\" violates not-null constraint",
        )
    })
}
