//! Documents as clients write them, and as they should not.

use chrono::DateTime;
use entity::Value;

use super::*;

fn fault(text: &str) -> String {
    let fault = read(text).expect_err("is refused");
    format!("{} {}", fault.code, fault.message)
}

/// The value between `<value>` and `</value>`.
fn value(inner: &str) -> Result<Value, String> {
    let text = format!(
        "<?xml version='1.0'?><methodCall><methodName>x</methodName><params><param>\n\
         <value>{inner}</value>\n</param></params></methodCall>"
    );
    let mut call = read(&text).map_err(|fault| fault.message)?;
    assert_eq!((call.name.as_str(), call.params.len()), ("x", 1));
    Ok(call.params.remove(0))
}

#[test]
fn every_tag_for_numbers() {
    for tag in ["int", "i1", "i2", "i4", "i8", "biginteger", "ex:i8"] {
        assert_eq!(
            value(&format!("<{tag}>-5</{tag}>")),
            Ok((-5).into()),
            "{tag}"
        );
    }
    assert_eq!(value("<int> +5\n</int>"), Ok(5.into()));
    assert_eq!(value("<int>5000000000</int>"), Ok(5_000_000_000_i64.into()));
    assert_eq!(
        value("<biginteger>1000000000000000000000</biginteger>"),
        Ok(1e21.into())
    );
    for tag in ["double", "float", "bigdecimal"] {
        assert_eq!(
            value(&format!("<{tag}> 1.5 </{tag}>")),
            Ok(1.5.into()),
            "{tag}"
        );
    }
    assert_eq!(value("<float>1</float>"), Ok(1.0.into()));
    for wrong in [
        "<int>abc</int>",
        "<int/>",
        "<int>1.5</int>",
        "<int>1_0</int>",
        "<double>x</double>",
    ] {
        assert!(
            value(wrong).is_err_and(|text| text.starts_with("Invalid request: bad ")),
            "{wrong}"
        );
    }
}

#[test]
fn every_other_tag() {
    assert_eq!(value("<boolean>1</boolean>"), Ok(true.into()));
    assert_eq!(value("<boolean> 0 </boolean>"), Ok(false.into()));
    assert_eq!(value("<boolean>true</boolean>"), Ok(true.into()));
    assert_eq!(value("<nil/>"), Ok(Value::Null));
    assert_eq!(value(" <nil></nil> "), Ok(Value::Null));
    assert_eq!(
        value("<ex:nil xmlns:ex='http://ws.apache.org/x'/>"),
        Ok(Value::Null)
    );
    assert_eq!(
        value("<base64>\n aG\nk= </base64>"),
        Ok(Value::Bytes(b"hi".to_vec()))
    );
    assert_eq!(
        value("<base64>aGk</base64>"),
        Ok(Value::Bytes(b"hi".to_vec()))
    );
    let time = DateTime::from_timestamp(1_704_461_400, 0).expect("is a time");
    for text in [
        "20240105T13:30:00",
        " 2024-01-05T13:30:00Z ",
        "20240105T13:30:00.0",
    ] {
        let inner = format!("<dateTime.iso8601>{text}</dateTime.iso8601>");
        assert_eq!(value(&inner), Ok(time.into()), "{text}");
    }
}

#[test]
fn texts() {
    assert_eq!(value("<string> a </string>"), Ok(" a ".into()));
    assert_eq!(value(" a b "), Ok(" a b ".into()));
    assert_eq!(value(""), Ok("".into()));
    assert_eq!(value("<string/>"), Ok("".into()));
    assert_eq!(
        value("a&amp;b&lt;c&#65;&#x42;&apos;&quot;&gt;"),
        Ok("a&b<cAB'\">".into())
    );
    assert_eq!(value("a<!-- no -->b<![CDATA[<&>]]>c"), Ok("ab<&>c".into()));
    assert_eq!(value("a\r\nb\rc&#13;"), Ok("a\nb\nc\r".into()));
    assert_eq!(value("␃ юникод 🎉"), Ok("␃ юникод 🎉".into()));
    assert_eq!(value("\n <string>a</string>\n "), Ok("a".into()));
}

#[test]
fn containers() {
    assert_eq!(value("<array/>"), Ok(Value::List(vec![])));
    assert_eq!(value("<array><data/></array>"), Ok(Value::List(vec![])));
    let list = "<array>\n<data>\n<value><int>1</int></value> <value>a</value>\n</data>\n</array>";
    assert_eq!(value(list), Ok(Value::List(vec![1.into(), "a".into()])));
    assert_eq!(value("<struct/>"), Ok(Value::object([])));
    let twice = "<struct> <member>\n<name>a</name> <value>1</value>\n</member>\
                 <member><value>2</value><name>a</name></member></struct>";
    assert_eq!(value(twice), Ok(Value::object([("a", "2".into())])));
    assert_eq!(
        value("<struct><member><name>a</name></member></struct>"),
        Err("Invalid request: ResponseError()".to_owned())
    );
}

#[test]
fn depth_is_limited() {
    let nested = |depth: usize| {
        let (open, close) = ("<array><data><value>", "</value></data></array>");
        value(&format!(
            "{}<nil/>{}",
            open.repeat(depth),
            close.repeat(depth)
        ))
    };
    assert!(nested(MAX_DEPTH).is_ok());
    for depth in [MAX_DEPTH + 1, 100_000] {
        let refused = nested(depth).expect_err("is refused");
        assert!(
            refused.contains("nesting deeper than 64 levels"),
            "{refused}"
        );
    }
    let skipped = format!("<methodCall>{}", "<a>".repeat(100_000));
    assert!(fault(&skipped).contains("nesting deeper than 64 levels"));
    let many = value(&format!(
        "<array><data>{}</data></array>",
        "<value/>".repeat(250_000)
    ));
    assert!(many.is_err_and(|text| text.contains("too many values")));
    let unread = format!(
        "<methodCall><methodName>x</methodName><other>{}</other></methodCall>",
        "<a/>".repeat(20_000)
    );
    assert!(fault(&unread).contains("too many elements"));
    let read = "<member><name>n</name><value><int>1</int></value></member>".repeat(100_000);
    assert!(value(&format!("<struct>{read}</struct>")).is_ok());
}

#[test]
fn documents_that_are_not_well_formed() {
    let faults = [
        "",
        "abc",
        "<methodCall>",
        "<a><b></a>",
        "<a></a></b>",
        "<?xml version='1.0'?>",
        "<a",
        "<a>\n<b>&nope;</b></a>",
        "<a>&#0;</a>",
        "<a>&#x7;</a>",
        "<a>\n \u{7}</a>",
        "<a/><b/>",
        "<a/>x",
        "<a>&</a>",
    ]
    .map(fault);
    insta::assert_snapshot!(faults.join("\n"), @r"
    -32700 Parse error, unable to read the request: no element found: line 1, column 0
    -32700 Parse error, unable to read the request: syntax error: line 1, column 0
    -32700 Parse error, unable to read the request: no element found: line 1, column 12
    -32700 Parse error, unable to read the request: mismatched tag: line 1, column 6
    -32700 Parse error, unable to read the request: mismatched tag: line 1, column 7
    -32700 Parse error, unable to read the request: no element found: line 1, column 21
    -32700 Parse error, unable to read the request: unclosed token: line 1, column 0
    -32700 Parse error, unable to read the request: undefined entity: line 2, column 9
    -32700 Parse error, unable to read the request: reference to invalid character number: line 1, column 7
    -32700 Parse error, unable to read the request: reference to invalid character number: line 1, column 8
    -32700 Parse error, unable to read the request: not well-formed (invalid token): line 2, column 1
    -32700 Parse error, unable to read the request: junk after document element: line 1, column 8
    -32700 Parse error, unable to read the request: junk after document element: line 1, column 5
    -32700 Parse error, unable to read the request: not well-formed (invalid token): line 1, column 3
    ");
}

#[test]
fn documents_that_are_no_calls() {
    let faults = [
        "<x/>",
        "<methodCall></methodCall>",
        "<methodResponse/>",
        "<methodCall><params/></methodCall>",
        "<methodCall><methodName></methodName></methodCall>",
        "<methodCall><methodName> \n</methodName></methodCall>",
        "<methodResponse><params><param><value>1</value></param></params></methodResponse>",
        "<methodResponse><fault><value>1</value></fault></methodResponse>",
        "<call><methodName>x</methodName></call>",
        "<methodCall><methodName>a<b/></methodName></methodCall>",
    ]
    .map(fault);
    insta::assert_snapshot!(faults.join("\n"), @r#"
    -32600 Invalid request: ResponseError()
    -32600 Invalid request: ResponseError()
    -32600 Invalid request: ResponseError()
    -32600 Invalid request: Unable to find method name
    -32600 Invalid request: Unable to find method name
    -32600 Invalid request: Unable to find method name
    -32600 Invalid request: Unable to find method name
    -32600 Invalid request: Unable to find method name
    -32600 Invalid request: Unable to find method name
    -32600 Invalid request: ResponseError("unexpected tag 'b'")
    "#);
    assert_eq!(
        value("<foo>1</foo>"),
        Err("Invalid request: ResponseError(\"unknown tag 'foo'\")".into())
    );
    assert_eq!(
        value("<boolean>2</boolean>"),
        Err("Invalid request: bad boolean value".into())
    );
    assert!(value("<dateTime.iso8601>garbage</dateTime.iso8601>").is_err());
    assert!(value("<base64>%</base64>").is_err());
}

#[test]
fn document_types_are_refused() {
    let faults = [
        "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'b'>]><methodCall/>",
        "<!DOCTYPE x [<!ENTITY % b SYSTEM 'file:///etc/passwd'>]><methodCall>&a;</methodCall>",
        "<!DOCTYPE methodCall><methodCall/>",
        "<!DOCTYPE html SYSTEM 'http://example.com/x.dtd'><methodCall/>",
    ]
    .map(fault);
    insta::assert_snapshot!(faults.join("\n"), @r"
    -32700 Security error: EntitiesForbidden(name='a', system_id=None, public_id=None)
    -32700 Security error: EntitiesForbidden(name='b', system_id=None, public_id=None)
    -32700 Security error: DTDForbidden(name='methodCall', system_id=None, public_id=None)
    -32700 Security error: DTDForbidden(name='html', system_id=None, public_id=None)
    ");
}

#[test]
fn calls_as_clients_write_them() {
    let call = read(
        "\u{feff}<?xml version='1.0' encoding='latin-1'?>\n<methodCall>\n  \
                     <methodName> KiwiTCMS.version\n</methodName>\n</methodCall>\n",
    );
    let expected = MethodCall {
        name: "KiwiTCMS.version".to_owned(),
        params: vec![],
    };
    assert_eq!(call, Ok(expected));
    let call = read(
        "<methodCall><methodName>x</methodName><other><a/></other>\
                     <params><param><value>1</value></param><param><value/></param></params>\
                     </methodCall><!-- end -->",
    );
    assert_eq!(
        call.map(|call| call.params),
        Ok(vec!["1".into(), "".into()])
    );
}
