//! Any query on any entity is compiled or refused, and never panics.

#![no_main]

use entity::lookup::{Query, Selection};
use libfuzzer_sys::fuzz_target;

#[expect(dead_code, unused_imports, reason = "only the entities are needed here, not their tables")]
#[path = "../../tests/it"]
mod it {
    pub(crate) mod world;
}
use it::world;

fuzz_target!(|data: &[u8]| {
    let Some((first, query)) = data.split_first() else { return };
    let Ok(query) = serde_json::from_slice::<serde_json::Value>(query) else { return };
    if query.is_object() {
        let (entities, conditions) = (world::entities(), world::map(&query));
        let root = entities[usize::from(*first) % entities.len()];
        let selection = Selection { columns: &["pk"], distinct: true, order: &["pk"] };
        let _ = Query::new(root, &conditions).select(&selection);
        let _ = Query::new(root, &conditions).count();
    }
});
