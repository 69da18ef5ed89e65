//! What a bug report says about an execution.

use entity::{Fk, Id, sql};

use crate::link_reference::LinkReference;
use crate::{Ctx, Error, Result, site};

/// Everything about an execution that a report needs; read in one statement.
#[derive(Debug, Clone, macros::Row)]
pub struct Report {
    /// Id of the execution.
    pub execution: Id,
    /// Where the execution is shown.
    pub execution_url: String,
    /// Summary of the case.
    pub case_summary: String,
    /// Text of the case, in the version that the execution follows.
    pub steps: String,
    /// Id of the product of the execution's build.
    pub product_id: Id,
    /// Its name.
    pub product: String,
    /// Id of the version of the execution's build.
    pub version_id: Id,
    /// Its name.
    pub version: String,
    /// Id of the execution's build.
    pub build_id: Id,
    /// Its name.
    pub build: String,
    /// Names of the components of the case, ascending.
    pub components: Vec<String>,
    /// Who looks after the first component that has somebody: of the case, else of the product.
    pub owner_id: Option<Id>,
    /// Public host name of the tenant, with the port unless it is the usual one.
    pub site: String,
    /// Who reports: full name, else user name.
    pub reporter: String,
}

/// Longest title that the built-in tracker takes.
const MAX_TITLE: usize = 255;

impl Report {
    /// Reads what there is to say about an execution, in the name of the caller.
    pub(super) async fn read(ctx: &mut Ctx, execution: Id) -> Result<Self> {
        let caller = ctx.user()?.id;
        let found: Option<Self> = sql::query_as(
            "SELECT e.id AS execution,
                    concat('/runs/', e.run_id, '/#test-execution-', e.id) AS execution_url,
                    c.summary AS case_summary,
                    COALESCE(h.row ->> 'text', c.text) AS steps,
                    p.id AS product_id, p.name AS product,
                    v.id AS version_id, v.value AS version,
                    b.id AS build_id, b.name AS build,
                    ARRAY(SELECT k.name::text
                          FROM test_case_component l
                          JOIN component k ON k.id = l.component_id
                          WHERE l.case_id = c.id
                          ORDER BY k.name, k.id) AS components,
                    COALESCE((SELECT m.id
                              FROM test_case_component l
                              JOIN component k ON k.id = l.component_id
                              JOIN member m ON m.id = k.initial_owner_id AND m.is_authorised
                              WHERE l.case_id = c.id
                              ORDER BY k.name, k.id
                              LIMIT 1),
                             (SELECT m.id
                              FROM component k
                              JOIN member m ON m.id = k.initial_owner_id AND m.is_authorised
                              WHERE k.product_id = p.id
                              ORDER BY k.name, k.id
                              LIMIT 1)) AS owner_id,
                    s.domain AS site,
                    COALESCE(NULLIF(trim(concat(u.first_name, ' ', u.last_name)), ''), u.username)
                        AS reporter
             FROM test_execution e
             JOIN test_case c ON c.id = e.case_id
             JOIN build b ON b.id = e.build_id
             JOIN version v ON v.id = b.version_id
             JOIN product p ON p.id = v.product_id
             JOIN member u ON u.id = $2
             JOIN site s ON s.id = 1
             LEFT JOIN history h
                 ON h.id = e.case_text_version AND h.kind = 'testcase' AND h.object_id = e.case_id
             WHERE e.id = $1",
        )
        .bind(execution)
        .bind(caller)
        .fetch_optional(ctx.conn())
        .await?;
        let mut report = found.ok_or(Error::NotFound {
            entity: "TestExecution",
        })?;
        report.site = site::reachable(ctx.domain(), report.site);
        report
            .execution_url
            .insert_str(0, &format!("https://{}", report.site));
        Ok(report)
    }

    /// One line for the list of issues.
    pub fn title(&self) -> String {
        let title = format!("Failed test: {}", self.case_summary);
        title.chars().take(MAX_TITLE).collect()
    }

    /// The text of the issue, in Markdown.
    pub fn text(&self) -> String {
        let parts = [
            ("Reporter", self.reporter.as_str()),
            ("Product", &self.product),
            ("Version", &self.version),
            ("Build", &self.build),
            ("Component(s)", &self.components.join(", ")),
            ("Steps to reproduce", &self.steps),
            ("Actual results", "<describe what happened>"),
        ];
        parts.into_iter().fold(
            format!("Filed from execution {}", self.execution_url),
            |text, (label, value)| format!("{text}\n\n**{label}:**\n{value}"),
        )
    }

    /// Adds the link from the execution to the issue, unless it is there already.
    pub(super) async fn link(&self, ctx: &mut Ctx, url: &str) -> Result<()> {
        let mut link = LinkReference {
            id: 0,
            execution: Fk::new(self.execution),
            name: String::new(),
            url: url.to_owned(),
            created_on: ctx.now,
            is_defect: true,
        };
        crate::link::attach(ctx, &mut link, &["execution", "url"]).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        Report {
            execution: 7,
            execution_url: "https://kiwi.example/runs/3/#test-execution-7".to_owned(),
            case_summary: "Pour one cup".to_owned(),
            steps: "1. Pour".to_owned(),
            product_id: 1,
            product: "Kettle".to_owned(),
            version_id: 1,
            version: "3.1".to_owned(),
            build_id: 1,
            build: "b7".to_owned(),
            components: vec!["Lid".to_owned(), "Spout".to_owned()],
            owner_id: None,
            site: "kiwi.example".to_owned(),
            reporter: "Alice Liddell".to_owned(),
        }
    }

    #[test]
    fn says_everything_in_a_fixed_order() {
        insta::assert_snapshot!(report().text(), @r"
        Filed from execution https://kiwi.example/runs/3/#test-execution-7

        **Reporter:**
        Alice Liddell

        **Product:**
        Kettle

        **Version:**
        3.1

        **Build:**
        b7

        **Component(s):**
        Lid, Spout

        **Steps to reproduce:**
        1. Pour

        **Actual results:**
        <describe what happened>
        ");
    }

    #[test]
    fn titles_fit_the_tracker() {
        assert_eq!(report().title(), "Failed test: Pour one cup");
        let long = Report {
            case_summary: "ы".repeat(255),
            ..report()
        };
        assert_eq!(long.title().chars().count(), 255);
    }
}
