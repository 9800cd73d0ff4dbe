//! For how long an owner lets somebody in.

use std::time::Duration;

use easement_core::Timestamp;

use crate::http::Fields;
use crate::pages::views::{Choice, Problem};

const DAY: u64 = 24;
/// What can be chosen, and how long it is; nothing is until it is taken back.
const CHOICES: [(&str, &str, Option<Duration>); 4] = [
    ("never", "Until I take it back", None),
    ("30d", "For 30 days", Some(Duration::from_hours(30 * DAY))),
    ("90d", "For 90 days", Some(Duration::from_hours(90 * DAY))),
    ("365d", "For a year", Some(Duration::from_hours(365 * DAY))),
];
const DATE: (&str, &str) = ("date", "Until a day that I choose");

/// What the owner said about it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Until {
    choice: String,
    date: String,
}

impl Until {
    pub(crate) fn of(form: &Fields) -> Self {
        Self {
            choice: form.text("until").to_owned(),
            date: form.text("date").chars().take(40).collect(),
        }
    }

    /// The day that a form has, where nothing else can be chosen.
    pub(super) fn day_of(form: &Fields) -> Self {
        Self {
            choice: DATE.0.to_owned(),
            ..Self::of(form)
        }
    }

    /// The moment; nothing for until it is taken back. Whoever writes a day means it, and access never
    /// lasts longer than an owner said anywhere.
    pub(crate) fn read(&self, now: Timestamp) -> Result<Option<Timestamp>, Problem> {
        let has_date = !self.date.trim().is_empty();
        let known = CHOICES.iter().find(|(value, ..)| *value == self.choice);
        match known {
            None if self.choice == DATE.0 => self.read_date(now).map(Some),
            Some((_, _, None)) if has_date => self.read_date(now).map(Some),
            Some((_, label, Some(_))) if has_date => Err(Problem {
                field: "date",
                message: format!(
                    "Here is a day, and “{label}” is chosen above: choose “{}”, or leave this empty.",
                    DATE.1
                ),
            }),
            Some((_, _, span)) => Ok(span.map(|span| now.plus(span))),
            None => Err(Problem {
                field: "until-never",
                message: "Say how long the access may last.".to_owned(),
            }),
        }
    }

    /// The end of the day, in UTC.
    fn read_date(&self, now: Timestamp) -> Result<Timestamp, Problem> {
        let problem = |message: String| Problem {
            field: "date",
            message,
        };
        let day: Timestamp = self
            .date
            .parse()
            .map_err(|error: easement_core::NotATimestamp| problem(format!("{error}.")))?;
        let end = day.plus(Duration::from_hours(DAY));
        if end <= now {
            let message = format!("The day {} is over: choose a later one.", self.date);
            return Err(problem(message));
        }
        Ok(end)
    }

    pub(crate) fn choices(&self) -> Vec<Choice> {
        let spans = CHOICES.iter().map(|(value, label, _)| (*value, *label));
        let chosen = match self.choice.as_str() {
            "" => "never",
            choice => choice,
        };
        spans
            .chain([DATE])
            .map(|(value, label)| Choice {
                value,
                label,
                is_chosen: value == chosen,
            })
            .collect()
    }

    /// What was written as a date.
    pub(crate) fn date(&self) -> String {
        self.date.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_says_how_long_and_nothing_is_guessed() {
        let now: Timestamp = "2027-03-01T12:00:00Z".parse().unwrap();
        let read = |choice: &str, date: &str| {
            let form = format!("until={choice}&date={date}");
            let until = Until::of(&Fields::parse(form.as_bytes())).read(now);
            until.map_err(|problem| problem.field)
        };
        let at = |text: &str| Ok(Some(text.parse().unwrap()));
        assert_eq!(read("never", ""), Ok(None));
        assert_eq!(
            read("never", "2027-04-01"),
            at("2027-04-02"),
            "whoever writes a day means it"
        );
        assert_eq!(read("30d", "+"), at("2027-03-31T12:00:00Z"));
        assert_eq!(read("30d", ""), at("2027-03-31T12:00:00Z"));
        assert_eq!(
            read("date", "2027-03-01"),
            at("2027-03-02"),
            "the day itself counts"
        );
        assert_eq!(read("date", "2027-04-01"), at("2027-04-02"));
        for (choice, date, field) in [
            ("", "", "until-never"),
            ("forever", "", "until-never"),
            ("date", "", "date"),
            ("date", "soon", "date"),
            ("date", "2027-02-28", "date"),
            ("never", "soon", "date"),
            ("30d", "2027-03-10", "date"),
            ("365d", "2027-03-10", "date"),
        ] {
            assert_eq!(read(choice, date), Err(field), "{choice} {date}");
        }
    }

    #[test]
    fn nothing_said_is_until_it_is_taken_back_and_what_was_said_stays() {
        let chosen = |until: &Until| {
            let choices = until.choices().into_iter();
            let chosen: Vec<_> = choices
                .filter(|one| one.is_chosen)
                .map(|one| one.value)
                .collect();
            chosen
        };
        assert_eq!(chosen(&Until::default()), ["never"]);
        let said = Until::of(&Fields::parse(b"until=date&date=soon"));
        assert_eq!(
            (chosen(&said), said.date()),
            (vec!["date"], "soon".to_owned())
        );
    }
}
