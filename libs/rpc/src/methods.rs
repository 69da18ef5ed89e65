//! The methods, one file a class. Each file ends with a list `METHODS`, which is named here.

use crate::Method;

/// The lists of all classes, in the order of `system.listMethods`.
pub(crate) const CLASSES: &[&[Method]] = &[];
