//! The combinations of property values for which a case is executed.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::{Error, Result};

/// One value for each name.
pub type Combination = Vec<(String, String)>;

/// Which combinations a run takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Matrix {
    /// Every one.
    #[default]
    Full,
    /// Few, in which every pair of values still occurs.
    Pairwise,
}

impl Matrix {
    /// The type of this name; an empty one is [`Matrix::Full`].
    pub fn of_name(name: &str) -> Result<Self> {
        match name {
            "" | "full" => Ok(Self::Full),
            "pairwise" => Ok(Self::Pairwise),
            other => Err(Error::Refused(format!("Unknown matrix type '{other}'"))),
        }
    }

    /// The combinations of the values: names ascending, equal pairs counted once. Without properties
    /// there is one empty combination.
    pub fn combine(self, properties: Vec<(String, String)>) -> Vec<Combination> {
        let groups = groups(properties);
        let combinations = match self {
            Self::Pairwise if groups.len() > 2 => pairwise(&sizes(&groups)),
            Self::Full | Self::Pairwise => full(&sizes(&groups)),
        };
        let named = |choice: Vec<usize>| {
            let pairs = groups.iter().zip(choice);
            pairs
                .map(|((name, values), index)| (name.clone(), values[index].clone()))
                .collect()
        };
        combinations.into_iter().map(named).collect()
    }

    /// About how many combinations these pairs make: the number itself for [`Matrix::Full`], for
    /// [`Matrix::Pairwise`] the most that can be needed.
    pub fn size(self, names: &[String], values: &[String]) -> usize {
        let mut groups: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (name, value) in names.iter().zip(values) {
            groups.entry(name).or_default().insert(value);
        }
        let sizes: Vec<usize> = groups.values().map(BTreeSet::len).collect();
        let full = sizes.iter().copied().fold(1, usize::saturating_mul);
        match self {
            Self::Pairwise if sizes.len() > 2 => full.min(pairs(&sizes)),
            Self::Full | Self::Pairwise => full,
        }
    }
}

/// How many pairs of values of different groups there are.
fn pairs(sizes: &[usize]) -> usize {
    let all: usize = sizes.iter().sum();
    let others: usize = sizes.iter().map(|size| size * (all - size)).sum();
    others / 2
}

/// Names ascending, each with its values ascending.
fn groups(properties: Vec<(String, String)>) -> Vec<(String, Vec<String>)> {
    let mut groups: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (name, value) in properties {
        groups.entry(name).or_default().insert(value);
    }
    let listed = |(name, values): (String, BTreeSet<String>)| (name, values.into_iter().collect());
    groups.into_iter().map(listed).collect()
}

fn sizes(groups: &[(String, Vec<String>)]) -> Vec<usize> {
    groups.iter().map(|(_, values)| values.len()).collect()
}

/// Every choice of one index below each size, the last one varying fastest.
fn full(sizes: &[usize]) -> Vec<Vec<usize>> {
    let extend = |choices: Vec<Vec<usize>>, size: &usize| {
        choices
            .into_iter()
            .flat_map(|choice| (0..*size).map(move |index| [&choice[..], &[index]].concat()))
            .collect()
    };
    sizes.iter().fold(vec![vec![]], extend)
}

/// A group and the index of one of its values.
type Cell = (usize, usize);

/// Choices in which any two values of different groups occur together.
///
/// Each begins with a pair that is still missing, and goes on with the values that bring most of the
/// others that are. It therefore differs from all before it, and there are never more than in
/// [`full`].
fn pairwise(sizes: &[usize]) -> Vec<Vec<usize>> {
    let mut missing: BTreeSet<(Cell, Cell)> = BTreeSet::new();
    for left in 0..sizes.len() {
        for right in left + 1..sizes.len() {
            for pair in full(&[sizes[left], sizes[right]]) {
                missing.insert(((left, pair[0]), (right, pair[1])));
            }
        }
    }
    let mut choices = vec![];
    while let Some((left, right)) = missing.first().copied() {
        let mut chosen: Vec<Cell> = vec![left, right];
        for (group, size) in sizes.iter().enumerate() {
            if group == left.0 || group == right.0 {
                continue;
            }
            let gain = |index: &usize| {
                let cell = (group, *index);
                let new = chosen
                    .iter()
                    .filter(|other| missing.contains(&pair(cell, **other)));
                // the first of equals
                (new.count(), usize::MAX - *index)
            };
            let best = (0..*size).max_by_key(gain).unwrap_or_default();
            chosen.push((group, best));
        }
        let cells: HashSet<Cell> = chosen.iter().copied().collect();
        missing.retain(|(left, right)| !(cells.contains(left) && cells.contains(right)));
        chosen.sort_unstable();
        choices.push(chosen.into_iter().map(|(_, index)| index).collect());
    }
    choices
}

fn pair(one: Cell, other: Cell) -> (Cell, Cell) {
    if one.0 < other.0 {
        (one, other)
    } else {
        (other, one)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn properties(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        pairs.iter().map(owned).collect()
    }

    fn texts(combinations: &[Combination]) -> Vec<String> {
        let text = |combination: &Combination| {
            let values: Vec<&str> = combination
                .iter()
                .map(|(_, value)| value.as_str())
                .collect();
            values.join(" ")
        };
        combinations.iter().map(text).collect()
    }

    #[test]
    fn combines_values_of_run_and_case_once() {
        let pairs = properties(&[
            ("lang", "en"),
            ("lang", "bg"),
            ("os", "linux"),
            ("os", "win"),
            ("browser", "ff"),
            ("browser", "chrome"),
            ("os", "linux"),
        ]);
        assert_eq!(
            texts(&Matrix::Full.combine(pairs)),
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
    fn nothing_gives_one_execution_and_one_name_one_for_each_value() {
        for matrix in [Matrix::Full, Matrix::Pairwise] {
            assert_eq!(matrix.combine(vec![]), [vec![]]);
            let one = properties(&[("a", "2"), ("a", "1")]);
            assert_eq!(texts(&matrix.combine(one)), ["1", "2"]);
            let two = properties(&[("b", "1"), ("b", "2"), ("a", "1"), ("a", "2")]);
            assert_eq!(texts(&matrix.combine(two)), ["1 1", "1 2", "2 1", "2 2"]);
        }
    }

    #[test]
    fn pairwise_takes_six_of_twelve() {
        let pairs = properties(&[
            ("a", "a1"),
            ("a", "a2"),
            ("b", "b1"),
            ("b", "b2"),
            ("b", "b3"),
            ("c", "c1"),
            ("c", "c2"),
        ]);
        assert_eq!(Matrix::Pairwise.combine(pairs).len(), 6);
    }

    #[test]
    fn types_have_names() {
        assert_eq!(Matrix::of_name("").ok(), Some(Matrix::Full));
        assert_eq!(Matrix::of_name("full").ok(), Some(Matrix::Full));
        assert_eq!(Matrix::of_name("pairwise").ok(), Some(Matrix::Pairwise));
        assert_eq!(
            Matrix::of_name("x").map_err(|error| error.to_string()),
            Err("Unknown matrix type 'x'".to_owned())
        );
    }

    proptest! {
        #[test]
        fn every_pair_of_values_occurs(sizes in prop::collection::vec(1_usize..5, 0..6)) {
            let value = |group: usize| move |index| (format!("n{group}"), format!("v{index}"));
            let values: Vec<(String, String)> = sizes
                .iter()
                .enumerate()
                .flat_map(|(group, size)| (0..*size).map(value(group)))
                .collect();
            let (names, texts): (Vec<_>, Vec<_>) = values.iter().cloned().unzip();
            let full = Matrix::Full.combine(values.clone());
            let some = Matrix::Pairwise.combine(values.clone());
            prop_assert_eq!(full.len(), Matrix::Full.size(&names, &texts));
            prop_assert!(some.len() <= Matrix::Pairwise.size(&names, &texts));
            prop_assert!(some.len() <= full.len());
            let all: HashSet<&Combination> = full.iter().collect();
            let distinct: HashSet<&Combination> = some.iter().collect();
            prop_assert_eq!(distinct.len(), some.len());
            prop_assert!(distinct.is_subset(&all));
            for one in &values {
                for other in values.iter().filter(|other| other.0 != one.0) {
                    prop_assert!(
                        some.iter().any(|c| c.contains(one) && c.contains(other)),
                        "{:?} and {:?} never meet", one, other
                    );
                }
            }
        }
    }
}
