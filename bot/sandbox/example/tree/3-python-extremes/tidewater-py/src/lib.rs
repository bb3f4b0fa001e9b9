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

/// Writes the high and low waters between two times to `out`, as pairs of hours and height, and returns how many
/// there are; `room` is for how many pairs there is room.
///
/// # Safety
///
/// `triples` must point to `3 * count` numbers, and `out` to room for `2 * room`.
#[no_mangle]
pub unsafe extern "C" fn tidewater_extremes(
    mean_level: f64,
    triples: *const f64,
    count: usize,
    from: f64,
    until: f64,
    out: *mut f64,
    room: usize,
) -> usize {
    let found = station(mean_level, triples, count).extremes(from, until);
    for (at, extreme) in found.iter().take(room).enumerate() {
        *out.add(2 * at) = extreme.hours;
        *out.add(2 * at + 1) = extreme.height;
    }
    found.len()
}
