//! The people of the files: accounts that nobody can log in to, members of the tenant.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use entity::Id;
use tenancy::Tenant;

use super::files::Person;
use crate::accounts::{self, Account, NewAccount};
use crate::{Caller, Ctx, Domain, Error, Request, Result, User, tenants};

/// The people by their user names.
pub(super) struct People {
    users: HashMap<String, Arc<User>>,
}

impl People {
    /// Creates the accounts that are missing and lets all of them into the tenant.
    pub(super) async fn ensure(
        domain: &Domain,
        tenant: &Arc<Tenant>,
        people: &[Person],
    ) -> Result<Self> {
        let mut users = HashMap::new();
        for person in people {
            let account = match accounts::find(domain, &person.username).await? {
                Some(account) => account,
                None => create(domain, person).await?,
            };
            tenants::add_member(domain, tenant, account.id).await?;
            let user = User {
                id: account.id,
                username: account.username,
                email: account.email,
                is_staff: false,
                // what they do here was decided by whoever wrote the files
                is_superuser: true,
                is_authorised: true,
                permissions: Arc::new(HashSet::new()),
            };
            users.insert(person.username.clone(), Arc::new(user));
        }
        if users.is_empty() {
            return Err(Error::refused(
                "product.toml: at least one person is needed",
            ));
        }
        Ok(Self { users })
    }

    /// Opens the transaction, on behalf of one of them.
    pub(super) async fn begin(&self, domain: &Domain, tenant: &Arc<Tenant>) -> Result<Ctx> {
        let user = self.users.values().min_by_key(|user| user.id).cloned();
        let caller = user.map_or(Caller::Anonymous, Caller::User);
        let request = Request::inside(domain, tenant, caller, "tenant-apply");
        request.begin().await
    }

    /// Lets somebody else act from now on.
    pub(super) fn act_as(&self, ctx: &mut Ctx, username: &str) -> Result<()> {
        ctx.request.caller = Caller::User(self.user(username)?);
        Ok(())
    }

    /// Id of a person.
    pub(super) fn id(&self, username: &str) -> Result<Id> {
        Ok(self.user(username)?.id)
    }

    fn user(&self, username: &str) -> Result<Arc<User>> {
        let missing = || Error::Refused(format!("product.toml: there is no person {username}"));
        self.users.get(username).cloned().ok_or_else(missing)
    }
}

async fn create(domain: &Domain, person: &Person) -> Result<Account> {
    let new = NewAccount {
        username: person.username.clone(),
        email: person.email.clone(),
        first_name: person.first_name.clone(),
        last_name: person.last_name.clone(),
        password: None,
        is_active: true,
        is_staff: false,
        is_superuser: false,
        groups: vec![],
    };
    accounts::create(domain, new).await
}
