//! Conditions across relations.

use entity::Entity as _;
use serde_json::json;

use super::check;
use crate::world::{HistoricalTestCase, Member, Product, TestCase};

#[tokio::test]
async fn relations() {
    check(
        TestCase::META,
        &[
            (json!({"plan": 1}), &[1, 2]),
            (json!({"plan__in": [1, 2]}), &[1, 2]),
            (json!({"plan__in": []}), &[]),
            (json!({"plan": null}), &[3, 4]),
            (json!({"plan__isnull": false}), &[1, 2]),
            (json!({"plan__name": null}), &[3, 4]),
            (json!({"plan__parent": null}), &[1, 2, 3, 4]),
            (json!({"plan__parent": 1}), &[1]),
            (json!({"plan__parent__name": "root"}), &[1]),
            (json!({"plan__children__isnull": false}), &[1, 2]),
            (json!({"plan__children": 2}), &[1, 2]),
            (json!({"tag__isnull": true}), &[3, 4]),
            (json!({"tag__name": "a"}), &[1]),
            (json!({"tag__name__in": ["a", "b"]}), &[1, 2]),
            (json!({"tag__name": "b", "tag__id": 1}), &[]),
            (
                json!({"testcaseplan__plan": 1, "testcaseplan__sortkey__gte": 10}),
                &[2],
            ),
            (
                json!({"testcaseplan__plan": 1, "testcaseplan__sortkey": 50}),
                &[],
            ),
            (json!({"plan": 1, "testcaseplan__sortkey": 50}), &[]),
            (
                json!({"property__name": "os", "property__value": "y"}),
                &[2],
            ),
            (json!({"executions__tested_by": null}), &[1, 2, 4]),
            (json!({"executions__tested_by__username": "ann"}), &[2]),
            (json!({"executions__isnull": true}), &[1, 4]),
            (json!({"executions": 3}), &[3]),
            (json!({"reviewer": null}), &[1, 3]),
            (json!({"reviewer__username__isnull": true}), &[1, 3]),
            (json!({"reviewer__username": "bob"}), &[2]),
            (
                json!({"category__product__classification__name__iexact": "TOOLS"}),
                &[1, 2, 3, 4],
            ),
            (json!({"category_id__name": "Alpha"}), &[1, 2, 3, 4]),
            (json!({"plan__cases__tag__name": "a"}), &[1, 2]),
            (json!({"tag__plan": 1}), &[1, 2]),
            (json!({"email_settings__isnull": true}), &[]),
            (
                json!({"email_settings__notify_on_case_update": true, "email_settings__case": 3}),
                &[3],
            ),
            (
                json!({"category__category_case": 4, "summary__contains": "2025"}),
                &[4],
            ),
        ],
    )
    .await;
    check(
        Product::META,
        &[
            (json!({"plan__cases__tag__name": "a"}), &[1]),
            (json!({"category__name": "other"}), &[2]),
            (json!({"plan__isnull": true}), &[2]),
        ],
    )
    .await;
    check(Member::META, &[(json!({"cases_as_author__plan": 2}), &[1])]).await;
    check(
        HistoricalTestCase::META,
        &[
            (
                json!({"history_user__username": "bob", "history_type": "+"}),
                &[1, 2, 3, 4],
            ),
            (json!({"id": 3}), &[3]),
            (
                json!({"create_date__year": 2024, "setup_duration__lt": "1 minute"}),
                &[2],
            ),
            (
                json!({"category__name": "Alpha", "history_date__year": 2024}),
                &[1, 2, 3, 4],
            ),
        ],
    )
    .await;
}
