//! Gives any bytes to every target, and keeps those inputs that reach code which none before reached.
#![no_main]

#[path = "../../tests/it/fuzz/mutate.rs"]
mod mutate;
#[path = "../../tests/it/fuzz/targets/mod.rs"]
mod targets;

use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use mutate::Dice;

fuzz_target!(|data: &[u8]| {
    for (_, target) in targets::TARGETS {
        target(data);
    }
});

// Half of the changes know what JSON and its values are; the others are libFuzzer's own.
fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let mut dice = Dice(u64::from(seed));
    if dice.below(2) == 0 {
        let changed = mutate::changed(&mut dice, &data[..size], &data[..size]);
        if let Some(place) = data[..max_size].get_mut(..changed.len()) {
            place.copy_from_slice(&changed);
            return changed.len();
        }
    }
    fuzzer_mutate(data, size, max_size)
});
