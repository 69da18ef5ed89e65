//! The settings of what the server says to browsers, put together.

use web::HeaderSettings;

use super::catalogue::{TENANTS_DOMAIN, security as declared};
use super::layers::Values;
use super::setting::Setting;

/// What probes for other products ask for; nobody needs an answer.
const PROBES: &str = "/servlet/";

/// What every answer says.
pub(super) fn headers(values: &Values) -> Result<HeaderSettings, String> {
    let age = values.number(&declared::HSTS_MAX_AGE);
    let transport_security = (age > 0).then(|| {
        let mut text = format!("max-age={age}");
        for (setting, word) in [
            (&declared::HSTS_SUBDOMAINS, "; includeSubDomains"),
            (&declared::HSTS_PRELOAD, "; preload"),
        ] {
            if values.switch(setting) {
                text.push_str(word);
            }
        }
        text
    });
    Ok(HeaderSettings {
        script_sources: sources(values, &declared::CSP_SCRIPT_SRC)?,
        image_sources: sources(values, &declared::CSP_IMG_SRC)?,
        connect_sources: sources(values, &declared::CSP_CONNECT_SRC)?,
        report_only: values.switch(&declared::CSP_REPORT_ONLY),
        report_uri: report_uri(values)?,
        like_upstream: values.text(&declared::CSP_MODE).as_deref() == Some("upstream"),
        transport_security,
    })
}

/// Where browsers send reports: a path here or an address elsewhere.
fn report_uri(values: &Values) -> Result<Option<String>, String> {
    let setting = &declared::CSP_REPORT_URI;
    let text = sources(values, setting)?;
    let is_address = ["/", "https://", "http://"]
        .iter()
        .any(|start| text.starts_with(start));
    match text.as_str() {
        "" if values.switch(&declared::CSP_REPORT_ONLY) => Err(format!(
            "{}: needed because {} is on; otherwise nobody hears of anything",
            setting.key,
            declared::CSP_REPORT_ONLY.key
        )),
        "" => Ok(None),
        _ if is_address && !text.contains(' ') => Ok(Some(text)),
        _ => Err(format!(
            "{}: expected an address such as https://reports.example.org/csp, got `{text}`",
            setting.key
        )),
    }
}

/// Whom people tell about weaknesses.
pub(super) fn contacts(values: &Values) -> Result<Vec<String>, String> {
    let given = values.list(&declared::CONTACT);
    let fits = |text: &&String| {
        let has_scheme = ["mailto:", "https:", "tel:"]
            .iter()
            .any(|scheme| text.starts_with(scheme));
        has_scheme && text.chars().all(|c| c.is_ascii_graphic())
    };
    match given.iter().find(|text| !fits(text)) {
        Some(text) => Err(format!(
            "{}: expected an address such as mailto:security@example.org, got `{text}`",
            declared::CONTACT.key
        )),
        None => Ok(given),
    }
}

fn sources(values: &Values, setting: &Setting) -> Result<String, String> {
    let text = values.text(setting).unwrap_or_default();
    let fits = |c: char| (c.is_ascii_graphic() && !matches!(c, ';' | ',')) || c == ' ';
    if text.chars().all(fits) {
        Ok(text.trim().to_owned())
    } else {
        Err(format!(
            "{}: expected sources separated by blanks, without `;` and `,`, got `{text}`",
            setting.key
        ))
    }
}

/// Beginnings of paths that are not answered.
pub(super) fn drop_paths(values: &Values) -> Result<Vec<String>, String> {
    let given = match values.get(&declared::DROP_PATHS) {
        Some(_) => values.list(&declared::DROP_PATHS),
        None if values.text(&TENANTS_DOMAIN).is_some() => vec![PROBES.to_owned()],
        None => vec![],
    };
    match given
        .iter()
        .find(|path| !path.starts_with('/') || path.len() < 2)
    {
        Some(path) => Err(format!(
            "{}: expected the beginning of a path such as `/servlet/`, got `{path}`",
            declared::DROP_PATHS.key
        )),
        None => Ok(given),
    }
}
