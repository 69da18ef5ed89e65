//! How full the disks are.

use std::fmt;
use std::io;
use std::path::Path;

/// Percent of a disk above which somebody should make room.
pub(crate) const FULL: u64 = 90;

/// The file system of a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Disk {
    used: u64,
    left: u64,
}

impl Disk {
    /// Asks about the file system that a folder lies on.
    pub(crate) fn of(folder: &Path) -> io::Result<Self> {
        let about = rustix::fs::statvfs(folder)?;
        Ok(Self {
            used: about.f_blocks.saturating_sub(about.f_bfree) * about.f_frsize,
            left: about.f_bavail * about.f_frsize,
        })
    }

    /// How much of what everybody may use is used.
    pub(crate) fn percent(self) -> u64 {
        let all = u128::from(self.used) + u128::from(self.left);
        let percent = (u128::from(self.used) * 100).div_ceil(all.max(1));
        u64::try_from(percent).unwrap_or(100)
    }
}

impl fmt::Display for Disk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} % full, {} left", self.percent(), size(self.left))
    }
}

/// A number of bytes for people.
pub(crate) fn size(bytes: u64) -> String {
    let units = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    let mut number = bytes as f64 / 1024.0;
    let mut unit = units[0];
    for larger in &units[1..] {
        if number < 1024.0 {
            break;
        }
        number /= 1024.0;
        unit = larger;
    }
    if number < 10.0 {
        format!("{number:.1} {unit}")
    } else {
        format!("{number:.0} {unit}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_told_in_the_unit_that_fits() {
        assert_eq!(size(0), "0.0 KiB");
        assert_eq!(size(1_536), "1.5 KiB");
        assert_eq!(size(20 << 20), "20 MiB");
        assert_eq!(size(u64::MAX), "16384 PiB");
    }

    #[test]
    fn what_is_reserved_for_others_is_not_free() {
        let disk = Disk { used: 90, left: 10 };
        assert_eq!(disk.percent(), 90);
        assert_eq!(Disk { used: 0, left: 0 }.percent(), 0);
        let here = Disk::of(Path::new("/")).expect("there is a disk");
        assert!((1..=100).contains(&here.percent()), "{here}");
    }
}
