//! The codecs as their users see them.

mod dxr;
mod round_trip;
mod seeds;
mod transactions;
mod values;
