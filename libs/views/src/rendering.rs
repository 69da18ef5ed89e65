//! Templates, filled.

use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;

use handlebars::Handlebars;
use rust_embed::RustEmbed;
use serde::Serialize;

use crate::page::{Fragment, Page};
use crate::{Assets, Chrome, Error, Result, Statuses, StoredStatus, Translations, helper};

#[derive(RustEmbed)]
#[folder = "templates/"]
struct Templates;

const EXTENSION: &str = ".hbs";

/// All pages; made once, shared by everybody who renders.
#[derive(Clone)]
pub struct Views {
    registry: Arc<Handlebars<'static>>,
    translations: Arc<Translations>,
    assets: Arc<Assets>,
}

/// What every template sees.
#[derive(Serialize)]
struct Root<'a, T> {
    chrome: &'a Chrome,
    body: &'static str,
    page: &'a T,
}

impl Views {
    /// Reads everything that is embedded in the program.
    pub fn new() -> Result<Self> {
        Self::open(None)
    }

    /// Like [`Views::new`]; with a directory, debug builds read templates from there at every
    /// rendering, so that an edit is seen at once. New files need a restart.
    pub fn open(directory: Option<&Path>) -> Result<Self> {
        let translations = Arc::new(Translations::new()?);
        let assets = Arc::new(Assets::new()?);
        let directory = directory.filter(|_| cfg!(debug_assertions));
        let mut registry = Handlebars::new();
        registry.set_strict_mode(true);
        registry.set_dev_mode(directory.is_some());
        for path in Templates::iter() {
            let Some(name) = path.strip_suffix(EXTENSION) else {
                continue;
            };
            match directory {
                Some(directory) => {
                    registry.register_template_file(name, directory.join(path.as_ref()))
                }
                None => registry.register_template_string(name, embedded(&path)),
            }
            .map_err(|error| Error::Template {
                name: name.to_owned(),
                reason: error.to_string(),
            })?;
        }
        helper::register(&mut registry, &translations, &assets);
        Ok(Self {
            registry: Arc::new(registry),
            translations,
            assets,
        })
    }

    /// A whole document.
    pub fn render<P: Page>(&self, chrome: &Chrome, page: &P) -> Result<String> {
        let root = Root {
            chrome,
            body: P::BODY,
            page,
        };
        self.fill(P::TEMPLATE, &root)
    }

    /// A piece of a document; of `chrome` only language, token and clock matter.
    pub fn fragment<F: Fragment>(&self, chrome: &Chrome, fragment: &F) -> Result<String> {
        let root = Root {
            chrome,
            body: "",
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

    fn fill<T: Serialize>(&self, name: &'static str, data: &T) -> Result<String> {
        self.registry
            .render(name, data)
            .map_err(|source| Error::Render {
                name,
                source: Box::new(source),
            })
    }
}

fn embedded(path: &str) -> String {
    Templates::get(path).map_or_else(String::new, |file| match file.data {
        Cow::Borrowed(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Cow::Owned(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
    })
}
