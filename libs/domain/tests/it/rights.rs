//! Groups and permissions, and how fast they count.

use domain::accounts::NewAccount;
use domain::{Caller, Error, accounts, group, permissions};
use futures_util::future::join_all;
use testkit::until;

use crate::world::{PASSWORD, World};

#[tokio::test]
async fn the_two_groups_of_the_public_tenant() {
    let world = World::new().await;
    let mut ctx = world.context(&world.public, Caller::Anonymous).await;
    let all = group::permissions(&mut ctx, 1).await.unwrap();
    assert_eq!(all.len(), 234);
    let bugs: Vec<&str> = all
        .iter()
        .filter_map(|name| name.strip_prefix("bugs."))
        .take(5)
        .collect();
    let by_kind = [
        "add_bug",
        "change_bug",
        "delete_bug",
        "view_bug",
        "add_bug_executions",
    ];
    assert_eq!(bugs, by_kind);
    assert_eq!(group::permissions(&mut ctx, 2).await.unwrap().len(), 189);
    let missing = group::permissions(&mut ctx, 3).await.unwrap_err();
    assert_eq!(missing.to_string(), "Group matching query does not exist.");
    assert!(group::rename(&mut ctx, 1, "Root").await.is_err());
    assert!(group::delete(&mut ctx, 2).await.is_err());
}

#[tokio::test]
async fn rights_count_at_once_in_every_program() {
    let world = World::new().await;
    let bob = world.account("bob").await;
    let second = world.second().await;
    let may = async |domain: &domain::Domain, permission: &str| {
        let user = permissions::load_user(domain, &world.public, bob.id)
            .await
            .unwrap();
        Caller::User(user.unwrap()).may(permission)
    };
    let soon = async |permission: &str, expected: bool| {
        assert_eq!(
            may(&world.domain, permission).await,
            expected,
            "{permission}"
        );
        until("the other program hears of it", async || {
            may(&second, permission).await == expected
        })
        .await;
    };
    soon("auth.view_user", false).await;

    let mut ctx = world.context(&world.public, Caller::Anonymous).await;
    let readers = group::create(&mut ctx, "Readers").await.unwrap();
    group::add_permission(&mut ctx, readers.id, "auth.view_user")
        .await
        .unwrap();
    group::join_by_name(&mut ctx, "bob", "Readers")
        .await
        .unwrap();
    group::join_by_name(&mut ctx, "bob", "Readers")
        .await
        .unwrap();
    // not before the commit
    assert!(!may(&world.domain, "auth.view_user").await);
    ctx.commit().await.unwrap();
    soon("auth.view_user", true).await;

    let mut ctx = world.context(&world.public, Caller::Anonymous).await;
    let users = group::users(&mut ctx, readers.id).await.unwrap();
    assert_eq!(users, [(bob.id, "bob".to_owned())]);
    group::remove_permission(&mut ctx, readers.id, "auth.view_user")
        .await
        .unwrap();
    ctx.commit().await.unwrap();
    soon("auth.view_user", false).await;

    accounts::grant(&world.domain, bob.id, &["auth.view_group".to_owned()])
        .await
        .unwrap();
    soon("auth.view_group", true).await;
    assert_eq!(
        accounts::permissions(&world.domain, bob.id).await.unwrap(),
        ["auth.view_group"]
    );
    accounts::revoke(&world.domain, bob.id, &["auth.view_group".to_owned()])
        .await
        .unwrap();
    soon("auth.view_group", false).await;
    let unknown = accounts::grant(&world.domain, bob.id, &["auth.fly".to_owned()]).await;
    assert!(unknown.is_err());

    let changes = accounts::Changes {
        is_superuser: Some(true),
        ..Default::default()
    };
    accounts::update(&world.domain, bob.id, changes)
        .await
        .unwrap();
    soon("anything.at_all", true).await;
    let changes = accounts::Changes {
        is_superuser: Some(false),
        ..Default::default()
    };
    assert!(
        accounts::update(&world.domain, bob.id, changes.clone())
            .await
            .is_err()
    );
    world.superuser("root").await;
    accounts::update(&world.domain, bob.id, changes)
        .await
        .unwrap();
    soon("anything.at_all", false).await;
}

#[tokio::test]
async fn groups_are_checked() {
    let world = World::new().await;
    let owner = world.account("owner").await;
    let guest = world.account("guest").await;
    let one = world.tenant("one", &owner).await;
    let mut ctx = world.context(&one, Caller::Anonymous).await;
    let made = group::create(&mut ctx, "Guests").await.unwrap();
    let text = |result: domain::Result<()>| result.unwrap_err().to_string();
    assert_eq!(
        group::create(&mut ctx, "Guests")
            .await
            .unwrap_err()
            .to_string(),
        "[('name', ['Group with this Name already exists.'])]"
    );
    let mut add =
        async |permission: &str| text(group::add_permission(&mut ctx, made.id, permission).await);
    assert_eq!(
        add("bad").await,
        "\"bad\" should be: app_label.perm_codename"
    );
    assert_eq!(
        add("a.b.c").await,
        "\"a.b.c\" should be: app_label.perm_codename"
    );
    assert_eq!(add(".b").await, "Invalid app_label or codename");
    let unknown = "Permission matching query does not exist.";
    assert_eq!(add("testcases.fly").await, unknown);
    // not in a tenant
    assert_eq!(add("auth.change_user").await, unknown);
    group::add_permission(&mut ctx, made.id, "tenant_groups.view_group")
        .await
        .unwrap();
    let missing = group::add_permission(&mut ctx, 4711, "bad").await;
    assert_eq!(text(missing), "Group matching query does not exist.");

    // somebody of another tenant does not exist here
    let user = "User matching query does not exist.";
    assert_eq!(
        text(group::add_user(&mut ctx, made.id, guest.id).await),
        user
    );
    assert_eq!(
        text(group::join_by_name(&mut ctx, "guest", "Guests").await),
        user
    );
    assert_eq!(text(group::add_user(&mut ctx, made.id, 1).await), user);
    let nothing = group::join_by_name(&mut ctx, "owner", "Nobody").await;
    assert!(matches!(nothing, Err(Error::NotFound { entity: "Group" })));
    group::add_user(&mut ctx, made.id, owner.id).await.unwrap();
    group::remove_user(&mut ctx, made.id, owner.id)
        .await
        .unwrap();
    assert_eq!(group::users(&mut ctx, made.id).await.unwrap(), []);
    let renamed = group::rename(&mut ctx, made.id, "Visitors").await.unwrap();
    assert_eq!(renamed.name, "Visitors");
    group::delete(&mut ctx, made.id).await.unwrap();
}

#[tokio::test]
async fn gap_019_an_installation_begins_with_one_superuser() {
    let world = World::new().await;
    let begin = async |n: usize| {
        let (name, email) = (format!("first{n}"), format!("first{n}@example.org"));
        let new = NewAccount::user(&world.domain, &name, &email, Some(PASSWORD));
        accounts::create_first(&world.domain, new).await
    };
    let outcomes = join_all((0..6).map(begin)).await;
    let made: Vec<_> = outcomes
        .iter()
        .filter_map(|made| made.as_ref().ok())
        .collect();
    assert!(made.len() == 1 && made[0].is_superuser, "{outcomes:?}");
    let all = accounts::all(&world.domain).await.unwrap();
    assert_eq!(all.iter().filter(|account| account.is_superuser).count(), 1);
    for refused in outcomes.iter().filter_map(|made| made.as_ref().err()) {
        assert!(matches!(refused, Error::Conflict(_)), "{refused:?}");
    }
    let late = begin(9).await.unwrap_err();
    assert_eq!(
        late.to_string(),
        "there is a superuser already, who can make others"
    );
}
