//! Any document is read or refused; what was read can be written and read again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rpc::Params;
use rpc::json::{self, Call, Document};

fuzz_target!(|text: &str| {
    let calls = match json::read(text, 1000) {
        Ok(Document::Single(call)) => vec![call],
        Ok(Document::Batch(calls)) => calls,
        Err(_) => return,
    };
    for Call { params, .. } in calls {
        let values = match params {
            Params::Positional(values) => values,
            Params::Named(named) => named.into_values().collect(),
        };
        let count = values.len();
        let mut again = String::from(r#"{"jsonrpc":"2.0","method":"x","params":"#);
        json::write_value(&mut again, &values.into());
        again.push('}');
        match json::read(&again, 1000) {
            Ok(Document::Single(Call {
                params: Params::Positional(values),
                ..
            })) => {
                assert_eq!(values.len(), count);
            }
            other => panic!("our own document is read as {other:?}"),
        }
    }
});
