//! What a provider says about a person.

use serde_json::{Map, Value};

use crate::Provider;

/// Somebody whom a provider knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Who says so.
    pub issuer: String,
    /// What the provider calls the person for ever.
    pub subject: String,
    /// User name.
    pub username: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Whether the provider has made sure that the address is the person's own.
    pub email_verified: bool,
    /// First name; empty when it is not told.
    pub first_name: String,
    /// Last name; empty when it is not told.
    pub last_name: String,
    /// Groups at the provider.
    pub groups: Vec<String>,
}

/// True if the claims say what is wanted; otherwise it is worth asking the provider for more.
pub(crate) fn suffice(provider: &Provider, claims: &Map<String, Value>) -> bool {
    let has = |name: &str| text(claims, name).is_some();
    has(&provider.username_claim)
        && has(&provider.email_claim)
        && (provider.groups_claim.is_empty() || claims.contains_key(&provider.groups_claim))
}

/// Adds what is new in `more`. An address and the word for it come from the same place.
pub(crate) fn complete(
    provider: &Provider,
    claims: &mut Map<String, Value>,
    more: Map<String, Value>,
) {
    if text(claims, &provider.email_claim).is_none() {
        claims.remove(&provider.email_claim);
        claims.remove(VERIFIED);
    }
    let has_address = claims.contains_key(&provider.email_claim);
    for (name, value) in more {
        if (!has_address || name != VERIFIED) && !value.is_null() {
            claims.entry(name).or_insert(value);
        }
    }
}

/// The claim that an address is verified; it speaks of the claim `email` only.
const VERIFIED: &str = "email_verified";

/// The person that the claims describe.
pub(crate) fn person(
    provider: &Provider,
    issuer: String,
    subject: String,
    claims: &Map<String, Value>,
) -> Person {
    let is_true = match claims.get(VERIFIED) {
        Some(Value::Bool(yes)) => *yes,
        Some(Value::String(word)) => word == "true",
        _ => false,
    };
    let name = text(claims, "name").unwrap_or_default();
    let (first, last) = name.rsplit_once(' ').unwrap_or((name, ""));
    let part = |claim: &str, of_name: &str| text(claims, claim).unwrap_or(of_name).to_owned();
    Person {
        issuer,
        subject,
        username: text(claims, &provider.username_claim).map(str::to_owned),
        email: text(claims, &provider.email_claim).map(str::to_owned),
        email_verified: is_true && provider.email_claim == "email",
        first_name: part("given_name", first),
        last_name: part("family_name", last),
        groups: match claims.get(&provider.groups_claim) {
            Some(Value::Array(items)) => {
                let texts = items.iter().filter_map(Value::as_str);
                texts.map(str::to_owned).collect()
            }
            Some(Value::String(one)) => vec![one.clone()],
            _ => vec![],
        },
    }
}

fn text<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    let text = claims.get(name)?.as_str()?.trim();
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn provider(email_claim: &str) -> Provider {
        Provider {
            id: "x".to_owned(),
            name: "X".to_owned(),
            issuer: "https://x.example".to_owned(),
            client_id: "kiwi".to_owned(),
            client_secret: None,
            scopes: vec![],
            audiences: vec![],
            username_claim: "preferred_username".to_owned(),
            email_claim: email_claim.to_owned(),
            groups_claim: "groups".to_owned(),
        }
    }

    fn map(value: Value) -> Map<String, Value> {
        match value {
            Value::Object(map) => map,
            _ => panic!("an object"),
        }
    }

    fn read(provider: &Provider, claims: &Map<String, Value>) -> Person {
        person(provider, "i".to_owned(), "s".to_owned(), claims)
    }

    #[test]
    fn ent_004_only_the_word_of_the_provider_verifies_an_address() {
        let usual = provider("email");
        for (word, expected) in [
            (json!(true), true),
            (json!("true"), true),
            (json!(false), false),
            (json!("false"), false),
            (json!(1), false),
            (json!("yes"), false),
            (Value::Null, false),
        ] {
            let claims = map(json!({"email": "a@b.example", "email_verified": word}));
            assert_eq!(read(&usual, &claims).email_verified, expected, "{claims:?}");
        }
        // the word is about `email`, not about whatever else holds an address
        let claims = map(json!({"upn": "a@b.example", "email_verified": true}));
        let person = read(&provider("upn"), &claims);
        assert_eq!(person.email.as_deref(), Some("a@b.example"));
        assert!(!person.email_verified);
    }

    #[test]
    fn ent_004_the_word_about_one_address_does_not_verify_another() {
        let usual = provider("email");
        let mut claims = map(json!({"sub": "s", "email_verified": true}));
        complete(&usual, &mut claims, map(json!({"email": "a@b.example"})));
        assert!(!read(&usual, &claims).email_verified);
        let mut claims = map(json!({"email": "a@b.example"}));
        let more = json!({"email": "other@b.example", "email_verified": true});
        complete(&usual, &mut claims, map(more));
        let person = read(&usual, &claims);
        assert_eq!(person.email.as_deref(), Some("a@b.example"));
        assert!(!person.email_verified);
    }

    #[test]
    fn names_and_groups() {
        let claims = map(json!({"name": "Ann Mary Lee", "groups": ["qa", 1, "dev"], "email": " "}));
        let person = read(&provider("email"), &claims);
        assert_eq!(
            (&*person.first_name, &*person.last_name),
            ("Ann Mary", "Lee")
        );
        assert_eq!(person.groups, ["qa", "dev"]);
        assert_eq!(person.email, None);
        assert!(!suffice(&provider("email"), &claims));
    }
}
