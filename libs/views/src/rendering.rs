//! Templates, filled.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use fluent_bundle::FluentArgs;
use handlebars::Handlebars;
use rust_embed::RustEmbed;
use serde::Serialize;

use crate::page::{Fragment, Page, Title};
use crate::{Assets, Chrome, Error, Result, Statuses, StoredStatus, Translations, helper};

#[derive(RustEmbed)]
#[folder = "templates/"]
pub(crate) struct Templates;

const EXTENSION: &str = ".hbs";

/// The template around every page.
const LAYOUT: &str = "layout";

/// All pages; made once, shared by everybody who renders.
#[derive(Clone)]
pub struct Views {
    registry: Arc<Handlebars<'static>>,
    /// Where templates are read from at every rendering.
    directory: Option<PathBuf>,
    translations: Arc<Translations>,
    assets: Arc<Assets>,
}

/// What every template sees.
#[derive(Serialize)]
struct Root<'a, T> {
    chrome: &'a Chrome,
    /// Path of the template of the page.
    template: &'static str,
    title: &'a str,
    body: &'static str,
    class: &'static str,
    page: &'a T,
}

impl Views {
    /// Reads everything that is embedded in the program.
    pub fn new() -> Result<Self> {
        Self::open(None)
    }

    /// Like [`Views::new`]; with a directory, debug builds read the templates from there at every
    /// rendering, so that an edit is seen at once.
    pub fn open(directory: Option<&Path>) -> Result<Self> {
        let translations = Arc::new(Translations::new()?);
        let assets = Arc::new(Assets::new()?);
        let directory = directory.filter(|_| cfg!(debug_assertions));
        Ok(Self {
            registry: Arc::new(registry(directory, &translations, &assets)?),
            directory: directory.map(Path::to_owned),
            translations,
            assets,
        })
    }

    /// A whole document.
    pub fn render<P: Page>(&self, chrome: &Chrome, page: &P) -> Result<String> {
        let title = self.title(&page.title(), &chrome.language);
        let root = Root {
            chrome,
            template: P::TEMPLATE,
            title: &title,
            body: P::BODY,
            class: page.class(),
            page,
        };
        self.fill(LAYOUT, &root)
    }

    /// A piece of a document; of `chrome` only language, token and clock matter.
    pub fn fragment<F: Fragment>(&self, chrome: &Chrome, fragment: &F) -> Result<String> {
        let root = Root {
            chrome,
            template: F::TEMPLATE,
            title: "",
            body: "",
            class: "",
            page: fragment,
        };
        self.fill(F::TEMPLATE, &root)
    }

    /// Statuses with their looks, keys and words.
    pub fn statuses(&self, stored: Vec<StoredStatus>, language: &str) -> Statuses {
        Statuses::new(stored, &self.translations, language)
    }

    /// The static files.
    pub fn assets(&self) -> &Assets {
        &self.assets
    }

    /// The words.
    pub fn translations(&self) -> &Translations {
        &self.translations
    }

    /// A message with numbers in it; its key where there is none.
    pub fn words(&self, language: &str, key: &str, numbers: &[(&'static str, i64)]) -> String {
        let mut arguments = FluentArgs::new();
        for (name, number) in numbers {
            arguments.set(*name, *number);
        }
        self.translations
            .message(language, key, Some(&arguments))
            .unwrap_or_else(|| key.to_owned())
    }

    fn title(&self, title: &Title<'_>, language: &str) -> String {
        let mut arguments = FluentArgs::new();
        arguments.set("id", title.id.map(|id| id.to_string()).unwrap_or_default());
        arguments.set("name", title.name);
        self.translations
            .message(language, title.key, Some(&arguments))
            .unwrap_or_else(|| title.key.to_owned())
    }

    fn fill<T: Serialize>(&self, name: &'static str, data: &T) -> Result<String> {
        let rendered = match &self.directory {
            Some(directory) => {
                registry(Some(directory), &self.translations, &self.assets)?.render(name, data)
            }
            None => self.registry.render(name, data),
        };
        rendered.map_err(|source| Error::Render {
            name,
            source: Box::new(source),
        })
    }
}

fn registry(
    directory: Option<&Path>,
    translations: &Arc<Translations>,
    assets: &Arc<Assets>,
) -> Result<Handlebars<'static>> {
    let mut registry = Handlebars::new();
    registry.set_strict_mode(true);
    for path in Templates::iter() {
        let Some(name) = path.strip_suffix(EXTENSION) else {
            continue;
        };
        if crate::mail::name_of(&path).is_some() {
            continue;
        }
        match directory {
            Some(directory) => registry.register_template_file(name, directory.join(path.as_ref())),
            None => registry.register_template_string(name, embedded(&path)),
        }
        .map_err(|error| Error::Template {
            name: name.to_owned(),
            reason: error.to_string(),
        })?;
    }
    helper::register(&mut registry, translations, assets);
    Ok(registry)
}

/// A file below `templates/`.
pub(crate) fn embedded(path: &str) -> String {
    Templates::get(path).map_or_else(String::new, |file| {
        String::from_utf8_lossy(&file.data).into_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::gallery;

    #[test]
    fn templates_can_be_read_from_a_directory() {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
        let views = Views::open(Some(&directory)).expect("the directory is complete");
        let embedded = Views::new().expect("embedded files are valid");
        assert_eq!(
            gallery::pictures(&views).expect("renders"),
            gallery::pictures(&embedded).expect("renders"),
        );
    }

    #[test]
    fn a_missing_directory_is_an_error_that_names_a_template() {
        let error = Views::open(Some(Path::new("no-such-directory")))
            .err()
            .map(|error| error.to_string());
        assert!(error.is_some_and(|text| text.starts_with("template ")));
    }
}
