//! Loads of the player page. Each load is an epoch of its session: it has a number and a key of its own, and what an earlier
//! load says never ends or overwrites what a later one has begun.

/// One message of a load: its load, and its number within it.
pub type Place = (u64, u64);

/// What is to be done with a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// It comes from the load that runs.
    Running,
    /// The last words of a load that gave way to one whose content has not started: they count, and end nothing.
    Leaving,
    /// It was sent before, or a later one includes it.
    Known,
    /// A later load has started its content: the commit is kept, and changes nothing.
    Replaced,
}

/// The turn of the commit at `sent`, when `newest` is the last load that was opened and `spoke` the last commit that was
/// applied.
pub fn turn(newest: u64, spoke: Place, sent: Place) -> Turn {
    match sent {
        (load, _) if load < spoke.0 => Turn::Replaced,
        sent if sent <= spoke => Turn::Known,
        (load, _) if load < newest => Turn::Leaving,
        _ => Turn::Running,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_earlier_load_speaks_until_a_later_one_has() {
        for (newest, spoke, sent, expected) in [
            // One load.
            (1, (0, 0), (1, 1), Turn::Running),
            (1, (1, 1), (1, 2), Turn::Running),
            (1, (1, 2), (1, 2), Turn::Known),
            (1, (1, 2), (1, 1), Turn::Known),
            // A reload: the first page's last words come after the second was opened, in any order.
            (2, (1, 4), (1, 5), Turn::Leaving),
            (2, (1, 6), (1, 5), Turn::Known),
            (2, (1, 6), (2, 1), Turn::Running),
            (2, (2, 1), (1, 7), Turn::Replaced),
            (2, (2, 9), (1, 4), Turn::Replaced),
            // Two reloads in a row: the page in the middle said nothing, or its first words come late.
            (3, (1, 4), (1, 5), Turn::Leaving),
            (3, (1, 5), (2, 1), Turn::Leaving),
            (3, (2, 1), (1, 6), Turn::Replaced),
            (3, (2, 1), (3, 1), Turn::Running),
            // What the last release stored has no loads.
            (1, (0, 12), (1, 1), Turn::Running),
        ] {
            assert_eq!(turn(newest, spoke, sent), expected, "newest {newest}, spoke {spoke:?}, sent {sent:?}");
        }
    }
}
