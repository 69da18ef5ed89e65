//! The combinations of property values for which a case is executed.

use std::collections::{BTreeMap, BTreeSet};

/// Every combination of the values, one value a name: names ascending, values ascending, the last
/// name varying fastest. Without properties there is one empty combination.
pub fn full(properties: Vec<(String, String)>) -> Vec<Vec<(String, String)>> {
    let mut groups: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (name, value) in properties {
        groups.entry(name).or_default().insert(value);
    }
    let mut combinations = vec![vec![]];
    for (name, values) in groups {
        let extended = combinations
            .iter()
            .flat_map(|combination: &Vec<(String, String)>| {
                values.iter().map(|value| {
                    let mut longer = combination.clone();
                    longer.push((name.clone(), value.clone()));
                    longer
                })
            });
        combinations = extended.collect();
    }
    combinations
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn combines_values_of_run_and_case_once() {
        let pairs = [
            ("lang", "en"),
            ("lang", "bg"),
            ("os", "linux"),
            ("os", "win"),
            ("browser", "ff"),
            ("browser", "chrome"),
            ("os", "linux"),
        ];
        let properties = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let combinations = full(properties.to_vec());
        let text: Vec<String> = combinations
            .iter()
            .map(|pairs| {
                pairs
                    .iter()
                    .map(|(_, value)| value.as_str())
                    .collect::<Vec<_>>()
                    .join(" ")
            })
            .collect();
        assert_eq!(
            text,
            [
                "chrome bg linux",
                "chrome bg win",
                "chrome en linux",
                "chrome en win",
                "ff bg linux",
                "ff bg win",
                "ff en linux",
                "ff en win"
            ]
        );
    }

    #[test]
    fn nothing_gives_one_execution() {
        assert_eq!(full(vec![]), vec![vec![]]);
    }
}
