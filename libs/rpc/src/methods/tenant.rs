//! `Tenant.*`

use domain::{Ctx, Error, Result, tenants};
use entity::{Map, Value, python};
use macros::rpc;

use super::argument::is_empty;
use crate::Method;

/// Lets people into this tenant by their addresses; whoever has no account gets one. May be called by
/// everybody who may enter the tenant, unless it is the public one. They are told by mail, if wanted. `success` and `errored` hold the
/// addresses as they were sent.
#[rpc("Tenant.invite", login, tenants, context)]
async fn invite(ctx: &mut Ctx, email_addresses: Value, notify_via_email: Value) -> Result<Map> {
    let addresses: Vec<Value> = match email_addresses {
        Value::List(addresses) => addresses,
        // a text is a list of letters to old clients, none of which is an address
        Value::Text(text) => text.chars().map(|c| c.to_string().into()).collect(),
        other => {
            let kind = python::type_name(&other);
            return Err(Error::Type(format!(
                "email_addresses must be a list, not {kind}"
            )));
        }
    };
    let texts: Vec<String> = addresses
        .iter()
        .map(|address| {
            if address.is_null() {
                String::new()
            } else {
                python::text(address)
            }
        })
        .collect();
    let invited = tenants::invite(ctx, &texts, !is_empty(Some(&notify_via_email))).await?;
    let (mut success, mut errored) = (vec![], vec![]);
    for (address, done) in addresses.into_iter().zip(invited) {
        if done {
            success.push(address);
        } else {
            errored.push(address);
        }
    }
    Ok(Map::from_iter([
        ("success".into(), success.into()),
        ("errored".into(), errored.into()),
    ]))
}

pub(super) const METHODS: &[Method] = &[INVITE];
