//! What each row of the security requirements protects against, in a sentence.

use super::coverage::Table;

pub(super) const SECURITY: Table = Table {
    title: "Security requirements",
    introduction: "What the product protects against, and the tests that show it.",
    groups: &[
        ("SEC", "The product itself"),
        ("LIB", "Weaknesses known from libraries"),
        ("TEN", "Tenants"),
        ("GAP", "Gaps of the predecessor"),
        ("ENT", "Functions that were add-ons of the predecessor"),
        ("PRJ", "The project"),
    ],
    requirements: REQUIREMENTS,
};

const REQUIREMENTS: &[(&str, &str)] = &[
    (
        "SEC-001",
        "Secrets cannot be guessed by conditions of the API on password, token or key columns.",
    ),
    (
        "SEC-002",
        "The confirmation of an account leads nowhere but to the start page.",
    ),
    (
        "SEC-003",
        "Forbidden content is found wherever it lies in an uploaded file.",
    ),
    (
        "SEC-004",
        "Credentials of a tracker go to the tracker's own address only.",
    ),
    ("SEC-005", "A tenant shows and accepts its own people only."),
    (
        "SEC-006",
        "Addresses to return to lead to a path of the same host or are ignored.",
    ),
    (
        "SEC-007",
        "Reference links are web addresses and run no script.",
    ),
    ("SEC-008", "The first set-up cannot be started again."),
    (
        "SEC-009",
        "Every answer carries exactly one content policy and one content type.",
    ),
    (
        "SEC-010",
        "Names in the tree of plans are text, never markup.",
    ),
    ("SEC-011", "Files with dangerous tags are refused."),
    (
        "SEC-012",
        "Files with event handlers or script addresses are refused.",
    ),
    (
        "SEC-013",
        "Harmless files that resemble dangerous ones are taken.",
    ),
    ("SEC-014", "Uploaded files never run in a browser."),
    (
        "SEC-015",
        "An e-mail address changes only with a proof that it is one's own.",
    ),
    ("SEC-016", "Programs cannot be uploaded."),
    (
        "SEC-017",
        "Pages contain no inline scripts, and the content policy allows none.",
    ),
    ("SEC-018", "Pages cannot be framed."),
    ("SEC-019", "Browsers do not guess content types."),
    ("SEC-020", "There is always a superuser left."),
    (
        "SEC-021",
        "Log-ins are slowed down by account and address, on pages and by the API.",
    ),
    (
        "SEC-022",
        "The form for forgotten passwords cannot be used to flood mailboxes.",
    ),
    (
        "SEC-023",
        "Weak passwords are refused wherever a password is set.",
    ),
    (
        "SEC-024",
        "The history shows changed texts without running them.",
    ),
    (
        "SEC-025",
        "What everybody may read never includes accounts.",
    ),
    (
        "SEC-026",
        "Accounts are administered by permission, field by field.",
    ),
    ("SEC-027", "Connections use TLS 1.2 or 1.3."),
    (
        "SEC-028",
        "Every method of the API refuses callers without its permission.",
    ),
    (
        "SEC-029",
        "Every page refuses visitors without its permission.",
    ),
    ("SEC-030", "Files and comments go with what they belong to."),
    (
        "SEC-031",
        "Links of executions need permissions of their own.",
    ),
    (
        "SEC-032",
        "Texts in answers of the API are escaped at any depth.",
    ),
    ("SEC-033", "Credentials of trackers never leave the server."),
    (
        "SEC-034",
        "Comments, tags and the order of cases need their own permissions.",
    ),
    (
        "SEC-035",
        "Other sites cannot send forms or calls in somebody's name.",
    ),
    (
        "SEC-036",
        "Previews are rendered by the server's sanitiser.",
    ),
    (
        "SEC-037",
        "Sessions end after a day, in the browser and on the server.",
    ),
    ("SEC-038", "Markdown cannot run scripts."),
    ("SEC-039", "Password hashes are never shown."),
    ("SEC-040", "The container runs without privileges."),
    (
        "SEC-041",
        "Pages need a log-in unless a tenant is open to everybody.",
    ),
    ("SEC-042", "Digests and tokens use SHA-256 or better."),
    (
        "SEC-043",
        "Activation keys are random, used once, and expire.",
    ),
    ("SEC-044", "What a client sends never chooses code."),
    ("SEC-045", "Temporary files are private and randomly named."),
    ("SEC-046", "Links begin with https."),
    (
        "SEC-047",
        "Values are escaped for the place where they stand.",
    ),
    ("SEC-048", "Passwords and session keys are not logged."),
    (
        "SEC-049",
        "Calls of the API can be traced in the log, anonymous ones too.",
    ),
    ("SEC-050", "Input is never evaluated."),
    ("SEC-051", "JSON inside pages cannot end its element."),
    ("SEC-052", "Plain HTTP leads to HTTPS."),
    ("SEC-053", "Notes cannot run scripts."),
    (
        "SEC-054",
        "Nobody raises their own rights by joining a group.",
    ),
    (
        "SEC-055",
        "Environments need permissions and tokens like everything else.",
    ),
    ("SEC-056", "Addresses carry ids, no names of people."),
    ("SEC-057", "Deactivation ends all access at once."),
    (
        "SEC-058",
        "The history of executions needs its own permission.",
    ),
    ("SEC-059", "Cookies are Secure, HttpOnly and SameSite."),
    (
        "SEC-060",
        "XML cannot exhaust the server or reach other resources.",
    ),
    (
        "SEC-061",
        "Bodies, fields, addresses and headers are limited.",
    ),
    (
        "SEC-062",
        "Only a superuser names another author or time of a comment.",
    ),
    (
        "SEC-063",
        "Relations of bugs need permissions of their own.",
    ),
    (
        "LIB-001",
        "A forgotten password is mailed to the stored address only.",
    ),
    (
        "LIB-002",
        "Keys of conditions cannot change the logic of a query.",
    ),
    ("LIB-003", "Keys of conditions never become SQL."),
    (
        "LIB-004",
        "Names of columns come from a fixed list, on every database.",
    ),
    ("LIB-005", "Archives cannot write outside their folder."),
    (
        "LIB-006",
        "Long addresses to return to and user names are refused quickly.",
    ),
    ("LIB-007", "Large XML is read in linear time."),
    ("LIB-008", "Addresses cannot forge lines of the log."),
    ("LIB-009", "Markup is cleaned in linear time."),
    ("LIB-010", "User names of a megabyte are refused quickly."),
    ("LIB-011", "Long words take no time."),
    (
        "LIB-012",
        "Asking for a new password is the same for known and unknown addresses, and waits for no mail server.",
    ),
    ("LIB-013", "Long user names are refused quickly."),
    ("LIB-014", "Long texts are cut in linear time."),
    ("LIB-015", "Long addresses are refused quickly."),
    (
        "LIB-016",
        "E-mail and web addresses are checked in linear time.",
    ),
    ("LIB-017", "Each of several files in a field is checked."),
    ("LIB-018", "Long language preferences are ignored."),
    ("LIB-019", "Bodies of many parts are limited."),
    ("LIB-020", "Language preferences are no paths."),
    ("LIB-021", "File names in headers are encoded."),
    ("LIB-022", "Error pages show no data."),
    ("LIB-023", "Broken multipart bodies are refused quickly."),
    ("LIB-024", "Long passwords are refused quickly."),
    (
        "LIB-025",
        "Orders and conditions cannot name secret columns.",
    ),
    ("LIB-026", "Names of uploads cannot leave their folder."),
    ("LIB-027", "Entries of archives stay in their folder."),
    ("LIB-028", "Only & separates the parts of a query."),
    (
        "LIB-029",
        "No part of a request is a key of a cache as it comes.",
    ),
    (
        "LIB-030",
        "Functions of the database cannot be called by conditions.",
    ),
    (
        "LIB-031",
        "Only a trusted proxy says that a connection is secure.",
    ),
    ("LIB-032", "Links are made from checked addresses only."),
    ("LIB-033", "Keys of objects cannot change prototypes."),
    ("LIB-034", "Huge numbers are refused quickly."),
    (
        "LIB-035",
        "The page of a missing address does not repeat it.",
    ),
    (
        "LIB-036",
        "Libraries with known weaknesses are not used in pages.",
    ),
    (
        "LIB-037",
        "People who may see accounts see no password hashes.",
    ),
    ("LIB-038", "Long dates are refused quickly."),
    ("LIB-039", "Markdown is rendered in linear time."),
    (
        "LIB-040",
        "Packages whose weaknesses are known are not used.",
    ),
    ("LIB-041", "Packages that had routine fixes are new enough."),
    ("LIB-042", "A picture of letters has one attempt."),
    (
        "TEN-001",
        "Nobody reaches anything of a tenant they were not let into.",
    ),
    (
        "TEN-002",
        "A tenant that everybody may read can be changed by its members only.",
    ),
    (
        "TEN-003",
        "A tenant that everybody may read does not show its people.",
    ),
    ("TEN-004", "Groups count in their own tenant only."),
    ("TEN-005", "Copies of a tenant begin without its people."),
    ("TEN-006", "Deactivation counts in every tenant."),
    (
        "TEN-007",
        "Invitations to one address in several spellings make one account.",
    ),
    ("TEN-008", "Only people of a tenant invite others to it."),
    ("TEN-009", "Forms about a tenant need their token."),
    (
        "TEN-010",
        "Names of tenants are checked, reserved and quoted.",
    ),
    ("TEN-011", "People are added to the current tenant only."),
    (
        "TEN-012",
        "Mail goes to people of the tenant only, if so wished.",
    ),
    (
        "TEN-013",
        "The files of a deleted tenant go, those of others stay.",
    ),
    ("TEN-014", "Groups of a tenant take its people only."),
    (
        "TEN-015",
        "A tenant that is not paid for is not served, if so wished.",
    ),
    (
        "TEN-016",
        "Personal tokens for trackers are seen, changed and used by their owners only.",
    ),
    (
        "GAP-001",
        "After an upload or a deletion one stays on the same host.",
    ),
    ("GAP-002", "Files are deleted by forms with a token only."),
    ("GAP-003", "Files are attached to what one may see only."),
    (
        "GAP-004",
        "The API changes passwords and addresses by the same rules as pages.",
    ),
    (
        "GAP-005",
        "Checks of files do not depend on letter case or position.",
    ),
    ("GAP-006", "Files need a log-in if so wished."),
    ("GAP-007", "Messages are escaped."),
    ("GAP-008", "Credentials of trackers are write-only."),
    (
        "GAP-009",
        "Addresses of trackers do not lead into the own network.",
    ),
    ("GAP-010", "Expensive conditions end in time."),
    ("GAP-011", "Conditions reach only what the caller may see."),
    ("GAP-012", "There is no secret that comes with the product."),
    ("GAP-013", "Pages load nothing from other hosts."),
    ("GAP-014", "Hosts that are not configured are refused."),
    (
        "GAP-015",
        "Comments of others are removed by moderators only.",
    ),
    ("GAP-016", "The last superuser cannot be deactivated."),
    ("GAP-017", "What a deletion takes along is told before."),
    ("GAP-018", "Answers do not tell whether an account exists."),
    (
        "GAP-019",
        "Exactly one superuser comes from the first set-up.",
    ),
    ("GAP-020", "Diagrams are not sent to third parties."),
    ("GAP-021", "Errors name neither SQL nor secret columns."),
    ("GAP-022", "Programs can use tokens instead of passwords."),
    ("ENT-001", "Passwords can be switched off."),
    (
        "ENT-002",
        "Whoever causes many errors is refused for a while.",
    ),
    (
        "ENT-003",
        "Connections of scanners are closed without an answer.",
    ),
    (
        "ENT-004",
        "Log-ins by providers elsewhere need an address, link nothing by an unverified one, cannot be \
         forged, and lead to tenants of the installation only.",
    ),
    (
        "ENT-005",
        "A database without TLS is refused where TLS is asked for.",
    ),
    (
        "PRJ-001",
        "Sources and packages are analysed by the project's check.",
    ),
    ("PRJ-002", "The project's check takes no input."),
    (
        "PRJ-003",
        "Packages are taken by the digests of lock files.",
    ),
    (
        "PRJ-004",
        "A test goes through all methods and their permissions.",
    ),
];
