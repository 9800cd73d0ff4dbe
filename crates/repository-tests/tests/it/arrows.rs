//! Arrows between our crates.

use repository_tests::check_arrows;

use crate::repository;

#[test]
fn arrows_between_our_crates_point_one_way() {
    let direct = repository::dependencies(&["--workspace", "--depth=1"]);
    let wrong = check_arrows(&repository::crates(), &direct);
    let wrong: Vec<_> = wrong.iter().map(ToString::to_string).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
