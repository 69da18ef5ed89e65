//! Accounts reach the tenants.

use domain::accounts::{self, Changes, NewAccount};
use domain::tenants;

use crate::world::World;

#[tokio::test]
async fn a_change_reaches_every_tenant() {
    let world = World::new().await;
    let root = world.superuser("root").await;
    let bob = world.account("bob").await;
    let (one, two) = (
        world.tenant("one", &root).await,
        world.tenant("two", &root).await,
    );
    let public = world.public.clone();
    assert_eq!(
        world.member(&public, &bob).await.unwrap(),
        "bob bob@example.org active authorised Tester"
    );
    assert_eq!(world.member(&one, &bob).await, None);
    assert!(
        tenants::add_member(&world.domain, &one, bob.id)
            .await
            .unwrap()
    );
    assert!(
        tenants::add_member(&world.domain, &two, bob.id)
            .await
            .unwrap()
    );
    assert!(
        !tenants::add_member(&world.domain, &two, bob.id)
            .await
            .unwrap()
    );
    assert!(
        tenants::remove_member(&world.domain, &two, bob.id)
            .await
            .unwrap()
    );
    assert!(
        !tenants::remove_member(&world.domain, &two, bob.id)
            .await
            .unwrap()
    );

    let changes = Changes {
        username: Some("robert".to_owned()),
        first_name: Some("Robert".to_owned()),
        email: Some("r@example.org".to_owned()),
        ..Changes::default()
    };
    accounts::update(&world.domain, bob.id, changes)
        .await
        .unwrap();
    let text = "robert Robert r@example.org active";
    assert_eq!(
        world.member(&public, &bob).await.unwrap(),
        format!("{text} authorised Tester")
    );
    assert_eq!(
        world.member(&one, &bob).await.unwrap(),
        format!("{text} authorised Tester")
    );
    assert_eq!(world.member(&two, &bob).await.unwrap(), text);

    accounts::deactivate(&world.domain, bob.id).await.unwrap();
    assert_eq!(
        world.member(&public, &bob).await.unwrap(),
        "robert Robert r@example.org authorised"
    );
    assert_eq!(
        world.member(&one, &bob).await.unwrap(),
        "robert Robert r@example.org"
    );
    let names = |members: Vec<tenants::MemberRecord>| {
        members
            .into_iter()
            .map(|member| member.username)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        names(tenants::members(&world.domain, &one).await.unwrap()),
        ["root"]
    );

    // nothing is left to do
    let mut tx = world.domain.tenancy().begin_platform().await.unwrap();
    let jobs: i64 = sqlx::query_scalar("SELECT count(*) FROM platform.job WHERE kind = $1")
        .bind(domain::job::PROJECT_MEMBER)
        .fetch_one(tx.conn())
        .await
        .unwrap();
    assert_eq!(jobs, 0);
}

#[tokio::test]
async fn everybody_has_an_anonymous_user() {
    let world = World::new().await;
    let root = world.superuser("root").await;
    let one = world.tenant("one", &root).await;
    let anonymous = accounts::by_id(&world.domain, tenants::ANONYMOUS)
        .await
        .unwrap();
    assert_eq!(anonymous.username, "AnonymousUser");
    assert_eq!(
        world.member(&world.public, &anonymous).await.unwrap(),
        "AnonymousUser active authorised"
    );
    assert_eq!(
        world.member(&one, &anonymous).await.unwrap(),
        "AnonymousUser active"
    );
    let owner = world.member(&one, &root).await.unwrap();
    assert_eq!(
        owner,
        "root root@example.org active authorised Administrator,Tester"
    );
}

#[tokio::test]
async fn a_job_completes_what_was_interrupted() {
    let world = World::new().await;
    let root = world.superuser("root").await;
    let one = world.tenant("one", &root).await;
    // the tables of the public tenant refuse for a while
    world
        .config
        .sql("ALTER TABLE public.member ADD CHECK (username <> 'carol')")
        .await;
    let new = NewAccount::user(&world.domain, "carol", "carol@example.org", None);
    let carol = accounts::create(&world.domain, new).await.unwrap();
    assert_eq!(world.member(&world.public, &carol).await, None);
    world
        .config
        .sql("ALTER TABLE public.member DROP CONSTRAINT member_username_check")
        .await;

    let mut tx = world.domain.tenancy().begin_platform().await.unwrap();
    let (kind, payload, later): (String, sqlx::types::Json<serde_json::Value>, bool) =
        sqlx::query_as("SELECT kind, payload, run_at > now() FROM platform.job WHERE kind = $1")
            .bind(domain::job::PROJECT_MEMBER)
            .fetch_one(tx.conn())
            .await
            .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(kind, domain::job::PROJECT_MEMBER);
    assert!(later);
    for _ in 0..2 {
        accounts::run_projection(&world.domain, payload.0.clone())
            .await
            .unwrap();
        assert_eq!(
            world.member(&world.public, &carol).await.unwrap(),
            "carol carol@example.org active authorised Tester"
        );
    }
    assert_eq!(world.member(&one, &carol).await, None);
    assert!(accounts::project_all(&world.domain).await.unwrap() >= 3);
}

#[tokio::test]
async fn concurrent_changes_end_with_the_newest() {
    let world = World::new().await;
    let bob = world.account("bob").await;
    let renames = (0..20).map(|number| {
        let changes = Changes {
            first_name: Some(number.to_string()),
            ..Changes::default()
        };
        accounts::update(&world.domain, bob.id, changes)
    });
    for result in futures_util::future::join_all(renames).await {
        result.unwrap();
    }
    let last = accounts::by_id(&world.domain, bob.id)
        .await
        .unwrap()
        .first_name;
    assert_eq!(
        world.member(&world.public, &bob).await.unwrap(),
        format!("bob {last} bob@example.org active authorised Tester")
    );
}
