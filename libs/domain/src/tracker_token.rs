//! Personal API tokens: what somebody shows to an issue tracker in place of what the tenant shares.
//!
//! A token is seen, changed and used by its owner only, in the tenant that it was entered in, and for
//! the tracker with exactly its base URL. Its password is sealed and never returned.

use entity::{Id, Map, sql};
use sqlx::{PgConnection, Row as _};

use crate::bug_system::Kind;
use crate::seal::{self, Seal};
use crate::tracker::{self, Credentials};
use crate::{Ctx, Error, FieldErrors, Request, Result, form};

/// Who may see one's own.
pub const VIEW: &str = "trackers_integration.view_apitoken";
/// Who may add some.
pub const ADD: &str = "trackers_integration.add_apitoken";
/// Who may change one's own.
pub const CHANGE: &str = "trackers_integration.change_apitoken";
/// Who may delete one's own.
pub const DELETE: &str = "trackers_integration.delete_apitoken";

/// Longest user name and password.
const LONGEST: usize = 256;
/// Longest base URL, in bytes: an index holds it.
const LONGEST_URL: usize = 1024;

const UNKNOWN: Error = Error::NotFound { entity: "APIToken" };

/// A token as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq, macros::Row)]
pub struct TrackerToken {
    /// Its number.
    pub id: Id,
    /// Base URL of the tracker.
    pub base_url: String,
    /// User name; empty if the tracker needs none.
    pub api_username: String,
}

/// What was typed.
#[derive(Clone, Default)]
pub struct Entered {
    /// Base URL of the tracker.
    pub base_url: String,
    /// User name.
    pub api_username: String,
    /// Password or token; empty for the one that is stored.
    pub api_password: String,
}

/// What became of sealed passwords when the key changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Resealed {
    /// Sealed with the new key now.
    pub resealed: u64,
    /// Of a key that is not known: their owners have to enter them again.
    pub unreadable: u64,
}

/// The caller's tokens in this tenant, by base URL.
pub async fn list(request: &Request) -> Result<Vec<TrackerToken>> {
    let sees = if request.caller.may(CHANGE) {
        CHANGE
    } else {
        VIEW
    };
    let owner = owner(request, sees)?;
    let mut tx = request.domain.tenancy().begin_platform().await?;
    let tokens = sql::query_as(
        "SELECT id, base_url, api_username
         FROM platform.tracker_token
         WHERE owner_id = $1
           AND tenant_id = $2
         ORDER BY base_url",
    )
    .bind(owner)
    .bind(request.tenant.id.0)
    .fetch_all(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(tokens)
}

/// One of the caller's tokens in this tenant, for somebody who may do with it what the permission
/// says.
pub async fn find(request: &Request, id: Id, permission: &'static str) -> Result<TrackerToken> {
    let owner = owner(request, permission)?;
    let mut tx = request.domain.tenancy().begin_platform().await?;
    let found = sql::query_as(
        "SELECT id, base_url, api_username
         FROM platform.tracker_token
         WHERE id = $1
           AND owner_id = $2
           AND tenant_id = $3",
    )
    .bind(id)
    .bind(owner)
    .bind(request.tenant.id.0)
    .fetch_optional(tx.conn())
    .await?;
    tx.commit().await?;
    found.ok_or(UNKNOWN)
}

/// Base URLs of the trackers of this tenant that a token can be for.
pub async fn base_urls(request: &Request) -> Result<Vec<String>> {
    let mut ctx = request.begin_read().await?;
    let trackers: Vec<(String, String)> = sql::query_as(
        "SELECT DISTINCT base_url, tracker_type
         FROM bug_system
         WHERE base_url <> ''
         ORDER BY base_url",
    )
    .fetch_all(ctx.conn())
    .await?;
    ctx.commit().await?;
    let mut urls: Vec<String> = trackers
        .into_iter()
        .filter(|(url, kind)| Kind::of(kind).is_outside() && is_web_address(url))
        .map(|(url, _)| url)
        .collect();
    urls.dedup();
    Ok(urls)
}

/// Adds a token of the caller.
pub async fn add(request: &Request, entered: &Entered) -> Result<Id> {
    let owner = owner(request, ADD)?;
    let mut errors = check(request, entered, None).await?;
    if entered.api_password.is_empty() && !errors.has("api_password") {
        errors.add("api_password", form::REQUIRED);
    }
    errors.into_result()?;
    let tenant = request.tenant.id.0;
    let mut tx = request.domain.tenancy().begin_platform().await?;
    let seal = seal::credentials_to_write(&request.domain, tx.conn()).await?;
    let sealed = close(&seal, owner, tenant, entered)?;
    let id: Option<Id> = sql::query_scalar(
        "INSERT INTO platform.tracker_token
             (owner_id, tenant_id, base_url, api_username, api_password, key_id)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT DO NOTHING
         RETURNING id",
    )
    .bind(owner)
    .bind(tenant)
    .bind(&entered.base_url)
    .bind(&entered.api_username)
    .bind(sealed)
    .bind(seal.id())
    .fetch_optional(tx.conn())
    .await?;
    let id = id.ok_or_else(taken)?;
    tx.commit().await?;
    Ok(id)
}

/// Changes a token of the caller. Without a password the stored one stays, which was meant for the
/// tracker that it was entered for: another one needs another password.
pub async fn change(request: &Request, id: Id, entered: &Entered) -> Result<()> {
    let old = find(request, id, CHANGE).await?;
    let mut errors = check(request, entered, Some(&old)).await?;
    let is_moved = old.base_url != entered.base_url;
    if is_moved && entered.api_password.is_empty() && !errors.has("api_password") {
        let text = format!(
            "Enter the password for this tracker; the stored one was meant for {}.",
            old.base_url
        );
        errors.add("api_password", text);
    }
    errors.into_result()?;
    let (owner, tenant) = (owner(request, CHANGE)?, request.tenant.id.0);
    let mut tx = request.domain.tenancy().begin_platform().await?;
    let is_taken: bool = sql::query_scalar(
        "SELECT EXISTS (SELECT
                        FROM platform.tracker_token
                        WHERE owner_id = $1
                          AND tenant_id = $2
                          AND base_url = $3
                          AND id <> $4)",
    )
    .bind(owner)
    .bind(tenant)
    .bind(&entered.base_url)
    .bind(id)
    .fetch_one(tx.conn())
    .await?;
    if is_taken {
        return Err(taken());
    }
    let (sealed, key_id) = if entered.api_password.is_empty() {
        (None, None)
    } else {
        let seal = seal::credentials_to_write(&request.domain, tx.conn()).await?;
        let sealed = close(&seal, owner, tenant, entered)?;
        (Some(sealed), Some(seal.id().to_owned()))
    };
    // without a password only what still is for the same tracker
    let done = sql::query(
        "UPDATE platform.tracker_token
         SET base_url = $4,
             api_username = $5,
             api_password = COALESCE($6, api_password),
             key_id = COALESCE($7, key_id)
         WHERE id = $1
           AND owner_id = $2
           AND tenant_id = $3
           AND ($6 IS NOT NULL OR base_url = $4)",
    )
    .bind(id)
    .bind(owner)
    .bind(tenant)
    .bind(&entered.base_url)
    .bind(&entered.api_username)
    .bind(sealed)
    .bind(key_id)
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 0 {
        return Err(UNKNOWN);
    }
    tx.commit().await?;
    Ok(())
}

/// Deletes a token of the caller.
pub async fn delete(request: &Request, id: Id) -> Result<()> {
    let owner = owner(request, DELETE)?;
    let mut tx = request.domain.tenancy().begin_platform().await?;
    let done = sql::query(
        "DELETE FROM platform.tracker_token
         WHERE id = $1
           AND owner_id = $2
           AND tenant_id = $3",
    )
    .bind(id)
    .bind(owner)
    .bind(request.tenant.id.0)
    .execute(tx.conn())
    .await?;
    tx.commit().await?;
    if done.rows_affected() == 0 {
        return Err(UNKNOWN);
    }
    Ok(())
}

/// What the caller has entered in this tenant for the tracker with this base URL.
pub(crate) async fn of_caller(ctx: &mut Ctx, base_url: &str) -> Result<Option<Credentials>> {
    let Some(owner) = ctx.caller().id() else {
        return Ok(None);
    };
    let (domain, tenant) = (ctx.domain().clone(), ctx.tenant().id.0);
    // a call that waits for a second connection while it holds one can wait for itself
    if ctx.tenant().is_beside_platform() {
        return read(&domain, ctx.conn(), owner, tenant, base_url).await;
    }
    let mut tx = domain.tenancy().begin_platform().await?;
    let found = read(&domain, tx.conn(), owner, tenant, base_url).await?;
    tx.commit().await?;
    Ok(found)
}

async fn read(
    domain: &crate::Domain,
    conn: &mut PgConnection,
    owner: Id,
    tenant: i32,
    base_url: &str,
) -> Result<Option<Credentials>> {
    let row = sql::query(
        "SELECT api_username, api_password, key_id
         FROM platform.tracker_token
         WHERE owner_id = $1
           AND tenant_id = $2
           AND base_url = $3",
    )
    .bind(owner)
    .bind(tenant)
    .bind(base_url)
    .fetch_optional(&mut *conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let seal = seal::credentials(domain, conn).await?;
    let key_id: &str = row.try_get("key_id")?;
    let sealed: &[u8] = row.try_get("api_password")?;
    let opened = seal.open(sealed, &about(owner, tenant, base_url));
    let Ok(password) = opened else {
        let is_other_key = key_id != seal.id();
        tracing::warn!(
            event = "tracker_token_unreadable",
            owner,
            is_other_key,
            "a personal API token cannot be opened"
        );
        return Err(Error::Conflict(format!(
            "your personal API token for {base_url} cannot be read any more, because the server has \
             another secret key: enter its password again"
        )));
    };
    Ok(Some(Credentials {
        username: row.try_get("api_username")?,
        password: String::from_utf8(password).map_err(anyhow::Error::from)?,
        is_personal: true,
    }))
}

/// Seals with the new key what one of the old ones opens, in one statement.
pub(crate) async fn reseal(conn: &mut PgConnection, olds: &[Seal], new: &Seal) -> Result<Resealed> {
    let rows = sql::query(
        "SELECT id, owner_id, tenant_id, base_url, api_password, key_id
         FROM platform.tracker_token
         WHERE key_id <> $1
         FOR UPDATE",
    )
    .bind(new.id())
    .fetch_all(&mut *conn)
    .await?;
    let (mut ids, mut sealed) = (Vec::<Id>::new(), Vec::<Vec<u8>>::new());
    for row in &rows {
        let key_id: &str = row.try_get("key_id")?;
        let base_url: &str = row.try_get("base_url")?;
        let about = about(
            row.try_get("owner_id")?,
            row.try_get("tenant_id")?,
            base_url,
        );
        let opened = olds
            .iter()
            .find(|old| old.id() == key_id)
            .map(|old| old.open(row.try_get("api_password")?, &about));
        if let Some(Ok(text)) = opened {
            ids.push(row.try_get("id")?);
            sealed.push(new.close(&text, &about)?);
        }
    }
    sql::query(
        "UPDATE platform.tracker_token t
         SET api_password = n.api_password,
             key_id = $3
         FROM unnest($1::integer[], $2::bytea[]) AS n (id, api_password)
         WHERE t.id = n.id",
    )
    .bind(&ids)
    .bind(&sealed)
    .bind(new.id())
    .execute(conn)
    .await?;
    let resealed = ids.len() as u64;
    Ok(Resealed {
        resealed,
        unreadable: rows.len() as u64 - resealed,
    })
}

/// Id of the caller, who must have the permission.
fn owner(request: &Request, permission: &'static str) -> Result<Id> {
    let user = request.caller.user().ok_or(Error::Forbidden("login"))?;
    if request.caller.may(permission) {
        Ok(user.id)
    } else {
        Err(Error::Forbidden(permission))
    }
}

/// What is wrong with what was typed, whatever the password is for. The base URL of the stored token
/// stays good when its tracker has gone.
async fn check(
    request: &Request,
    entered: &Entered,
    stored: Option<&TrackerToken>,
) -> Result<FieldErrors> {
    let mut errors = FieldErrors::default();
    let url = entered.base_url.as_str();
    if url.is_empty() {
        errors.add("base_url", form::REQUIRED);
    } else if stored.is_none_or(|stored| stored.base_url != url) {
        if base_urls(request).await?.iter().any(|known| known == url) {
            let values = Map::from_iter([("base_url".into(), url.into())]);
            match tracker::check_addresses(&request.domain, &values).await {
                Err(Error::Invalid(found)) => errors.0.extend(found.0),
                other => other?,
            }
        } else {
            errors.add("base_url", form::CHOICE);
        }
    }
    for (field, text) in [
        ("api_username", &entered.api_username),
        ("api_password", &entered.api_password),
    ] {
        if text.chars().count() > LONGEST {
            errors.add(field, format!("At most {LONGEST} characters are allowed."));
        } else if text.contains('\0') {
            errors.add(field, "Null characters are not allowed.");
        }
    }
    Ok(errors)
}

fn taken() -> Error {
    Error::field("base_url", "You have a token for this tracker already.")
}

/// An address that credentials may be sent to.
fn is_web_address(text: &str) -> bool {
    let is_safe = |url: url::Url| {
        matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
    };
    text.len() <= LONGEST_URL && url::Url::parse(text).is_ok_and(is_safe)
}

fn close(seal: &Seal, owner: Id, tenant: i32, entered: &Entered) -> Result<Vec<u8>> {
    let about = about(owner, tenant, &entered.base_url);
    Ok(seal.close(entered.api_password.as_bytes(), &about)?)
}

/// Where a sealed password belongs.
fn about(owner: Id, tenant: i32, base_url: &str) -> Vec<u8> {
    format!("tracker token {owner} {tenant} {base_url}").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::is_web_address;

    #[test]
    fn ten_016_credentials_go_to_web_addresses_only() {
        for good in ["https://t.example", "http://10.0.0.1:8080/redmine/"] {
            assert!(is_web_address(good), "{good}");
        }
        let long = format!("https://t.example/{}", "x".repeat(1024));
        for bad in [
            "",
            "t.example",
            "ftp://t.example",
            "javascript:alert(1)",
            "https://ann@t.example",
            "https://ann:word@t.example",
            "https://",
            &long,
        ] {
            assert!(!is_web_address(bad), "{bad}");
        }
    }
}
