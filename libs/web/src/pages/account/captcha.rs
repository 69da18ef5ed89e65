//! The picture that tells people from programs: in forms, and by itself.

use axum::extract::Path;
use axum::response::IntoResponse;
use domain::{Domain, captcha};
use http::header;
use views::page::AccountForm;

use crate::error::{Error, Result};
use crate::form::Form;
use crate::visitor::Visitor;

/// `GET /captcha/image/<key>/`; larger screens may ask for `<key>@2`, which is the same drawing.
pub(crate) async fn image(visitor: Visitor, Path(key): Path<String>) -> Result {
    let key = key.strip_suffix("@2").unwrap_or(&key);
    let picture = captcha::picture(&visitor.request.domain, key).await?;
    let picture = picture.ok_or(Error::NotFound)?;
    let headers = [
        (header::CONTENT_TYPE, "image/svg+xml"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, picture).into_response())
}

/// Puts a new picture into a form, where the settings ask for one.
pub(super) async fn with_picture(domain: &Domain, form: AccountForm) -> Result<AccountForm> {
    let captcha = if domain.settings().captcha {
        Some(captcha::ask(domain).await?)
    } else {
        None
    };
    Ok(AccountForm { captcha, ..form })
}

/// Checks the letters that were typed, where the settings ask for them.
pub(super) async fn check(domain: &Domain, form: &Form) -> domain::Result<()> {
    if !domain.settings().captcha {
        return Ok(());
    }
    let key = form.get("captcha_0").unwrap_or_default();
    let answer = form.get("captcha_1").unwrap_or_default();
    captcha::check(domain, key, answer).await
}
