//! The codecs as their users see them.

mod attachments;
mod bulk;
mod dxr;
mod life_cycle;
mod pressure;
mod refusals;
mod round_trip;
mod seeds;
mod tenant_groups;
mod trackers;
mod transactions;
mod values;
