//! What is known about languages: enough to colour a code block.

/// A family of languages that look alike.
pub(super) struct Language {
    names: &'static [&'static str],
    keywords: &'static [&'static str],
    constants: &'static [&'static str],
    builtins: &'static [&'static str],
    any_case: bool,
    pub(super) line_comments: &'static [&'static str],
    pub(super) block_comments: bool,
    pub(super) backticks: bool,
}

impl Language {
    /// The class of a word.
    pub(super) fn class_of(&self, word: &str) -> &'static str {
        let is_in = |words: &[&str]| {
            words
                .iter()
                .any(|known| *known == word || (self.any_case && known.eq_ignore_ascii_case(word)))
        };
        if is_in(self.keywords) {
            "k"
        } else if is_in(self.constants) {
            "kc"
        } else if is_in(self.builtins) {
            "nb"
        } else {
            "n"
        }
    }
}

/// The language with this name.
pub(super) fn find(name: &str) -> Option<&'static Language> {
    LANGUAGES
        .iter()
        .find(|language| language.names.contains(&name))
}

const LANGUAGES: &[Language] = &[
    Language {
        names: &["python", "py", "python3", "py3"],
        keywords: &[
            "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
            "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in",
            "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while",
            "with", "yield",
        ],
        constants: &["False", "None", "True"],
        builtins: &[
            "abs",
            "all",
            "any",
            "bool",
            "bytes",
            "dict",
            "enumerate",
            "filter",
            "float",
            "format",
            "getattr",
            "hasattr",
            "int",
            "isinstance",
            "len",
            "list",
            "map",
            "max",
            "min",
            "next",
            "object",
            "open",
            "print",
            "range",
            "repr",
            "reversed",
            "round",
            "set",
            "sorted",
            "str",
            "sum",
            "super",
            "tuple",
            "type",
            "zip",
        ],
        any_case: false,
        line_comments: &["#"],
        block_comments: false,
        backticks: false,
    },
    Language {
        names: &[
            "c",
            "c++",
            "cpp",
            "c#",
            "cs",
            "csharp",
            "go",
            "golang",
            "java",
            "javascript",
            "js",
            "kotlin",
            "php",
            "rust",
            "rs",
            "swift",
            "ts",
            "typescript",
        ],
        keywords: &[
            "abstract",
            "as",
            "async",
            "await",
            "break",
            "case",
            "catch",
            "class",
            "const",
            "continue",
            "default",
            "defer",
            "do",
            "else",
            "enum",
            "export",
            "extends",
            "final",
            "finally",
            "fn",
            "for",
            "foreach",
            "from",
            "func",
            "function",
            "go",
            "if",
            "impl",
            "implements",
            "import",
            "in",
            "instanceof",
            "interface",
            "let",
            "loop",
            "match",
            "mod",
            "mut",
            "namespace",
            "new",
            "of",
            "package",
            "private",
            "protected",
            "pub",
            "public",
            "return",
            "static",
            "struct",
            "super",
            "switch",
            "this",
            "throw",
            "throws",
            "trait",
            "try",
            "type",
            "typeof",
            "use",
            "using",
            "var",
            "void",
            "where",
            "while",
            "yield",
        ],
        constants: &["false", "nil", "null", "true", "undefined"],
        builtins: &["console", "document", "println", "window"],
        any_case: false,
        line_comments: &["//"],
        block_comments: true,
        backticks: true,
    },
    Language {
        names: &["bash", "console", "sh", "shell", "zsh"],
        keywords: &[
            "case", "do", "done", "elif", "else", "esac", "fi", "for", "function", "if", "in",
            "return", "select", "then", "until", "while",
        ],
        constants: &[],
        builtins: &[
            "alias", "cd", "echo", "eval", "exec", "exit", "export", "printf", "pwd", "read",
            "set", "source", "test", "unset",
        ],
        any_case: false,
        line_comments: &["#"],
        block_comments: false,
        backticks: true,
    },
    Language {
        names: &["sql", "postgres", "postgresql", "mysql"],
        keywords: &[
            "ALTER", "AND", "AS", "BEGIN", "BY", "CASE", "COMMIT", "CREATE", "DELETE", "DISTINCT",
            "DROP", "ELSE", "END", "EXISTS", "FROM", "GROUP", "HAVING", "IN", "INDEX", "INNER",
            "INSERT", "INTO", "IS", "JOIN", "LEFT", "LIKE", "LIMIT", "NOT", "OFFSET", "ON", "OR",
            "ORDER", "OUTER", "RIGHT", "SELECT", "SET", "TABLE", "THEN", "UNION", "UPDATE",
            "VALUES", "VIEW", "WHEN", "WHERE", "WITH",
        ],
        constants: &["FALSE", "NULL", "TRUE"],
        builtins: &[],
        any_case: true,
        line_comments: &["--"],
        block_comments: true,
        backticks: false,
    },
    Language {
        names: &["ini", "json", "toml", "yaml", "yml"],
        keywords: &[],
        constants: &["false", "null", "true"],
        builtins: &[],
        any_case: false,
        line_comments: &["#"],
        block_comments: false,
        backticks: false,
    },
];
