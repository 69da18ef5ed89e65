//! Pictures with letters that tell people from programs, made here and by nobody else.
//!
//! Each has one attempt: the first answer, right or wrong, ends it.

use biosvg::BiosvgBuilder;
use chrono::Duration;
use entity::sql;

use crate::{Domain, Error, Result, random};

/// Letters to be read.
const LETTERS: usize = 4;
/// Lines across them.
const LINES: u16 = 6;
/// How long an answer is waited for.
const LIFE: Duration = Duration::minutes(5);
/// Readable on white.
const COLOURS: [&str; 6] = [
    "#1f4e79", "#7a1f1f", "#1f6b3a", "#5b2a86", "#8a4b00", "#333333",
];

/// Makes a picture and returns its key: 40 hexadecimal digits.
pub async fn ask(domain: &Domain) -> Result<String> {
    let colours = COLOURS.map(str::to_owned).to_vec();
    let builder = BiosvgBuilder::new().length(LETTERS).difficulty(LINES);
    let (answer, picture) = builder
        .colors(colours)
        .build()
        .map_err(|error| Error::Internal(anyhow::anyhow!("no captcha: {error}")))?;
    let key = random::hex(&random::bytes::<20>());
    let mut tx = domain.tenancy().begin_platform().await?;
    sql::query(
        "INSERT INTO platform.captcha (id, answer, picture, expires_at)
         VALUES ($1, $2, $3, $4)",
    )
    .bind(&key)
    .bind(answer.to_lowercase())
    .bind(picture)
    .bind(crate::now() + LIFE)
    .execute(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(key)
}

/// The picture with this key, as SVG.
pub async fn picture(domain: &Domain, key: &str) -> Result<Option<String>> {
    if !is_key(key) {
        return Ok(None);
    }
    let mut tx = domain.tenancy().begin_platform().await?;
    let picture = sql::query_scalar(
        "SELECT picture
         FROM platform.captcha
         WHERE id = $1
           AND expires_at > $2",
    )
    .bind(key)
    .bind(crate::now())
    .fetch_optional(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(picture)
}

/// Whether this is what the picture shows; nobody can answer it again. Complains about the field of
/// the answer.
pub async fn check(domain: &Domain, key: &str, answer: &str) -> Result<()> {
    let refused = || Error::field("captcha_1", "Invalid CAPTCHA");
    if !is_key(key) {
        return Err(refused());
    }
    let mut tx = domain.tenancy().begin_platform().await?;
    let expected: Option<String> = sql::query_scalar(
        "DELETE FROM platform.captcha
         WHERE id = $1
         RETURNING CASE WHEN expires_at > $2 THEN answer ELSE '' END",
    )
    .bind(key)
    .bind(crate::now())
    .fetch_optional(tx.conn())
    .await?;
    tx.commit().await?;
    let answer = answer.trim().to_lowercase();
    match expected {
        Some(expected) if !answer.is_empty() && answer == expected => Ok(()),
        _ => Err(refused()),
    }
}

fn is_key(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
