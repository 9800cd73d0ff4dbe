//! One request after another, until the server is to be left alone.

use super::Reply;
use crate::decide::HostWish;
use crate::fault::{Fault, FaultScope};

/// Asks for one batch after another. The first fault that is of the account or the server ends that, and counts for
/// the rest: it would be the same, or a burden.
pub(super) async fn in_order(
    batches: impl IntoIterator<Item = &[HostWish]>,
    mut ask: impl AsyncFnMut(&[HostWish]) -> Vec<Reply>,
) -> Vec<Reply> {
    let mut replies = Vec::new();
    let mut ended = None;
    for batch in batches {
        let new = match &ended {
            Some(fault) => refused(batch, fault),
            None => ask(batch).await,
        };
        ended = ended.or_else(|| end(&new));
        replies.extend(new);
    }
    replies
}

/// Why nothing more is asked.
pub(super) fn end(replies: &[Reply]) -> Option<Fault> {
    let faults = replies.iter().filter_map(|reply| reply.said.as_ref().err());
    let mut faults = faults.filter(|fault| fault.scope == FaultScope::All);
    faults.next().cloned()
}

/// The same fault for all.
pub(super) fn refused(wishes: &[HostWish], fault: &Fault) -> Vec<Reply> {
    let wishes = wishes.iter().cloned();
    let reply = |wish| Reply {
        wish,
        said: Err(fault.clone()),
    };
    wishes.map(reply).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::FamilyWish;
    use crate::send::Said;

    #[tokio::test]
    async fn the_first_fault_of_the_server_ends_it_and_one_of_a_host_does_not() {
        let wish = |host: &str| HostWish {
            host: host.parse().unwrap(),
            ipv4: FamilyWish::Set([9, 9, 9, 9].into()),
            ipv6: FamilyWish::Keep,
        };
        let wishes = ["a", "b", "c", "d"].map(|label| wish(&format!("{label}.example.com")));
        let mut answers = [
            Err(Fault::last("nohost").of_host()),
            Ok(Said::Changed),
            Err(Fault::network("away")),
        ]
        .into_iter();
        let mut asked = 0;
        let replies = in_order(wishes.chunks(1), async |batch: &[HostWish]| {
            asked += 1;
            let said = answers.next().unwrap();
            let wish = batch[0].clone();
            vec![Reply { wish, said }]
        })
        .await;
        assert_eq!(asked, 3);
        let said: Vec<_> = replies.into_iter().map(|reply| reply.said).collect();
        assert_eq!(said[1], Ok(Said::Changed));
        assert_eq!(said[3], Err(Fault::network("away")));
    }
}
