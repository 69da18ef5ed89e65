//! The codecs as their users see them.

mod dxr;
mod round_trip;
mod seeds;
mod tenant_groups;
mod trackers;
mod transactions;
mod values;
