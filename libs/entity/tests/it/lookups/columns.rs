//! Conditions on columns: every look-up and transform of every kind.

use entity::{Entity as _, Id};
use serde_json::json;

use super::check;
use crate::world::{Category, TestCase, TestExecution};

#[tokio::test]
async fn texts() {
    check(
        Category::META,
        &[
            (json!({"name": "Alpha"}), &[1]),
            (json!({"name": 5}), &[7]),
            (json!({"name": true}), &[8]),
            (json!({"name": ["5"]}), &[]),
            (json!({"name": ""}), &[]),
            (json!({"name__iexact": "ALPHA"}), &[1, 2]),
            (json!({"name__iexact": "üNÏ"}), &[6]),
            (json!({"name__iexact": null}), &[]),
            (json!({"name__contains": "LPHA"}), &[3]),
            (json!({"name__contains": "%"}), &[3]),
            (json!({"name__contains": "_"}), &[4]),
            (json!({"name__contains": ""}), &[1, 2, 3, 4, 5, 6, 7, 8, 9]),
            (json!({"name__contains": 5}), &[7]),
            (json!({"name__icontains": "lpha"}), &[1, 2, 3]),
            (json!({"name__startswith": "back\\"}), &[5]),
            (json!({"name__istartswith": "AL"}), &[1, 2, 3]),
            (json!({"name__istartswith": "ün"}), &[6]),
            (json!({"name__endswith": "%"}), &[3]),
            (json!({"name__iendswith": "SLASH"}), &[5]),
            (json!({"name__regex": "^[Aa]lpha$"}), &[1, 2]),
            (json!({"name__iregex": "^alpha"}), &[1, 2, 3]),
            (json!({"name__regex": ""}), &[1, 2, 3, 4, 5, 6, 7, 8, 9]),
            (json!({"name__lte": "5"}), &[7]),
            (json!({"name__gt": "other"}), &[6, 8]),
            (json!({"name__in": [5, true, null]}), &[7, 8]),
            (json!({"name__in": "5T"}), &[7]),
            (json!({"name__in": {"5": 1}}), &[7]),
            (json!({"name__in": []}), &[]),
            (json!({"name__range": ["b", "c"]}), &[4, 5]),
            (json!({"name__range": ["b", null]}), &[]),
            (json!({"name__isnull": true}), &[]),
            (
                json!({"name__startswith": "A", "name__endswith": "%"}),
                &[3],
            ),
            (json!({"description": ""}), &[1, 2, 3, 4, 5, 6, 7, 8, 9]),
        ],
    )
    .await;
}

#[tokio::test]
async fn numbers_and_truth_values() {
    let all: &[Id] = &[1, 2, 3, 4, 5, 6, 7, 8, 9];
    check(
        Category::META,
        &[
            (json!({"pk": 3}), &[3]),
            (json!({"id": " 3 "}), &[3]),
            (json!({"id": "+3"}), &[3]),
            (json!({"id": "0_3"}), &[3]),
            (json!({"id": true}), &[1]),
            (json!({"id": 1.5}), &[1]),
            (json!({"id": -1}), &[]),
            (json!({"id": null}), &[]),
            (json!({"id": 99_999_999_999_i64}), &[]),
            (json!({"id": 1e30}), &[]),
            (json!({"id": "99999999999999999999999"}), &[]),
            (
                json!({"id__in": [2, 99_999_999_999_i64, null, "3"]}),
                &[2, 3],
            ),
            (json!({"id__in": "13"}), &[1, 3]),
            (json!({"id__lt": 99_999_999_999_i64}), all),
            (json!({"id__gt": 99_999_999_999_i64}), &[]),
            (json!({"id__gt": -99_999_999_999_i64}), all),
            (json!({"id__gte": 7.5}), &[8, 9]),
            (json!({"id__gt": 7.5}), &[8, 9]),
            (json!({"id__lt": 2.5}), &[1, 2]),
            (json!({"id__lte": 2.5}), &[1, 2]),
            (json!({"id__range": [2, 3]}), &[2, 3]),
            (json!({"id__range": "23"}), &[2, 3]),
            (json!({"id__startswith": 1}), &[1]),
            (json!({"id__regex": "^[12]$"}), &[1, 2]),
            (json!({"id__iexact": "4"}), &[4]),
            (json!({"product": 2}), &[9]),
            (json!({"product_id": "2"}), &[9]),
            (json!({"product__pk__in": [2]}), &[9]),
            (json!({"product__gt": 1}), &[9]),
            (json!({"product__gte": 1.5}), all),
            (json!({"product__isnull": false}), all),
        ],
    )
    .await;
    check(
        TestCase::META,
        &[
            (json!({"is_automated": "f"}), &[1]),
            (json!({"is_automated": 1}), &[2, 3, 4]),
            (json!({"is_automated__in": [false, "0"]}), &[1]),
            (json!({"is_automated__gt": false}), &[2, 3, 4]),
            (json!({"is_automated__contains": "als"}), &[1]),
            (json!({"is_automated__range": [false, true]}), &[1, 2, 3, 4]),
        ],
    )
    .await;
}

#[tokio::test]
async fn dates_and_intervals() {
    check(
        TestCase::META,
        &[
            (json!({"create_date": "2024-01-01"}), &[2]),
            (json!({"create_date": "2024-1-1"}), &[2]),
            (json!({"create_date": "20240101"}), &[2]),
            (json!({"create_date": "2024-W01-1"}), &[2]),
            (json!({"create_date": "2024-01-01 00:00"}), &[2]),
            (json!({"create_date": "2024-01-01T00:00:00.000Z"}), &[2]),
            (json!({"create_date": "2024-01-01T02:00+02:00"}), &[2]),
            (json!({"create_date": "2023-12-31 23:00 -01"}), &[2]),
            (json!({"create_date__gt": "2024-02-29 12:30:45"}), &[3, 4]),
            (json!({"create_date__lte": "2024-01-01"}), &[1, 2]),
            (
                json!({"create_date__range": ["2024-01-01", "2024-12-31"]}),
                &[2, 3],
            ),
            (
                json!({"create_date__in": ["2024-01-01", "2025-01-06", null]}),
                &[2, 4],
            ),
            (json!({"create_date__date": "2024-02-29"}), &[3]),
            (json!({"create_date__date__gt": "2024-02-28"}), &[3, 4]),
            (json!({"create_date__date__in": ["2023-12-31"]}), &[1]),
            (json!({"create_date__date__year": 2024}), &[2, 3]),
            (json!({"create_date__date__contains": "02-29"}), &[3]),
            (json!({"create_date__year": "2024"}), &[2, 3]),
            (json!({"create_date__year__in": [2023, 2025]}), &[1, 4]),
            (
                json!({"create_date__year__range": [2024, 2025]}),
                &[2, 3, 4],
            ),
            (json!({"create_date__year": null}), &[]),
            (json!({"create_date__iso_year": 2023}), &[1]),
            (json!({"create_date__quarter": 4}), &[1]),
            (json!({"create_date__month": 1}), &[2, 4]),
            (json!({"create_date__week": 52}), &[1]),
            (json!({"create_date__day": 29}), &[3]),
            (json!({"create_date__week_day": 2}), &[2, 4]),
            (json!({"create_date__iso_week_day": 7}), &[1]),
            (json!({"create_date__hour__gte": 12}), &[1, 3]),
            (json!({"create_date__minute": 30}), &[3]),
            (json!({"create_date__second": 45}), &[3]),
            (json!({"create_date__second__isnull": false}), &[1, 2, 3, 4]),
            (json!({"create_date__hour": 25}), &[]),
            (json!({"create_date__time": "12:30:45.5"}), &[3]),
            (json!({"create_date__time__hour": 23}), &[1]),
            (json!({"create_date__contains": "2024-02"}), &[3]),
            (json!({"create_date__endswith": "59:59"}), &[1]),
            (json!({"setup_duration": "00:00:10"}), &[2]),
            (json!({"setup_duration": "10"}), &[2]),
            (json!({"setup_duration": "P1D"}), &[3]),
            (json!({"setup_duration__gt": "30 seconds"}), &[3, 4]),
            (json!({"setup_duration__in": ["10", "1 day"]}), &[2, 3]),
            (json!({"setup_duration__range": ["10", "60"]}), &[2, 4]),
            (json!({"setup_duration__startswith": "00:01"}), &[4]),
            (json!({"setup_duration": null}), &[1]),
            (json!({"setup_duration__isnull": false}), &[2, 3, 4]),
        ],
    )
    .await;
    check(
        TestExecution::META,
        &[
            (json!({"stop_date": null}), &[2, 3]),
            (json!({"stop_date__second": 30}), &[1]),
            (json!({"stop_date__hour__isnull": true}), &[2, 3]),
        ],
    )
    .await;
}
