//! Any document is read or refused; what was read can be written and read again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rpc::xml;

fuzz_target!(|text: &str| {
    let Ok(call) = xml::read(text) else { return };
    let mut again = String::from("<methodCall><methodName>x</methodName><params>");
    for param in &call.params {
        again.push_str("<param>");
        xml::write_value(&mut again, param);
        again.push_str("</param>");
    }
    again.push_str("</params></methodCall>");
    let again = xml::read(&again).expect("our own document is well-formed");
    assert_eq!(again.params.len(), call.params.len());
});
