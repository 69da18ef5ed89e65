//! The rows of the security requirements that are about contents.

use super::*;

fn refusal(name: &str, content: impl AsRef<[u8]>) -> Option<String> {
    check(name, None, content.as_ref()).err()
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "it is compared with what a check answers"
)]
fn tag(name: &str) -> Option<String> {
    Some(format!("File contains forbidden tag: <{name}>"))
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "it is compared with what a check answers"
)]
fn attribute(name: &str) -> Option<String> {
    Some(format!("File contains forbidden attribute: `{name}`"))
}

#[test]
fn sec_003_forbidden_text_across_any_block_border_is_found() {
    let offsets = (2040..=2056).chain(65_528..=65_544);
    for offset in offsets.chain([3 * 1024 * 1024 - 2048 - 4]) {
        let filler = "a".repeat(offset);
        let script = format!("{filler}<script>1</script>");
        assert_eq!(refusal("far.svg", script), tag("script"), "at {offset}");
        let load = format!("{filler} onload=1");
        assert_eq!(refusal("far.txt", load), attribute("onload"), "at {offset}");
    }
}

#[test]
fn sec_011_every_listed_tag_and_attribute_is_refused() {
    for name in TAGS {
        let expected = if *name == "frameset" { "frame" } else { name };
        assert_eq!(refusal("a.txt", format!("x <{name}> y")), tag(expected));
        assert_eq!(
            refusal("a.txt", format!("<{}", name.to_uppercase())),
            tag(expected)
        );
    }
    for name in ATTRIBUTES {
        let expected = ATTRIBUTES.iter().find(|known| name.starts_with(**known));
        let expected = attribute(expected.expect("it is its own beginning"));
        for boundary in [' ', '\t', '\n'] {
            let text = format!("x{boundary}{name}=1");
            assert_eq!(refusal("a.txt", &text), expected, "{text}");
            assert_eq!(refusal("a.txt", text.to_uppercase()), expected, "{text}");
        }
    }
    // the lists in full, so that none can get lost
    assert_eq!((TAGS.len(), ATTRIBUTES.len()), (23, 73));
}

#[test]
fn sec_012_event_handlers_of_drawings_are_refused() {
    for text in [
        "<svg width='1' onload=alert(1)>",
        "<image\nonload=alert(1)>",
        "<image\tonload=alert(1)>",
        "<SVG ONLOAD=alert(1)>",
    ] {
        assert_eq!(refusal("x.svg", text), attribute("onload"), "{text}");
    }
}

#[test]
fn sec_013_words_that_only_contain_a_name_pass() {
    for text in [
        "re-onload=1",
        "buttononclick=1",
        "metadata: 5",
        "(javascript:1)",
        "\"data:image",
        "javascript:1",
        "x/onclick",
        "x <svg> </script> &lt;script&gt; < script> <style> <img src=x>",
    ] {
        assert_eq!(refusal("notes.txt", text), None, "{text}");
    }
    for text in ["one onclick foo", "see data: foo", "<headers>"] {
        assert!(refusal("notes.txt", text).is_some(), "{text}");
    }
}

#[test]
fn sec_014_scripts_in_drawings_are_refused_in_any_letter_case() {
    for text in ["<svg><script>1</script>", "<svg><ScRiPt src=x>"] {
        assert_eq!(refusal("x.svg", text), tag("script"), "{text}");
    }
}

#[test]
fn sec_016_programs_are_refused() {
    let refused = Some(EXECUTABLE.to_owned());
    for name in ["hello.exe", "x.exe_renamed", "a.exe.txt", "H.EXE"] {
        assert_eq!(refusal(name, "x"), refused, "{name}");
    }
    assert_eq!(refusal("x.txt", b"MZ\x90\0"), refused);
    assert_eq!(refusal("x.txt", b"\x7fELF\x02"), refused);
    for declared in ["application/x-msdownload", "APPLICATION/X-DOSEXEC; x=y"] {
        assert!(check("x.txt", Some(declared), b"x").is_err(), "{declared}");
    }
    for name in ["exe", "an.ex", "annexe.txt"] {
        assert_eq!(refusal(name, "x"), None, "{name}");
    }
    assert_eq!(check("x", Some("application/octet-stream"), b"x"), Ok(()));
}

#[test]
fn gap_005_markup_has_more_boundaries_and_encodings() {
    for text in [
        "onload=1",
        "<svg/onload=1>",
        "<svg a='1'onload=1>",
        "<svg\ronload=1>",
        "<svg\x0conload=1>",
        "<a href=\"javascript:1\">",
    ] {
        assert!(refusal("x.svg", text).is_some(), "{text:?}");
        assert!(refusal("X.SVG", text).is_some(), "{text:?}");
    }
    // by its content
    assert_eq!(
        refusal("x.txt", "\u{feff} <svg/onload=1>"),
        attribute("onload")
    );
    assert_eq!(refusal("x.log", "<13> a/onload=1"), None);
    assert_eq!(refusal("x.svg", "<svg re-onload=1 x_onload=2>"), None);
    let little: Vec<u8> = "\u{feff}<svg><script>1"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let big: Vec<u8> = "\u{feff}<svg/onload=1>"
        .encode_utf16()
        .flat_map(u16::to_be_bytes)
        .collect();
    assert_eq!(refusal("x.svg", little), tag("script"));
    assert_eq!(refusal("x.txt", big), attribute("onload"));
}

#[test]
fn tags_are_reported_before_attributes_and_in_their_order() {
    assert_eq!(refusal("a.svg", "x onload=1 <script>"), tag("script"));
    assert_eq!(refusal("a.txt", "<script> <html>"), tag("html"));
    assert_eq!(refusal("a.txt", " onload onclick"), attribute("onclick"));
}

#[test]
fn sec_003_a_mark_of_utf_16_hides_nothing() {
    for mark in [b"\xff\xfe", b"\xfe\xff"] {
        for (hidden, told) in [
            (b" onclick=x ".as_slice(), "`onclick`"),
            (b"<script>ab", "<script>"),
        ] {
            let content = [mark.as_slice(), hidden].concat();
            let refused = check("notes.txt", None, &content).expect_err("is refused");
            assert!(refused.contains(told), "{refused}");
        }
    }
}
