//! How many deliveries are under way, so that no receiver and no account takes all the room.

use std::collections::{HashMap, HashSet};

use easement_core::{AccountId, WebhookDeliveryId, WebhookId};

/// The most at once of one webhook, of all webhooks of an account, and of everybody.
const PER_WEBHOOK: usize = 2;
const PER_ACCOUNT: usize = 6;
const IN_ALL: usize = 64;

/// A delivery that is under way.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) struct Seat {
    pub(super) account: AccountId,
    pub(super) webhook: WebhookId,
    pub(super) delivery: WebhookDeliveryId,
}

/// The deliveries that are under way.
#[derive(Debug, Default)]
pub(super) struct Seats {
    taken: HashSet<WebhookDeliveryId>,
    webhooks: HashMap<WebhookId, usize>,
    accounts: HashMap<AccountId, usize>,
}

impl Seats {
    /// How many more a webhook may have before anybody looks whose it is.
    pub(super) fn free_for(&self, webhook: WebhookId) -> usize {
        let taken = self.webhooks.get(&webhook).copied().unwrap_or_default();
        let in_all = IN_ALL.saturating_sub(self.taken.len());
        PER_WEBHOOK.saturating_sub(taken).min(in_all)
    }

    /// Takes a seat; says whether there was one, and the delivery is not under way already.
    pub(super) fn take(&mut self, seat: Seat) -> bool {
        let of_account = self.accounts.entry(seat.account).or_default();
        if *of_account >= PER_ACCOUNT {
            return false;
        }
        if self.taken.contains(&seat.delivery) {
            return false;
        }
        *of_account += 1;
        *self.webhooks.entry(seat.webhook).or_default() += 1;
        self.taken.insert(seat.delivery)
    }

    /// The delivery is under way no more.
    pub(super) fn leave(&mut self, seat: Seat) {
        if !self.taken.remove(&seat.delivery) {
            return;
        }
        leave_one(&mut self.webhooks, &seat.webhook);
        leave_one(&mut self.accounts, &seat.account);
    }

    /// How many deliveries are asked for so that a webhook can fill its seats, although some are under way.
    pub(super) fn look_at() -> u32 {
        u32::try_from(2 * PER_WEBHOOK).unwrap_or(u32::MAX)
    }
}

fn leave_one<K: Eq + std::hash::Hash>(counts: &mut HashMap<K, usize>, key: &K) {
    if let Some(count) = counts.get_mut(key) {
        *count = count.saturating_sub(1);
        if *count == 0 {
            counts.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seat(account: i64, webhook: i64, delivery: i64) -> Seat {
        Seat {
            account: AccountId::new(account),
            webhook: WebhookId::new(webhook),
            delivery: WebhookDeliveryId::new(delivery),
        }
    }

    #[test]
    fn nobody_takes_the_room_of_others() {
        let mut seats = Seats::default();
        assert_eq!(seats.free_for(WebhookId::new(1)), PER_WEBHOOK);
        assert!(seats.take(seat(1, 1, 1)));
        assert!(!seats.take(seat(1, 1, 1)), "it is under way");
        assert!(seats.take(seat(1, 1, 2)));
        assert_eq!(seats.free_for(WebhookId::new(1)), 0);
        for delivery in 3..7 {
            assert!(seats.take(seat(1, delivery, delivery)));
        }
        assert!(!seats.take(seat(1, 9, 9)), "the account has its share");
        assert!(seats.take(seat(2, 10, 10)));
        seats.leave(seat(1, 1, 1));
        seats.leave(seat(1, 1, 1));
        assert_eq!(seats.free_for(WebhookId::new(1)), 1);
        assert!(seats.take(seat(1, 9, 9)));
    }
}
