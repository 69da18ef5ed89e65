//! What installations must do for those who run them, in a sentence for each acceptance test.

use super::coverage::Table;

pub(super) const OPERATIONS: Table = Table {
    title: "Requirements of operators",
    introduction: "What installations do for those who run them, and the tests that show it.",
    groups: &[("OPA", "Acceptance tests")],
    requirements: REQUIREMENTS,
};

const REQUIREMENTS: &[(&str, &str)] = &[
    (
        "OPA-001",
        "The image runs without rights: as an ordinary user and without setuid files.",
    ),
    (
        "OPA-002",
        "A new installation offers to initialise its database in the browser, then leads from plain HTTP to the start page.",
    ),
    (
        "OPA-003",
        "Container engines learn whether the server is healthy.",
    ),
    ("OPA-004", "Restart, stop and kill lose nothing."),
    ("OPA-005", "Secrets come from files."),
    (
        "OPA-006",
        "It runs with a read-only root, as any user, and while the database is late.",
    ),
    (
        "OPA-007",
        "Each promise about containers has a test of its own.",
    ),
    ("OPA-008", "Several tenants are set up without a terminal."),
    (
        "OPA-009",
        "The version and the settings are shown, secrets masked.",
    ),
    (
        "OPA-010",
        "A database that wants TLS and does not get it is named.",
    ),
    (
        "OPA-011",
        "Two programs that migrate at once do it one after the other.",
    ),
    (
        "OPA-015",
        "The tools of PostgreSQL bring the database out and in.",
    ),
    (
        "OPA-016",
        "Uploaded files go out and in as an archive, whatever their names are.",
    ),
    (
        "OPA-017",
        "A backup brings an installation back, files and all.",
    ),
    ("OPA-020", "An upgrade leaves no migration open."),
    (
        "OPA-021",
        "One broken tenant does not keep the others from being upgraded.",
    ),
    (
        "OPA-022",
        "A migration that was killed is finished by the next one.",
    ),
    ("OPA-023", "The previous release works with the new tables."),
    (
        "OPA-024",
        "An upgrade deletes stale files only when it is told to.",
    ),
    (
        "OPA-025",
        "Replicas share sessions and files, and are replaced one by one.",
    ),
    (
        "OPA-026",
        "An installation of the predecessor is taken over.",
    ),
    (
        "OPA-030",
        "Pages warn of plain HTTP, unless a trusted proxy speaks HTTPS.",
    ),
    ("OPA-031", "Static files have a tag and can be remembered."),
    (
        "OPA-032",
        "Every answer tells browsers what pages may load; operators name further sources.",
    ),
    (
        "OPA-033",
        "Uploaded files are plain text, whatever they are and hold.",
    ),
    (
        "OPA-034",
        "Files of exactly the largest size are taken, with names in any script.",
    ),
    ("OPA-035", "An upload by a page is told and can be fetched."),
    (
        "OPA-036",
        "The authority of the generated certificate can be fetched, and signed it.",
    ),
    (
        "OPA-037",
        "The old address of the log-in page leads to the new one.",
    ),
    ("OPA-038", "Paths that scanners ask for are not answered."),
    ("OPA-039", "The log-in page shows version and providers."),
    ("OPA-040", "Log-in pages have a rate for each address."),
    ("OPA-041", "With one tenant files and pages have no rate."),
    (
        "OPA-042",
        "With several tenants files and pages have rates.",
    ),
    (
        "OPA-043",
        "No spelling of a path and no batch of calls avoids the rates of log-ins.",
    ),
    (
        "OPA-044",
        "Listed addresses are refused, mistakes in the list are told.",
    ),
    (
        "OPA-045",
        "Each limit of size and number is exact, on HTTP/1.1 and HTTP/2.",
    ),
    (
        "OPA-046",
        "Slow and idle clients do not stop honest ones, and take bounded memory.",
    ),
    (
        "OPA-050",
        "Pages, log-in, uploads and the API work behind nginx.",
    ),
    (
        "OPA-051",
        "They work behind HAProxy, with one header for each purpose.",
    ),
    (
        "OPA-052",
        "They work behind a proxy that ends TLS, without loops.",
    ),
    (
        "OPA-053",
        "What untrusted peers say about a client changes nothing.",
    ),
    ("OPA-054", "Mapped ports are in redirects and links."),
    ("OPA-060", "Accounts log in, deactivated ones do not."),
    ("OPA-061", "One logs out from everywhere."),
    ("OPA-062", "Accounts come from a directory."),
    ("OPA-063", "Accounts come from an identity provider."),
    ("OPA-064", "A forgotten password is replaced by mail."),
    ("OPA-065", "Log-in with a password can be switched off."),
    (
        "OPA-066",
        "Superusers see all accounts, others those of their tenant.",
    ),
    ("OPA-067", "Diagrams are drawn without other hosts."),
    (
        "OPA-068",
        "Every command has help and ends with a status that tells what happened.",
    ),
    ("OPA-069", "The domain of the site is in mail and links."),
    (
        "OPA-070",
        "Settings come from several places, and a later one wins.",
    ),
    ("OPA-071", "Settings in Python are named and translated."),
    (
        "OPA-072",
        "Secrets may lie in files, variables and programs.",
    ),
    ("OPA-073", "Secrets are in no log, page, metric or trace."),
    ("OPA-074", "Nothing is asked of other hosts."),
    (
        "OPA-075",
        "What dashboards and alerts ask for is exported, in bounded number.",
    ),
    ("OPA-076", "Health is told in each state of the database."),
    (
        "OPA-077",
        "Certificates that are missing, do not fit, have ended or are replaced.",
    ),
    (
        "OPA-078",
        "Certificates come from an authority by themselves.",
    ),
    ("OPA-080", "The chart."),
    (
        "OPA-081",
        "The load of the benchmark ends without a failure.",
    ),
    ("OPA-082", "Memory and times are those that were promised."),
];
