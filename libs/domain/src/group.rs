//! Groups: sets of permissions, and who has them. Every tenant has its own.

mod defaults;

use entity::{Entity, Id, Relation, Relations, repository, sql};
use sqlx::PgConnection;

pub(crate) use defaults::fill_defaults;
pub use defaults::{
    ADMINISTRATOR, Additions, TESTER, ensure_defaults, ensure_defaults_everywhere, is_default,
};

use crate::member::Member;
use crate::{Ctx, Error, Result, caches, permissions};

/// A set of permissions that people share.
#[derive(Debug, Clone, Default, PartialEq, Eq, Entity)]
#[entity(table = "user_group", wire = "auth.Group", title = "group")]
pub struct Group {
    #[doc = "Id"]
    pub id: Id,
    /// Name
    #[field(max = 150, unique, list, search)]
    pub name: String,
}

impl Relations for Group {
    const RELATIONS: &'static [Relation] = &[
        Relation::Many {
            name: "user",
            to: || Member::META,
            through: "group_member",
            near: "group_id",
            far: "user_id",
        },
        Relation::Many {
            name: "permissions",
            to: || GroupPermission::META,
            through: "(SELECT group_id, hashtext(permission) AS permission_id \
                      FROM group_permission)",
            near: "group_id",
            far: "permission_id",
        },
    ];
}

/// A permission that a group has, for look-ups only.
#[derive(Debug, Clone, Default, Entity)]
#[entity(
    table = "(SELECT DISTINCT hashtext(permission) AS id, \
             split_part(permission, '.', 2) AS codename FROM group_permission)",
    wire = "auth.Permission",
    title = "permission"
)]
pub struct GroupPermission {
    #[doc = "Id"]
    pub id: Id,
    /// Codename
    #[field(max = 100)]
    pub codename: String,
}

impl Relations for GroupPermission {}

/// The permissions of a group, by application, kind and name.
pub async fn permissions(ctx: &mut Ctx, group: Id) -> Result<Vec<String>> {
    ctx.get::<Group>(group).await?;
    let mut names: Vec<String> =
        sql::query_scalar("SELECT permission FROM group_permission WHERE group_id = $1")
            .bind(group)
            .fetch_all(ctx.conn())
            .await?;
    names.sort_by(|a, b| permissions::by_kind(a).cmp(&permissions::by_kind(b)));
    Ok(names)
}

/// Id and user name of the members of a group, by user name.
pub async fn users(ctx: &mut Ctx, group: Id) -> Result<Vec<(Id, String)>> {
    ctx.get::<Group>(group).await?;
    let users = sql::query_as(
        "SELECT m.id, m.username
         FROM group_member g
         JOIN member m ON m.id = g.user_id
         WHERE g.group_id = $1
         ORDER BY m.username",
    )
    .bind(group)
    .fetch_all(ctx.conn())
    .await?;
    Ok(users)
}

/// Refuses the public tenant, whose groups are those of the installation.
pub fn refuse_public(ctx: &Ctx) -> Result<()> {
    if ctx.tenant().is_public() {
        return Err(Error::refused("the public tenant has no groups of its own"));
    }
    Ok(())
}

/// Makes a group without permissions and members.
pub async fn create(ctx: &mut Ctx, name: &str) -> Result<Group> {
    let taken: bool = sql::query_scalar("SELECT EXISTS (SELECT FROM user_group WHERE name = $1)")
        .bind(name)
        .fetch_one(ctx.conn())
        .await?;
    if taken {
        return Err(Error::field("name", "Group with this Name already exists."));
    }
    let mut group = Group {
        id: 0,
        name: name.to_owned(),
    };
    ctx.insert(&mut group).await?;
    Ok(group)
}

/// Gives a group another name.
pub async fn rename(ctx: &mut Ctx, group: Id, name: &str) -> Result<Group> {
    let old: Group = ctx.get_for_update(group).await?;
    refuse_default(&old)?;
    let new = Group {
        id: group,
        name: name.to_owned(),
    };
    ctx.update(&old, &new).await?;
    Ok(new)
}

/// Deletes a group.
pub async fn delete(ctx: &mut Ctx, group: Id) -> Result<()> {
    let old: Group = ctx.get_for_update(group).await?;
    refuse_default(&old)?;
    ctx.delete::<Group>(&[group]).await?;
    forget_rights(ctx);
    Ok(())
}

fn refuse_default(group: &Group) -> Result<()> {
    if is_default(&group.name) {
        let text = format!("group {} can neither be renamed nor deleted", group.name);
        return Err(Error::Refused(text));
    }
    Ok(())
}

/// Gives a permission, `app.codename`, to a group.
pub async fn add_permission(ctx: &mut Ctx, group: Id, permission: &str) -> Result<()> {
    ctx.get::<Group>(group).await?;
    let Some((app, codename)) = permission
        .split_once('.')
        .filter(|(_, rest)| !rest.contains('.'))
    else {
        let text = format!("\"{permission}\" should be: app_label.perm_codename");
        return Err(Error::Refused(text));
    };
    if app.is_empty() || codename.is_empty() {
        return Err(Error::refused("Invalid app_label or codename"));
    }
    let public = ctx.tenant().is_public();
    if !permissions::grantable(public)
        .iter()
        .any(|known| known.name == permission)
    {
        return Err(Error::NotFound {
            entity: "Permission",
        });
    }
    sql::query(
        "INSERT INTO group_permission (group_id, permission)
         VALUES ($1, $2)
         ON CONFLICT DO NOTHING",
    )
    .bind(group)
    .bind(permission)
    .execute(ctx.conn())
    .await?;
    forget_rights(ctx);
    Ok(())
}

/// Takes a permission from a group.
pub async fn remove_permission(ctx: &mut Ctx, group: Id, permission: &str) -> Result<()> {
    sql::query("DELETE FROM group_permission WHERE group_id = $1 AND permission = $2")
        .bind(group)
        .bind(permission)
        .execute(ctx.conn())
        .await?;
    forget_rights(ctx);
    Ok(())
}

/// Puts somebody who may enter the tenant into a group.
pub async fn add_user(ctx: &mut Ctx, group: Id, user: Id) -> Result<()> {
    let group: Group = ctx.get(group).await?;
    let user: Option<Id> =
        sql::query_scalar("SELECT id FROM member WHERE id = $1 AND is_authorised")
            .bind(user)
            .fetch_optional(ctx.conn())
            .await?;
    let user = user.ok_or(Error::NotFound { entity: "User" })?;
    join(ctx.conn(), user, &[group.name]).await?;
    forget_rights_of(ctx, user);
    Ok(())
}

/// Puts somebody who may enter the tenant into a group, by their names.
pub async fn join_by_name(ctx: &mut Ctx, username: &str, group: &str) -> Result<()> {
    let user: Option<Id> =
        sql::query_scalar("SELECT id FROM member WHERE username = $1 AND is_authorised")
            .bind(username)
            .fetch_optional(ctx.conn())
            .await?;
    let user = user.ok_or(Error::NotFound { entity: "User" })?;
    let found: Vec<Group> = repository::find(ctx.conn(), &[("name", group.into())]).await?;
    let group = found
        .into_iter()
        .next()
        .ok_or(Error::NotFound { entity: "Group" })?;
    join(ctx.conn(), user, &[group.name]).await?;
    forget_rights_of(ctx, user);
    Ok(())
}

/// Takes somebody out of a group.
pub async fn remove_user(ctx: &mut Ctx, group: Id, user: Id) -> Result<()> {
    sql::query("DELETE FROM group_member WHERE group_id = $1 AND user_id = $2")
        .bind(group)
        .bind(user)
        .execute(ctx.conn())
        .await?;
    forget_rights_of(ctx, user);
    Ok(())
}

/// Puts a member into the groups with these names, as far as they exist; whether it was missing in
/// one of them. Whoever calls it makes the programs forget that member's rights.
pub(crate) async fn join(conn: &mut PgConnection, user: Id, names: &[String]) -> Result<bool> {
    let done = sql::query(
        "INSERT INTO group_member (group_id, user_id)
         SELECT id, $1
         FROM user_group
         WHERE name = ANY($2)
         ON CONFLICT DO NOTHING",
    )
    .bind(user)
    .bind(names)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() > 0)
}

fn forget_rights_of(ctx: &mut Ctx, user: Id) {
    let key = caches::rights_key(ctx.tenant().id, user);
    ctx.tx().invalidate(caches::RIGHTS, key);
}

fn forget_rights(ctx: &mut Ctx) {
    let tenant = ctx.tenant().id;
    ctx.tx().invalidate(caches::RIGHTS, tenant.to_string());
}
