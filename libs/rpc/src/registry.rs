//! All methods by name.

use std::collections::HashMap;

use crate::{Method, methods};

/// The methods that a server offers.
#[derive(Debug)]
pub struct Registry {
    ordered: Vec<&'static Method>,
    by_name: HashMap<&'static str, &'static Method>,
}

impl Registry {
    /// All methods of the product.
    pub fn standard() -> Self {
        Self::new(methods::CLASSES)
    }

    /// The methods of these lists, in this order.
    pub fn new(classes: &[&'static [Method]]) -> Self {
        let ordered: Vec<_> = classes.iter().flat_map(|methods| methods.iter()).collect();
        let by_name = ordered
            .iter()
            .map(|method| (method.name, *method))
            .collect();
        Self { ordered, by_name }
    }

    /// The method with this name.
    pub fn find(&self, name: &str) -> Option<&'static Method> {
        self.by_name.get(name).copied()
    }

    /// All methods, in the order of their registration.
    pub fn methods(&self) -> impl Iterator<Item = &'static Method> {
        self.ordered.iter().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_documented() {
        let registry = Registry::standard();
        assert_eq!(registry.ordered.len(), registry.by_name.len());
        for method in registry.methods() {
            assert!(method.name.contains('.'), "{} has no class", method.name);
            assert!(
                !method.doc.is_empty(),
                "{} has no documentation",
                method.name
            );
            let example = method.example();
            let example = example.unwrap_or_else(|error| panic!("{}: {error}", method.name));
            let required = method.params.iter().filter(|param| !param.optional).count();
            let given = required..=method.params.len();
            assert!(
                given.contains(&example.params.len()),
                "{} has an example with another number of parameters",
                method.name
            );
            let optional_last = method.params.is_sorted_by_key(|param| param.optional);
            assert!(
                optional_last,
                "{} has an optional parameter before others",
                method.name
            );
        }
    }
}
