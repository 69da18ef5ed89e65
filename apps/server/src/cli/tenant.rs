//! The commands about tenants.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `kiwi tenant …`
#[derive(Debug, Subcommand)]
pub(crate) enum Tenant {
    /// Create a tenant; its owner becomes a member and administrator
    #[command(after_help = "Examples:
  kiwi tenant create acme --owner admin
  kiwi tenant create acme --owner admin --title \"Acme Ltd\" --domain tests.acme.example")]
    Create(CreateTenant),
    /// List tenants
    #[command(after_help = "Examples:
  kiwi tenant list
  kiwi tenant list --state suspended --json")]
    List {
        /// Only tenants in this state
        #[arg(long, value_parser = ["active", "suspended", "provisioning", "deleting", "failed"])]
        state: Option<String>,
    },
    /// Show one tenant
    #[command(after_help = "Examples:
  kiwi tenant show acme
  kiwi tenant show acme --json")]
    Show {
        /// Name of the tenant
        name: String,
    },
    /// Stop serving a tenant; its data stay
    #[command(after_help = "Examples:
  kiwi tenant suspend acme --reason \"unpaid since May\"")]
    Suspend {
        /// Name of the tenant
        name: String,
        /// Why, for other operators
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Serve a suspended tenant again
    #[command(after_help = "Examples:
  kiwi tenant resume acme")]
    Resume {
        /// Name of the tenant
        name: String,
    },
    /// Delete a tenant with all its data
    #[command(after_help = "Examples:
  kiwi tenant delete acme --yes

The name and the domains cannot be taken for a while, unless --free-name is given.")]
    Delete {
        /// Name of the tenant
        name: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
        /// Let the name and the domains be taken again at once
        #[arg(long)]
        free_name: bool,
    },
    /// Copy a tenant with its data into a new one
    #[command(after_help = "Examples:
  kiwi tenant clone acme acmetrial --owner admin
  kiwi tenant clone acme acme2 --owner admin --with-members")]
    Clone(CloneTenant),
    /// Domains of a tenant
    #[command(subcommand, arg_required_else_help = true)]
    Domain(TenantDomain),
    /// Members of a tenant
    #[command(subcommand, arg_required_else_help = true)]
    Member(TenantMember),
    /// Create or correct the tenants of a folder; running it twice changes nothing
    #[command(after_help = "Examples:
  kiwi tenant apply tenants/
  kiwi tenant apply tenants/ --owner admin

Each folder below holds one tenant in its tenant.toml; `new` is skipped. Keys: name, organization,
domains (the first one is the primary one), publicly_readable, owner, members, data.")]
    Apply(ApplyTenants),
    /// Bring tenants to the newest structure
    #[command(
        args_conflicts_with_subcommands = true,
        after_help = "Examples:
  kiwi tenant migrate
  kiwi tenant migrate acme demo
  kiwi tenant migrate status"
    )]
    Migrate(MigrateTenants),
}

/// How a new tenant is called.
#[derive(Debug, Args)]
pub(crate) struct TenantNames {
    /// Short name: lower-case letters and digits
    pub(crate) name: String,
    /// Name for people [default: the short name]
    #[arg(long)]
    pub(crate) title: Option<String>,
    /// Host name, the first one is the primary one [default: NAME.<tenants domain>]; may be
    /// repeated
    #[arg(long, value_name = "HOST")]
    pub(crate) domain: Vec<String>,
}

/// Options of `kiwi tenant create`.
#[derive(Debug, Args)]
pub(crate) struct CreateTenant {
    #[command(flatten)]
    pub(crate) names: TenantNames,
    /// User name of the owner
    #[arg(long, value_name = "USER")]
    pub(crate) owner: String,
    /// Organisation
    #[arg(long)]
    pub(crate) organization: Option<String>,
    /// Let everybody read it
    #[arg(long)]
    pub(crate) public_read: bool,
}

/// Options of `kiwi tenant clone`.
#[derive(Debug, Args)]
pub(crate) struct CloneTenant {
    /// Tenant to copy
    pub(crate) from: String,
    #[command(flatten)]
    pub(crate) names: TenantNames,
    /// User name of the owner [default: the owner of the source]
    #[arg(long, value_name = "USER")]
    pub(crate) owner: Option<String>,
    /// Let the members of the source in
    #[arg(long)]
    pub(crate) with_members: bool,
}

/// Options of `kiwi tenant apply`.
#[derive(Debug, Args)]
pub(crate) struct ApplyTenants {
    /// Folder of tenants
    pub(crate) folder: PathBuf,
    /// Owner of tenants whose file names none [default: the first superuser]
    #[arg(long, value_name = "USER")]
    pub(crate) owner: Option<String>,
}

/// `kiwi tenant domain …`
#[derive(Debug, Subcommand)]
pub(crate) enum TenantDomain {
    /// Add a domain
    #[command(after_help = "Examples:
  kiwi tenant domain add acme tests.acme.example
  kiwi tenant domain add acme tests.acme.example --primary")]
    Add {
        /// Name of the tenant
        tenant: String,
        /// Host name
        domain: String,
        /// Build links with it
        #[arg(long)]
        primary: bool,
    },
    /// Build links with one of the domains
    #[command(after_help = "Examples:
  kiwi tenant domain primary acme tests.acme.example")]
    Primary {
        /// Name of the tenant
        tenant: String,
        /// Host name
        domain: String,
    },
    /// Remove a domain
    #[command(after_help = "Examples:
  kiwi tenant domain remove acme old.acme.example")]
    Remove {
        /// Name of the tenant
        tenant: String,
        /// Host name
        domain: String,
    },
}

/// `kiwi tenant member …`
#[derive(Debug, Subcommand)]
pub(crate) enum TenantMember {
    /// Let an account in
    #[command(after_help = "Examples:
  kiwi tenant member add acme ann
  kiwi tenant member add acme ann --group Administrator")]
    Add {
        /// Name of the tenant
        tenant: String,
        /// User name
        user: String,
        /// Group to join, besides the default ones; may be repeated
        #[arg(long, value_name = "GROUP")]
        group: Vec<String>,
    },
    /// Take the access of an account away; what it did stays
    #[command(after_help = "Examples:
  kiwi tenant member remove acme ann")]
    Remove {
        /// Name of the tenant
        tenant: String,
        /// User name
        user: String,
    },
    /// List members
    #[command(after_help = "Examples:
  kiwi tenant member list acme
  kiwi tenant member list acme --json")]
    List {
        /// Name of the tenant
        tenant: String,
    },
}

/// Options of `kiwi tenant migrate`.
#[derive(Debug, Args)]
pub(crate) struct MigrateTenants {
    #[command(subcommand)]
    pub(crate) command: Option<MigrateCommand>,
    /// Only these tenants
    pub(crate) tenants: Vec<String>,
    /// Tenants migrated at the same time
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=64))]
    pub(crate) jobs: u8,
    /// Stop after so many tenants failed
    #[arg(long, value_name = "N")]
    pub(crate) max_failures: Option<usize>,
}

/// `kiwi tenant migrate status`
#[derive(Debug, Subcommand)]
pub(crate) enum MigrateCommand {
    /// How far the tenants are; exit status 1 when one is behind
    #[command(after_help = "Examples:
  kiwi tenant migrate status
  kiwi tenant migrate status --json")]
    Status,
}
