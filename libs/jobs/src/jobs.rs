//! One file a kind of job.

pub(crate) mod delete_account;
pub(crate) mod project_member;
pub(crate) mod remove_files;
pub(crate) mod reset_password;
pub(crate) mod send_mail;
