//! The file that says everything that can be configured.

use toml::{Table, Value};

use super::Config;
use super::section::Setting;

impl Config {
    /// A configuration file with every setting, its default and what it means. It reads as the
    /// defaults.
    pub fn reference() -> String {
        let defaults = Table::try_from(Self::default()).unwrap_or_default();
        let mut text = String::from(
            "# The configuration of Easement, with the default of every setting.\n\
             #\n\
             # A setting is overridden by a variable of the environment (EASEMENT_SECTION_KEY, such as\n\
             # EASEMENT_LOG_LEVEL), and that by an argument (--set section.key=value). Lists are\n\
             # written with commas there.\n",
        );
        for (section, about, settings) in Self::SECTIONS {
            text.push('\n');
            push_comment(&mut text, about);
            text.extend(["[", section, "]\n"]);
            for setting in *settings {
                push_comment(&mut text, setting.docs);
                let default = defaults
                    .get(*section)
                    .and_then(|section| section.get(setting.key));
                text.push_str(&line_of(setting, default));
            }
        }
        text
    }
}

fn push_comment(text: &mut String, lines: &[&str]) {
    for line in lines {
        text.extend(["#", line, "\n"]);
    }
}

fn line_of(setting: &Setting, default: Option<&Value>) -> String {
    if let Some(value) = default {
        return format!("{} = {value}\n", setting.key);
    }
    let example = Value::String(setting.example.to_owned());
    format!("#{} = {example}\n", setting.key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_reads_as_the_defaults() {
        let text = Config::reference();
        assert_eq!(toml::from_str::<Config>(&text).unwrap(), Config::default());
    }

    #[test]
    fn the_reference_shows_every_setting_and_its_examples_are_valid() {
        let mut with_examples = String::new();
        for line in Config::reference().lines() {
            let is_example = line.starts_with('#') && line.contains(" = ");
            with_examples.push_str(
                line.strip_prefix('#')
                    .filter(|_| is_example)
                    .unwrap_or(line),
            );
            with_examples.push('\n');
        }
        let config = toml::from_str::<Config>(&with_examples).unwrap();
        let table = Table::try_from(config).unwrap();
        for (section, _, settings) in Config::SECTIONS {
            for setting in *settings {
                assert!(
                    table[*section].get(setting.key).is_some(),
                    "{section}.{}",
                    setting.key
                );
            }
        }
    }
}
