//! Any text becomes HTML that runs nothing, and that the sanitiser leaves as it is.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let html = markdown::render(text);
    let lower = html.to_ascii_lowercase();
    for harm in ["<script", "<svg", "<iframe", "<style", "<object", "<embed"] {
        assert!(!lower.contains(harm), "{html}");
    }
    let once = markdown::sanitise(&html);
    assert_eq!(markdown::sanitise(&once), once);
});
