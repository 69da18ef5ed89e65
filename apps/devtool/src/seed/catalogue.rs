//! Products with versions, builds, categories and components; tags.

use sqlx::PgConnection;

use super::{Bases, Size};

/// Categories of each product.
pub(super) const CATEGORIES: i32 = 5;
/// Components of each product.
pub(super) const COMPONENTS: i32 = 6;
/// Tags of the tenant.
pub(super) const TAGS: i32 = 40;

pub(super) async fn fill(conn: &mut PgConnection, size: &Size, bases: &Bases) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO product (id, name, description, classification_id)
         SELECT $1 + n,
                format('%s product %s', $2::text, n),
                'Generated for measurements.',
                (SELECT min(id) FROM classification)
         FROM generate_series(1, $3) n",
    )
    .bind(bases.product)
    .bind(size.word)
    .bind(size.products)
    .execute(&mut *conn)
    .await?;
    let versions = size.products * size.versions_per_product;
    sqlx::query(
        "INSERT INTO version (id, value, product_id)
         SELECT $1 + n, format('%s.%s', 1 + (n - 1) % $3, 0), $2 + 1 + (n - 1) / $3
         FROM generate_series(1, $4) n",
    )
    .bind(bases.version)
    .bind(bases.product)
    .bind(size.versions_per_product)
    .bind(versions)
    .execute(&mut *conn)
    .await?;
    sqlx::query(
        "INSERT INTO build (id, name, version_id)
         SELECT $1 + n, format('build-%s', lpad(n::text, 4, '0')), $2 + 1 + (n - 1) / $3
         FROM generate_series(1, $4) n",
    )
    .bind(bases.build)
    .bind(bases.version)
    .bind(size.builds_per_version)
    .bind(versions * size.builds_per_version)
    .execute(&mut *conn)
    .await?;
    sqlx::query(
        "INSERT INTO category (id, name, product_id, description)
         SELECT $1 + n,
                (ARRAY['--default--', 'Functional', 'Security', 'Performance', 'Usability'])
                    [1 + (n - 1) % $3],
                $2 + 1 + (n - 1) / $3,
                ''
         FROM generate_series(1, $4) n",
    )
    .bind(bases.category)
    .bind(bases.product)
    .bind(CATEGORIES)
    .bind(size.products * CATEGORIES)
    .execute(&mut *conn)
    .await?;
    sqlx::query(
        "INSERT INTO component (id, name, product_id, description)
         SELECT $1 + n,
                (ARRAY['Web', 'API', 'Database', 'Mobile', 'Reports', 'Import'])[1 + (n - 1) % $3],
                $2 + 1 + (n - 1) / $3,
                'Generated for measurements.'
         FROM generate_series(1, $4) n",
    )
    .bind(bases.component)
    .bind(bases.product)
    .bind(COMPONENTS)
    .bind(size.products * COMPONENTS)
    .execute(&mut *conn)
    .await?;
    sqlx::query(
        "INSERT INTO tag (id, name)
         SELECT $1 + n, format('%s-tag-%s', $2::text, lpad(n::text, 2, '0'))
         FROM generate_series(1, $3) n",
    )
    .bind(bases.tag)
    .bind(size.word)
    .bind(TAGS)
    .execute(conn)
    .await?;
    Ok(())
}
