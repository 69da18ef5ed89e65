//! Under which name a file is stored (spec 01 §7.2).

use crate::random;

/// Most characters of the path below the upload folder.
const LONGEST_PATH: usize = 100;
const RANDOM: usize = 7;

/// The last segment of a name without what is not a letter, a digit, `_`, `-` or `.`; `None` if
/// nothing is left.
pub(crate) fn stored_name(given: &str) -> Option<String> {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = last
        .trim()
        .chars()
        .map(|c| if c == ' ' { '_' } else { c })
        .filter(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
        .collect();
    (!matches!(name.as_str(), "" | "." | "..")).then_some(name)
}

/// The path of a name in a folder. One that is too long, or `taken`, gets a shorter stem and
/// seven random characters before its extension.
pub(crate) fn fit(folder: &str, name: &str, taken: bool) -> String {
    let room = LONGEST_PATH.saturating_sub(folder.chars().count() + 1);
    if !taken && name.chars().count() <= room {
        return format!("{folder}/{name}");
    }
    let (stem, extension) = split(name);
    let room = room.saturating_sub(RANDOM + 1);
    // an extension that leaves no room for a stem is none
    let (stem, extension) = if extension.chars().count() < room {
        (stem, extension)
    } else {
        (name, "")
    };
    let stem: String = stem
        .chars()
        .take(room - extension.chars().count())
        .collect();
    let random = random::alphanumeric::<RANDOM>();
    format!("{folder}/{stem}_{random}{extension}")
}

/// Stem and extension; dots at the beginning belong to the stem.
fn split(name: &str) -> (&str, &str) {
    let start = name.len() - name.trim_start_matches('.').len();
    match name[start..].rfind('.') {
        Some(dot) => name.split_at(start + dot),
        None => (name, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lib_026_a_name_is_one_harmless_segment() {
        for (given, stored) in [
            ("log file (1).txt", Some("log_file_1.txt")),
            ("../../etc/passwd", Some("passwd")),
            ("..\\..\\boot.ini", Some("boot.ini")),
            ("/etc/passwd", Some("passwd")),
            ("a/b\\c.txt", Some("c.txt")),
            ("%2e%2e/x", Some("x")),
            ("%2e%2e%2fx", Some("2e2e2fx")),
            ("юникод ф.txt", Some("юникод_ф.txt")),
            (".hidden", Some(".hidden")),
            ("a\"b\r\n.txt", Some("ab.txt")),
            ("a\0b", Some("ab")),
            ("  x  ", Some("x")),
            ("CON", Some("CON")),
            ("", None),
            (".", None),
            ("..", None),
            ("a/", None),
            ("?!", None),
        ] {
            assert_eq!(stored_name(given).as_deref(), stored, "{given:?}");
        }
    }

    #[test]
    fn long_and_taken_names_get_something_random() {
        assert_eq!(
            fit("attachments/bugs_bug/1", "a.txt", false),
            "attachments/bugs_bug/1/a.txt"
        );
        let again = fit("f", "log.tar.gz", true);
        let middle = again
            .strip_prefix("f/log.tar_")
            .and_then(|rest| rest.strip_suffix(".gz"));
        let middle = middle.expect("the random part stands before the extension");
        assert_eq!(middle.len(), 7);
        assert!(middle.chars().all(|c| c.is_ascii_alphanumeric()));
        assert_ne!(again, fit("f", "log.tar.gz", true));
        assert!(fit("f", ".hidden", true).starts_with("f/.hidden_"));
        for name in [
            &format!("{}.txt", "ж".repeat(200)),
            &format!("x.{}", "e".repeat(200)),
            &".".repeat(200),
        ] {
            for taken in [false, true] {
                let path = fit("attachments/auth_user/2", name, taken);
                assert_eq!(path.chars().count(), 100, "{path}");
            }
        }
        let shortened = fit("f", &format!("{}.txt", "x".repeat(200)), false);
        assert_eq!(shortened.rsplit_once('.').map(|(_, end)| end), Some("txt"));
    }
}
