//! Tide heights from harmonic constituents.
//!
//! A tide is a sum of cosines, one for each [`Constituent`], around the mean level of a [`Station`].

/// One harmonic constituent of a tide, such as M2.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Constituent {
    /// Metres.
    pub amplitude: f64,
    /// Degrees per hour.
    pub speed: f64,
    /// Degrees at hour zero.
    pub phase: f64,
}

impl Constituent {
    /// Makes a constituent; `phase` may be any number of degrees.
    pub fn new(amplitude: f64, speed: f64, phase: f64) -> Self {
        Self {
            amplitude,
            speed,
            phase,
        }
    }

    /// Its share of the height, in metres.
    pub fn height(&self, hours: f64) -> f64 {
        self.amplitude * (self.speed * hours - self.phase).to_radians().cos()
    }
}

/// A place with a tide.
#[derive(Clone, Debug, PartialEq)]
pub struct Station {
    mean_level: f64,
    constituents: Vec<Constituent>,
}

impl Station {
    /// Makes a station from its mean level, in metres, and its constituents.
    pub fn new(mean_level: f64, constituents: Vec<Constituent>) -> Self {
        Self {
            mean_level,
            constituents,
        }
    }

    /// The mean level, in metres.
    pub fn mean_level(&self) -> f64 {
        self.mean_level
    }

    /// The height of the water, in metres, that many hours after hour zero.
    pub fn height(&self, hours: f64) -> f64 {
        self.constituents
            .iter()
            .fold(self.mean_level, |sum, each| sum + each.height(hours))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_station_without_constituents_stays_at_its_mean_level() {
        assert_eq!(Station::new(2.5, vec![]).height(7.0), 2.5);
    }

    #[test]
    fn a_constituent_is_highest_at_its_phase() {
        let station = Station::new(2.0, vec![Constituent::new(1.0, 30.0, 60.0)]);
        assert!((station.height(2.0) - 3.0).abs() < 1e-9);
    }
}
