//! High and low waters.

use crate::Station;

/// A high or a low water.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extreme {
    /// Hours after hour zero.
    pub hours: f64,
    /// Metres.
    pub height: f64,
    /// Whether it is a high water.
    pub high: bool,
}

/// Hours between two looks at the tide; no two extremes of a real tide are closer.
const STEP: f64 = 0.1;

impl Station {
    /// The high and low waters between two times, in hours after hour zero, to a few minutes.
    pub fn extremes(&self, from: f64, until: f64) -> Vec<Extreme> {
        let looks = ((until - from) / STEP).floor().max(0.0) as usize + 1;
        let heights: Vec<f64> = (0..looks)
            .map(|look| self.height(from + STEP * look as f64))
            .collect();
        let mut found = Vec::new();
        for (at, three) in heights.windows(3).enumerate() {
            let high = three[1] > three[0] && three[1] >= three[2];
            let low = three[1] < three[0] && three[1] <= three[2];
            if high || low {
                found.push(Extreme {
                    hours: from + STEP * (at + 1) as f64,
                    height: three[1],
                    high,
                });
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use crate::{Constituent, Station};

    #[test]
    fn a_simple_tide_has_a_high_and_a_low_water_in_each_period() {
        let station = Station::new(2.0, vec![Constituent::new(1.0, 30.0, 90.0)]);
        let found = station.extremes(0.0, 12.0);
        let hours: Vec<f64> = found.iter().map(|each| each.hours.round()).collect();
        assert_eq!(hours, [3.0, 9.0]);
        assert!(found[0].high && !found[1].high);
    }
}
