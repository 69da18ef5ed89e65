//! How execution statuses look and which keys set them.
//!
//! Installations rename, recolour and add statuses freely. Colours as stored are rarely readable as
//! text, so a stored colour only chooses a *tone*: one of a fixed set of colours whose contrast is
//! known in both themes. Shape and words always accompany the tone.

use serde::Serialize;

use crate::Translations;

/// A status as the database knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredStatus {
    /// Its id.
    pub id: i32,
    /// Its name, such as `PASSED`.
    pub name: String,
    /// Above zero is good, below is bad, zero means unfinished.
    pub weight: i32,
    /// Class names of an icon font, such as `fa fa-check-circle-o`.
    pub icon: String,
    /// A colour such as `#92d400`.
    pub color: String,
}

/// What a result says about the tested thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Sign {
    /// Weight above zero.
    Positive,
    /// Weight zero: no result yet.
    Neutral,
    /// Weight below zero.
    Negative,
}

/// A status as people see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Status {
    /// Its id.
    pub id: i32,
    /// Its name; shipped names in the visitor's language, others as typed.
    pub name: String,
    /// Good, bad or unfinished.
    pub sign: Sign,
    /// Name of its shape.
    pub glyph: &'static str,
    /// Name of its colour.
    pub tone: &'static str,
    /// The digit that sets it, for the first nine.
    pub digit: Option<u8>,
    /// The letter that sets it.
    pub letter: Option<char>,
}

/// All statuses of an installation in the order in which they are shown.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct Statuses(Vec<Status>);

/// Letters that mean something else on the run page.
const TAKEN: &str = "acgjklmnostuvx";

/// Names and colours of a fresh installation, with their looks.
const SHIPPED: [(&str, &str, &str, &str); 8] = [
    ("PASSED", "#92d400", "green", "check-circle"),
    ("WAIVED", "#92d400", "olive", "dots-circle"),
    ("IDLE", "#72767b", "grey", "circle"),
    ("PAUSED", "#72767b", "violet", "pause"),
    ("RUNNING", "#72767b", "blue", "play"),
    ("BLOCKED", "#cc0000", "orange", "square"),
    ("ERROR", "#cc0000", "magenta", "alert"),
    ("FAILED", "#cc0000", "red", "x-circle"),
];

/// Tones by hue in degrees, for colours people choose.
const HUES: [(u16, &str); 10] = [
    (3, "red"),
    (28, "orange"),
    (46, "yellow"),
    (77, "olive"),
    (137, "green"),
    (166, "teal"),
    (187, "cyan"),
    (210, "blue"),
    (261, "violet"),
    (326, "magenta"),
];

/// Parts of stored icon names with the shape they become.
const GLYPHS: [(&str, &str); 20] = [
    ("check", "check-circle"),
    ("thumbs-o-up", "check-circle"),
    ("comment", "dots-circle"),
    ("pause", "pause"),
    ("play", "play"),
    ("stop", "square"),
    ("ban", "square"),
    ("lock", "square"),
    ("minus-circle", "alert"),
    ("exclamation", "alert"),
    ("warning", "alert"),
    ("bug", "alert"),
    ("bomb", "alert"),
    ("times", "x-circle"),
    ("remove", "x-circle"),
    ("thumbs-o-down", "x-circle"),
    ("question", "circle"),
    ("circle", "circle"),
    ("clock", "pause"),
    ("hourglass", "pause"),
];

impl Statuses {
    /// Puts statuses in order (weight from high to low, then name) and gives each its looks, its
    /// words and its keys.
    pub fn new(mut stored: Vec<StoredStatus>, words: &Translations, language: &str) -> Self {
        stored.sort_by(|a, b| b.weight.cmp(&a.weight).then_with(|| a.name.cmp(&b.name)));
        let mut statuses: Vec<Status> = stored
            .iter()
            .zip(1_u8..)
            .map(|(status, position)| {
                let sign = sign(status.weight);
                let (tone, glyph) = looks(status, sign);
                Status {
                    id: status.id,
                    name: label(status, words, language),
                    sign,
                    glyph,
                    tone,
                    digit: (position <= 9).then_some(position),
                    letter: None,
                }
            })
            .collect();
        assign_letters(&mut statuses);
        Self(statuses)
    }

    /// The statuses in display order.
    pub fn iter(&self) -> std::slice::Iter<'_, Status> {
        self.0.iter()
    }

    /// The status with this id.
    pub fn get(&self, id: i32) -> Option<&Status> {
        self.0.iter().find(|status| status.id == id)
    }
}

impl<'a> IntoIterator for &'a Statuses {
    type Item = &'a Status;
    type IntoIter = std::slice::Iter<'a, Status>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

fn sign(weight: i32) -> Sign {
    match weight.signum() {
        1 => Sign::Positive,
        -1 => Sign::Negative,
        _ => Sign::Neutral,
    }
}

fn label(status: &StoredStatus, words: &Translations, language: &str) -> String {
    if SHIPPED.iter().any(|(name, ..)| *name == status.name) {
        let key = format!("status-{}", status.name.to_lowercase());
        words.text(language, &key)
    } else {
        status.name.clone()
    }
}

fn looks(status: &StoredStatus, sign: Sign) -> (&'static str, &'static str) {
    let shipped = SHIPPED.iter().find(|(name, color, ..)| {
        *name == status.name && color.eq_ignore_ascii_case(status.color.trim())
    });
    if let Some((_, _, tone, glyph)) = shipped {
        return (tone, glyph);
    }
    let (tone, glyph) = match sign {
        Sign::Positive => ("green", "check-circle"),
        Sign::Neutral => ("grey", "circle"),
        Sign::Negative => ("red", "x-circle"),
    };
    let icon = GLYPHS
        .iter()
        .find(|(part, _)| status.icon.contains(part))
        .map_or(glyph, |(_, shape)| shape);
    (tone_of(&status.color).unwrap_or(tone), icon)
}

/// The tone whose hue is nearest to a `#rrggbb` or `#rgb` colour.
fn tone_of(color: &str) -> Option<&'static str> {
    let digits = color.trim().strip_prefix('#')?;
    let parts: Vec<i32> = match digits.len() {
        3 => digits
            .chars()
            .map(|digit| digit.to_digit(16).map(|value| value as i32 * 17))
            .collect::<Option<_>>()?,
        6 if digits.is_ascii() => (0..3)
            .map(|part| i32::from_str_radix(&digits[part * 2..part * 2 + 2], 16).ok())
            .collect::<Option<_>>()?,
        _ => return None,
    };
    let (red, green, blue) = (parts[0], parts[1], parts[2]);
    let high = red.max(green).max(blue);
    let span = high - red.min(green).min(blue);
    if span * 100 < high * 18 || high == 0 {
        return Some("grey");
    }
    let hue = if high == red {
        60 * (green - blue) / span
    } else if high == green {
        60 * (blue - red) / span + 120
    } else {
        60 * (red - green) / span + 240
    };
    let hue = hue.rem_euclid(360);
    HUES.iter()
        .min_by_key(|(degrees, _)| {
            let apart = (hue - i32::from(*degrees)).abs();
            apart.min(360 - apart)
        })
        .map(|(_, tone)| *tone)
}

/// First letters go first, so that the commonest statuses keep theirs; then the letters within.
fn assign_letters(statuses: &mut [Status]) {
    let mut taken: Vec<char> = TAKEN.chars().collect();
    for first_only in [true, false] {
        for status in statuses.iter_mut().filter(|status| status.letter.is_none()) {
            let limit = if first_only { 1 } else { usize::MAX };
            status.letter = status
                .name
                .chars()
                .flat_map(char::to_lowercase)
                .filter(char::is_ascii_lowercase)
                .take(limit)
                .find(|letter| !taken.contains(letter));
            taken.extend(status.letter);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(id: i32, name: &str, weight: i32, icon: &str, color: &str) -> StoredStatus {
        StoredStatus {
            id,
            name: name.to_owned(),
            weight,
            icon: icon.to_owned(),
            color: color.to_owned(),
        }
    }

    fn shipped() -> Statuses {
        let words = Translations::new().expect("embedded words are valid");
        Statuses::new(crate::page::gallery::shipped_statuses(), &words, "en")
    }

    #[test]
    fn shipped_statuses_have_the_documented_order_keys_and_looks() {
        let seen: Vec<_> = shipped()
            .iter()
            .map(|status| {
                format!(
                    "{} {} {} {} {}",
                    status.name,
                    status.digit.unwrap_or_default(),
                    status.letter.unwrap_or('-'),
                    status.tone,
                    status.glyph,
                )
            })
            .collect();
        assert_eq!(
            seen,
            [
                "Passed 1 p green check-circle",
                "Waived 2 w olive dots-circle",
                "Idle 3 i grey circle",
                "Paused 4 d violet pause",
                "Running 5 r blue play",
                "Blocked 6 b orange square",
                "Error 7 e magenta alert",
                "Failed 8 f red x-circle",
            ]
        );
    }

    #[test]
    fn own_statuses_keep_their_name_and_find_a_tone() {
        let words = Translations::new().expect("embedded words are valid");
        let statuses = Statuses::new(
            vec![
                stored(1, "KO", -5, "fa fa-bomb", "#c00"),
                stored(2, "PASSED", 10, "fa fa-check-circle-o", "#0000ff"),
                stored(3, "Äußerst gut", 30, "", "not a colour"),
                stored(4, "Later", 0, "pficon-unknown", "#808080"),
            ],
            &words,
            "en",
        );
        let seen: Vec<_> = statuses
            .iter()
            .map(|status| {
                (
                    status.name.as_str(),
                    status.tone,
                    status.glyph,
                    status.letter,
                )
            })
            .collect();
        assert_eq!(
            seen,
            [
                ("Äußerst gut", "green", "check-circle", Some('e')),
                ("Passed", "violet", "check-circle", Some('p')),
                ("Later", "grey", "circle", Some('r')),
                ("KO", "red", "alert", None),
            ]
        );
    }

    #[test]
    fn every_colour_has_a_tone() {
        for (color, tone) in [
            ("#92d400", Some("olive")),
            ("#CC0000", Some("red")),
            ("#72767b", Some("grey")),
            ("#000", Some("grey")),
            ("#ff00ff", Some("magenta")),
            ("#0cc", Some("cyan")),
            ("#éé", None),
            ("red", None),
            ("#12345", None),
        ] {
            assert_eq!(tone_of(color), tone, "{color}");
        }
    }
}
