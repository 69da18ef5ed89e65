//! An installation to act on.

use std::sync::Arc;

use domain::accounts::{self, Account, NewAccount};
use domain::{Caller, Ctx, Domain, Request, Settings, group, session, tenants};
use tenancy::{MigrateOptions, NewTenant, Tenancy, Tenant};
use testkit::TestDatabase;

/// Strong, and not similar to any name in the tests.
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// A program on a database of its own.
pub(crate) struct World {
    pub(crate) domain: Domain,
    pub(crate) config: TestDatabase,
    pub(crate) public: Arc<Tenant>,
}

impl World {
    /// A migrated database in multi mode.
    pub(crate) async fn new() -> Self {
        let config = TestDatabase::empty().await;
        let tenancy = Tenancy::open(config.clone()).await.unwrap();
        let report = tenancy.migrate(&MigrateOptions::default()).await.unwrap();
        assert!(report.is_complete(), "{:?}", report.failures);
        let public = tenancy.by_name("public").await.unwrap().unwrap();
        let domain = Domain::new(tenancy, Settings::default());
        group::ensure_defaults(&domain, &public).await.unwrap();
        Self {
            domain,
            config,
            public,
        }
    }

    /// Another program on the same database.
    pub(crate) async fn second(&self) -> Domain {
        let tenancy = Tenancy::open(self.config.clone()).await.unwrap();
        tenancy.ping().await.unwrap();
        Domain::new(tenancy, Settings::default())
    }

    /// An ordinary account.
    pub(crate) async fn account(&self, name: &str) -> Account {
        let email = format!("{name}@example.org");
        let new = NewAccount::user(&self.domain, name, &email, Some(PASSWORD));
        accounts::create(&self.domain, new).await.unwrap()
    }

    /// An account that may do everything.
    pub(crate) async fn superuser(&self, name: &str) -> Account {
        let email = format!("{name}@example.org");
        let new = NewAccount::superuser(name, &email, Some(PASSWORD));
        accounts::create(&self.domain, new).await.unwrap()
    }

    /// A tenant with this owner.
    pub(crate) async fn tenant(&self, schema: &str, owner: &Account) -> Arc<Tenant> {
        let new = NewTenant {
            schema: schema.to_owned(),
            name: schema.to_owned(),
            ..NewTenant::default()
        };
        tenants::create(&self.domain, owner.id, new).await.unwrap()
    }

    /// Logs in, in the public tenant.
    pub(crate) async fn log_in(&self, name: &str) -> String {
        let logged_in =
            session::log_in(&self.domain, &self.public, None, name, PASSWORD, None).await;
        logged_in.unwrap().key
    }

    /// The columns of somebody's `member` row, as text; `None` without one.
    pub(crate) async fn member(&self, tenant: &Arc<Tenant>, account: &Account) -> Option<String> {
        let mut tx = self.domain.tenancy().begin(tenant).await.unwrap();
        sqlx::query_scalar(
            "SELECT concat_ws(' ', username, NULLIF(first_name, ''), NULLIF(last_name, ''), NULLIF(email, ''),
                              CASE WHEN is_active THEN 'active' END,
                              CASE WHEN is_authorised THEN 'authorised' END,
                              (SELECT string_agg(g.name, ',' ORDER BY g.name)
                               FROM group_member l JOIN user_group g ON g.id = l.group_id
                               WHERE l.user_id = member.id))
             FROM member WHERE id = $1",
        )
        .bind(account.id)
        .fetch_optional(tx.conn())
        .await
        .unwrap()
    }

    /// A context in a tenant, for rules that need one.
    pub(crate) async fn context(&self, tenant: &Arc<Tenant>, caller: Caller) -> Ctx {
        let request = Request::inside(&self.domain, tenant, caller, "test");
        request.begin().await.unwrap()
    }
}
