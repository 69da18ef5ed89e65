//! Who may enter a tenant, and tenants themselves.

use domain::permissions::{self, may_enter, visitor_may};
use domain::{Caller, Error, group, session, site, tenants};
use tenancy::{Changes, NewTenant};
use testkit::until;

use crate::world::World;

#[tokio::test]
async fn only_members_enter_a_private_tenant() {
    let world = World::new().await;
    let root = world.superuser("root").await;
    let owner = world.account("owner").await;
    let guest = world.account("guest").await;
    let one = world.tenant("one", &owner).await;
    let caller = async |account: &domain::accounts::Account| {
        let user = permissions::load_user(&world.domain, &one, account.id)
            .await
            .unwrap();
        Caller::User(user.unwrap())
    };
    assert!(may_enter(&one, &Caller::Anonymous));
    assert!(may_enter(&one, &caller(&owner).await));
    // being a superuser is no way in
    for account in [&root, &guest] {
        let caller = caller(account).await;
        assert!(!may_enter(&one, &caller));
        assert!(may_enter(&world.public, &caller));
        assert!(!caller.may("testcases.view_testcase"));
    }
    tenants::add_member(&world.domain, &one, guest.id)
        .await
        .unwrap();
    let guest_now = caller(&guest).await;
    assert!(may_enter(&one, &guest_now));
    assert!(guest_now.may("testcases.add_testcase"));
    tenants::add_member(&world.domain, &one, root.id)
        .await
        .unwrap();
    assert!(caller(&root).await.may("anything.at_all"));
    tenants::remove_member(&world.domain, &one, guest.id)
        .await
        .unwrap();
    assert!(!may_enter(&one, &caller(&guest).await));

    let refused = tenants::remove_member(&world.domain, &one, owner.id).await;
    assert!(matches!(refused, Err(Error::Conflict(_))));
}

#[tokio::test]
async fn everybody_reads_a_public_tenant() {
    let world = World::new().await;
    let root = world.superuser("root").await;
    let owner = world.account("owner").await;
    let guest = world.account("guest").await;
    let one = world.tenant("one", &owner).await;
    let changes = Changes {
        publicly_readable: Some(true),
        ..Changes::default()
    };
    let before = permissions::load_user(&world.domain, &one, guest.id)
        .await
        .unwrap()
        .unwrap();
    assert!(before.permissions.is_empty());
    world.domain.tenancy().change(&one, &changes).await.unwrap();
    let one = world
        .domain
        .tenancy()
        .by_name("one")
        .await
        .unwrap()
        .unwrap();
    for account in [&root, &guest] {
        let user = permissions::load_user(&world.domain, &one, account.id)
            .await
            .unwrap()
            .unwrap();
        let caller = Caller::User(user);
        assert!(may_enter(&one, &caller));
        assert!(caller.may("testcases.view_testcase"));
        assert!(!caller.may("testcases.add_testcase"));
        assert!(!caller.may("auth.view_user"));
    }
    assert!(visitor_may(&one, "testruns.view_testrun"));
    assert!(!visitor_may(&one, "auth.view_user"));
    assert!(!visitor_may(&world.public, "testruns.view_testrun"));
}

#[tokio::test]
async fn a_tenant_is_made_at_once_or_not_at_all() {
    let world = World::new().await;
    let owner = world.account("owner").await;
    world.tenant("warm", &owner).await;
    let one = world.tenant("one", &owner).await;
    assert_eq!(
        site::domain_of(&world.domain, &one).await.unwrap(),
        "one.kiwi.test"
    );
    site::set(&world.domain, &one, "tests.example.org")
        .await
        .unwrap();
    assert_eq!(
        site::domain_of(&world.domain, &one).await.unwrap(),
        "tests.example.org"
    );

    let members = tenants::members(&world.domain, &one).await.unwrap();
    assert_eq!(members.len(), 1);
    assert!(members[0].is_owner);
    assert_eq!(members[0].groups, [group::ADMINISTRATOR, group::TESTER]);
    let user = permissions::load_user(&world.domain, &one, owner.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(user.permissions.len(), 198);
    assert_eq!(
        group::ensure_defaults(&world.domain, &one).await.unwrap(),
        []
    );

    let again = NewTenant {
        schema: "one".to_owned(),
        ..NewTenant::default()
    };
    let refused = tenants::create(&world.domain, owner.id, again)
        .await
        .unwrap_err();
    assert!(
        refused.to_string().contains("Schema name already in use"),
        "{refused}"
    );
    let two = NewTenant {
        schema: "two".to_owned(),
        ..NewTenant::default()
    };
    let refused = tenants::create(&world.domain, 4711, two).await.unwrap_err();
    assert_eq!(refused.to_string(), "User matching query does not exist.");
    assert!(
        world
            .domain
            .tenancy()
            .by_name("two")
            .await
            .unwrap()
            .is_none()
    );

    // one log-in for all tenants
    let key = world.log_in("owner").await;
    let caller = session::caller(&world.domain, &one, &key).await.unwrap();
    assert!(caller.user().unwrap().is_authorised);
}

#[tokio::test]
async fn groups_of_a_command() {
    let world = World::new().await;
    let owner = world.account("owner").await;
    let guest = world.account("guest").await;
    let one = world.tenant("one", &owner).await;
    let names = |names: &[&str]| {
        names
            .iter()
            .map(|&name| name.to_owned())
            .collect::<Vec<_>>()
    };
    let join = async |wanted: &[&str]| {
        tenants::join_groups(&world.domain, &one, guest.id, &names(wanted)).await
    };
    assert!(matches!(
        join(&["Tester"]).await,
        Err(Error::NotFound { .. })
    ));
    tenants::add_member(&world.domain, &one, guest.id)
        .await
        .unwrap();
    let unknown = join(&["Tester", "Nobody"]).await.unwrap_err();
    assert_eq!(
        unknown.to_string(),
        "group Nobody does not exist in tenant one"
    );
    join(&["Administrator"]).await.unwrap();
    let user = permissions::load_user(&world.domain, &one, guest.id)
        .await
        .unwrap()
        .unwrap();
    assert!(user.permissions.contains("tenant_groups.add_group"));
}

#[tokio::test]
async fn the_people_of_a_copy_may_enter_it_at_once_on_every_server() {
    let world = World::new().await;
    let owner = world.account("owner").await;
    let guest = world.account("guest").await;
    let one = world.tenant("one", &owner).await;
    tenants::add_member(&world.domain, &one, guest.id)
        .await
        .unwrap();
    let other = world.second().await;
    let user = permissions::load_user(&other, &one, guest.id)
        .await
        .unwrap();
    assert!(user.unwrap().is_authorised);
    for (schema, members) in [("open", true), ("closed", false)] {
        let new = NewTenant {
            schema: schema.to_owned(),
            ..NewTenant::default()
        };
        let copy = tenants::copy(&world.domain, &one, owner.id, new, members)
            .await
            .unwrap();
        assert_eq!(copy.owner_id, Some(owner.id));
        for domain in [&world.domain, &other] {
            // the message to the other server takes a moment
            until(schema, async || {
                let user = permissions::load_user(domain, &copy, guest.id)
                    .await
                    .unwrap();
                user.unwrap().is_authorised == members
            })
            .await;
        }
        let user = permissions::load_user(&world.domain, &copy, owner.id)
            .await
            .unwrap();
        assert!(user.unwrap().permissions.contains("testcases.add_testcase"));
    }
}
