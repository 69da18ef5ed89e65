//! What the check of uploads lets through has no forbidden text, wherever it might stand.
#![no_main]

use domain::files::content::check;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|content: &[u8]| {
    if check("notes.txt", None, content).is_ok() {
        let text = content.to_ascii_lowercase();
        let has = |word: &[u8]| text.windows(word.len()).any(|window| window == word);
        for word in ["<script", "<iframe", "<html", " onclick", "\tonload", "\njavascript:"] {
            assert!(!has(word.as_bytes()), "{word}");
        }
        assert!(!content.starts_with(b"MZ") && !content.starts_with(b"\x7fELF"));
    } else {
        // markup has more boundaries, never fewer
        assert!(check("drawing.svg", None, content).is_err());
    }
});
