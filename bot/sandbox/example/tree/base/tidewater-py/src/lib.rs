//! What Python calls through cffi.

use std::slice;

use tidewater::{Constituent, Station};

/// The height at a station whose constituents are `count` triples of amplitude, speed and phase.
///
/// # Safety
///
/// `triples` must point to `3 * count` numbers.
#[no_mangle]
pub unsafe extern "C" fn tidewater_height(
    mean_level: f64,
    triples: *const f64,
    count: usize,
    hours: f64,
) -> f64 {
    station(mean_level, triples, count).height(hours)
}

unsafe fn station(mean_level: f64, triples: *const f64, count: usize) -> Station {
    let numbers = if count == 0 {
        &[]
    } else {
        slice::from_raw_parts(triples, 3 * count)
    };
    let constituents = numbers
        .chunks_exact(3)
        .map(|each| Constituent::new(each[0], each[1], each[2]));
    Station::new(mean_level, constituents.collect())
}
