//! How alike two texts are, by their longest matching blocks.

/// Twice the characters in matching blocks, as a part of all characters: 0 for texts with nothing
/// in common, 1 for equal ones.
pub(super) fn ratio(a: &str, b: &str) -> f64 {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.is_empty() && b.is_empty() {
        return 1.0;
    }
    2.0 * matching(&a, &b) as f64 / (a.len() + b.len()) as f64
}

/// Characters in the longest common block, and in those left and right of it.
fn matching(a: &[char], b: &[char]) -> usize {
    let mut total = 0;
    let mut open = vec![(a, b)];
    while let Some((a, b)) = open.pop() {
        let (start_a, start_b, length) = longest_block(a, b);
        if length > 0 {
            total += length;
            open.push((&a[..start_a], &b[..start_b]));
            open.push((&a[start_a + length..], &b[start_b + length..]));
        }
    }
    total
}

/// The longest run that both share; of several the first one in `a`, then in `b`.
fn longest_block(a: &[char], b: &[char]) -> (usize, usize, usize) {
    let mut best = (0, 0, 0);
    // ending[j] = length of the common run that ends before a[i] and b[j]
    let mut ending = vec![0; b.len() + 1];
    for (i, left) in a.iter().enumerate() {
        for j in (0..b.len()).rev() {
            let run = if *left == b[j] { ending[j] + 1 } else { 0 };
            ending[j + 1] = run;
            let (start_a, start_b) = (i + 1 - run.min(i + 1), j + 1 - run.min(j + 1));
            let better =
                run > best.2 || (run == best.2 && run > 0 && (start_a, start_b) < (best.0, best.1));
            if better {
                best = (start_a, start_b, run);
            }
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_ratios() {
        let near = |a, b, expected: f64| {
            assert!(
                (ratio(a, b) - expected).abs() < 1e-9,
                "{a} {b} {}",
                ratio(a, b)
            );
        };
        near("abcd", "bcde", 0.75);
        near("", "", 1.0);
        near("abc", "", 0.0);
        near("same", "same", 1.0);
        near("qabxcd", "abycdf", 2.0 / 3.0);
        near("private thread", "private volatile", 2.0 * 10.0 / 30.0);
        near("пароль", "парольчик", 2.0 * 6.0 / 15.0);
    }
}
