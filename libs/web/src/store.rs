//! Sessions for state of pages: tower-sessions on the store of the product.
//!
//! The key is the same that the session cookie carries: 32 hexadecimal digits are the 128 bits of
//! an [`Id`].

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use domain::{Domain, session};
use time::OffsetDateTime;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result, SessionStore};
use tower_sessions::{Expiry, Session};

/// Keeps the data of sessions in the database of the platform.
#[derive(Clone)]
pub struct Store(Domain);

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Store")
    }
}

impl Store {
    /// The store of a product.
    pub fn new(domain: Domain) -> Self {
        Self(domain)
    }

    /// The session with this key, to be read when it is asked for something.
    pub fn session(&self, key: &str) -> Option<Session> {
        let id = i128::from_ne_bytes(u128::from_str_radix(key, 16).ok()?.to_ne_bytes());
        let age = time::Duration::try_from(self.0.settings().session_age).ok()?;
        Some(Session::new(
            Some(Id(id)),
            Arc::new(self.clone()),
            Some(Expiry::OnInactivity(age)),
        ))
    }
}

/// The key of a session.
fn key(id: Id) -> String {
    format!("{:032x}", u128::from_ne_bytes(id.0.to_ne_bytes()))
}

fn backend(error: &dyn fmt::Display) -> Error {
    Error::Backend(error.to_string())
}

#[async_trait]
impl SessionStore for Store {
    async fn create(&self, record: &mut Record) -> Result<()> {
        while session::load_record(&self.0, &key(record.id))
            .await
            .map_err(|e| backend(&e))?
            .is_some()
        {
            record.id = Id::default();
        }
        self.save(record).await
    }

    async fn save(&self, record: &Record) -> Result<()> {
        let data = serde_json::to_value(&record.data).map_err(|e| Error::Encode(e.to_string()))?;
        let expires_at = chrono::DateTime::from_timestamp(record.expiry_date.unix_timestamp(), 0);
        let expires_at =
            expires_at.ok_or_else(|| Error::Encode("end of the session".to_owned()))?;
        let stored = session::Record { data, expires_at };
        session::save_record(&self.0, &key(record.id), &stored)
            .await
            .map_err(|e| backend(&e))
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let found = session::load_record(&self.0, &key(*id))
            .await
            .map_err(|e| backend(&e))?;
        let Some(found) = found else { return Ok(None) };
        Ok(Some(Record {
            id: *id,
            data: serde_json::from_value(found.data).map_err(|e| Error::Decode(e.to_string()))?,
            expiry_date: OffsetDateTime::from_unix_timestamp(found.expires_at.timestamp())
                .map_err(|e| Error::Decode(e.to_string()))?,
        }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        session::delete_record(&self.0, &key(*id))
            .await
            .map_err(|e| backend(&e))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_ids_are_the_same_bits() {
        for text in [
            "00000000000000000000000000000001",
            "ffeeddccbbaa99887766554433221100",
        ] {
            let id = i128::from_ne_bytes(
                u128::from_str_radix(text, 16)
                    .expect("hexadecimal digits")
                    .to_ne_bytes(),
            );
            assert_eq!(key(Id(id)), text);
        }
    }
}
