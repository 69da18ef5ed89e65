//! With which rights the server runs in containers.

use std::fs;
use std::path::{Path, PathBuf};

fn text(path: &str) -> String {
    fs::read_to_string(crate::root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn compose_files() -> Vec<PathBuf> {
    let mut files = Vec::new();
    crate::sources::walk(&crate::root().join("compose"), &mut |path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with("docker-compose.") {
            files.push(path.to_path_buf());
        }
    });
    files
}

/// The services of a compose file, and what several of them share, with their lines.
fn services(file: &Path) -> Vec<(String, String)> {
    let text = fs::read_to_string(file).expect("a text");
    let mut services: Vec<(String, String)> = Vec::new();
    let (mut is_inside, mut is_shared) = (false, false);
    for line in text.lines() {
        if !line.is_empty() && !line.starts_with([' ', '#']) {
            is_shared = line.starts_with("x-");
            is_inside = is_shared || line.starts_with("services:");
        }
        if !is_inside {
            continue;
        }
        let name = line
            .strip_prefix("  ")
            .filter(|rest| !rest.starts_with([' ', '#']) && !is_shared);
        if !line.starts_with(' ') {
            services.push((line.to_owned(), String::new()));
        } else if let Some(name) = name {
            services.push((name.to_owned(), String::new()));
        }
        if let Some((_, lines)) = services.last_mut() {
            lines.push_str(line);
            lines.push('\n');
        }
    }
    services
}

#[test]
fn sec_040_containers_run_without_rights() {
    let dockerfile = text("ops/Dockerfile");
    let user = dockerfile.lines().rfind(|line| line.starts_with("USER "));
    let id = user.and_then(|user| user.trim_start_matches("USER ").split(':').next());
    let id: u32 = id
        .expect("a user")
        .parse()
        .expect("a number, which a cluster can check");
    assert_ne!(id, 0);
    let last_stage = dockerfile.rfind("\nFROM ").expect("a stage");
    assert!(
        dockerfile[last_stage..].contains("\nUSER "),
        "the stage that is shipped"
    );

    let pod = text("charts/kiwi/templates/_pod.tpl");
    for line in [
        "runAsNonRoot: true",
        "allowPrivilegeEscalation: false",
        "readOnlyRootFilesystem: true",
        "drop: [ALL]",
    ] {
        assert!(pod.contains(line), "{line}");
    }
    assert!(pod.contains(&format!("runAsUser: {id}")));
    crate::sources::walk(
        &crate::root().join("charts/kiwi/tests/golden"),
        &mut |path| {
            let text = fs::read_to_string(path).expect("a text");
            for wrong in [
                "privileged: true",
                "runAsUser: 0",
                "runAsNonRoot: false",
                "hostNetwork: true",
            ] {
                assert!(!text.contains(wrong), "{}: {wrong}", path.display());
            }
            let (pods, containers) = (
                text.matches("runAsNonRoot: true").count(),
                text.matches("allowPrivilegeEscalation: false").count(),
            );
            assert!(pods > 0 && containers >= pods, "{}", path.display());
        },
    );

    let files = compose_files();
    assert!(files.len() > 3);
    for file in files {
        let mut servers = 0;
        for (name, lines) in services(&file) {
            let wrong = lines.contains("privileged:") || lines.contains("cap_add:");
            assert!(!wrong, "{}: {name}", file.display());
            if lines.contains("KIWI_IMAGE") {
                servers += 1;
                for line in ["cap_drop: [ALL]", "no-new-privileges:true"] {
                    assert!(lines.contains(line), "{}: {name} {line}", file.display());
                }
                assert!(!lines.contains("user: root"), "{}: {name}", file.display());
            }
        }
        // this one changes servers of another file
        let is_whole = !file.ends_with("docker-compose.pooler.yml");
        assert!(
            servers > 0 || !is_whole,
            "{} runs no server",
            file.display()
        );
    }
}
