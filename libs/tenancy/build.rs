//! The migrations and the start of a tenant are embedded; a new file there means a new build.

fn main() {
    println!("cargo::rerun-if-changed=../../migrations");
    println!("cargo::rerun-if-changed=../../tenants/new");
}
