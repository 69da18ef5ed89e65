//! Which lines two texts have in common.
//!
//! Finds the longest run of common lines, then looks left and right of it in the same way. This is
//! what the original does; algorithms that look for the fewest changes choose other lines when
//! some of them, such as empty ones, repeat.

use std::collections::HashMap;

use similar::DiffOp;

/// Products of line counts above this are not searched: the whole middle counts as replaced.
const MOST_PAIRS: usize = 1_000_000;

/// A run of common lines: where it begins in both texts, and its length.
type Block = (usize, usize, usize);

/// The changes from one text to the other.
pub(super) fn changes(old: &[&str], new: &[&str]) -> Vec<DiffOp> {
    let (mut at_old, mut at_new, mut operations) = (0, 0, vec![]);
    for (old_index, new_index, len) in blocks(old, new) {
        let (old_len, new_len) = (old_index - at_old, new_index - at_new);
        match (old_len, new_len) {
            (0, 0) => {}
            (_, 0) => {
                operations.push(DiffOp::Delete {
                    old_index: at_old,
                    old_len,
                    new_index: at_new,
                });
            }
            (0, _) => {
                operations.push(DiffOp::Insert {
                    old_index: at_old,
                    new_index: at_new,
                    new_len,
                });
            }
            _ => operations.push(DiffOp::Replace {
                old_index: at_old,
                old_len,
                new_index: at_new,
                new_len,
            }),
        }
        if len > 0 {
            operations.push(DiffOp::Equal {
                old_index,
                new_index,
                len,
            });
        }
        (at_old, at_new) = (old_index + len, new_index + len);
    }
    operations
}

/// The runs in order; touching ones are joined, and an empty one marks the end.
fn blocks(old: &[&str], new: &[&str]) -> Vec<Block> {
    let mut found = if old.len().saturating_mul(new.len()) > MOST_PAIRS {
        ends(old, new)
    } else {
        search(old, new)
    };
    found.sort_unstable();
    found.push((old.len(), new.len(), 0));
    let mut joined: Vec<Block> = vec![];
    for (old_index, new_index, len) in found {
        match joined.last_mut() {
            Some(last)
                if len > 0 && last.0 + last.2 == old_index && last.1 + last.2 == new_index =>
            {
                last.2 += len;
            }
            _ => joined.push((old_index, new_index, len)),
        }
    }
    joined
}

/// Only what both texts begin and end with.
fn ends(old: &[&str], new: &[&str]) -> Vec<Block> {
    let same = |pair: &(&&str, &&str)| pair.0 == pair.1;
    let head = old.iter().zip(new).take_while(same).count();
    let (old_rest, new_rest) = (&old[head..], &new[head..]);
    let tail = old_rest
        .iter()
        .rev()
        .zip(new_rest.iter().rev())
        .take_while(same)
        .count();
    vec![(0, 0, head), (old.len() - tail, new.len() - tail, tail)]
}

fn search(old: &[&str], new: &[&str]) -> Vec<Block> {
    let mut places: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, line) in new.iter().enumerate() {
        places.entry(line).or_default().push(index);
    }
    // In long texts, lines that make up more than a hundredth of them say nothing.
    if new.len() >= 200 {
        let most = new.len() / 100 + 1;
        places.retain(|_, indexes| indexes.len() <= most);
    }
    let (mut found, mut left) = (vec![], vec![(0..old.len(), 0..new.len())]);
    while let Some((olds, news)) = left.pop() {
        let mut best: Block = (olds.start, news.start, 0);
        let mut lengths: HashMap<usize, usize> = HashMap::new();
        for old_index in olds.clone() {
            let mut next = HashMap::new();
            for &new_index in places.get(old[old_index]).into_iter().flatten() {
                if !news.contains(&new_index) {
                    continue;
                }
                let before = new_index
                    .checked_sub(1)
                    .and_then(|before| lengths.get(&before));
                let len = before.map_or(1, |len| len + 1);
                next.insert(new_index, len);
                if len > best.2 {
                    best = (old_index + 1 - len, new_index + 1 - len, len);
                }
            }
            lengths = next;
        }
        let (mut old_start, mut new_start, mut len) = best;
        while old_start > olds.start
            && new_start > news.start
            && old[old_start - 1] == new[new_start - 1]
        {
            (old_start, new_start, len) = (old_start - 1, new_start - 1, len + 1);
        }
        while old_start + len < olds.end
            && new_start + len < news.end
            && old[old_start + len] == new[new_start + len]
        {
            len += 1;
        }
        if len > 0 {
            found.push((old_start, new_start, len));
            left.push((olds.start..old_start, news.start..new_start));
            left.push((old_start + len..olds.end, new_start + len..news.end));
        }
    }
    found
}
