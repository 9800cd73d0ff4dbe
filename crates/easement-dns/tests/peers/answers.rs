//! Answers in a form that can be compared: read by another implementation, names in lower case, each
//! section a sorted list of records.

use std::collections::BTreeSet;
use std::fmt;

use domain::base::iana::{OptRcode, Rtype};
use domain::base::opt::UnknownOptData;
use domain::base::rdata::ComposeRecordData as _;
use domain::base::{Message, ParsedName, ParsedRecord};
use domain::dep::octseq::Octets;
use domain::rdata::AllRecordData;

/// How many records of a section are shown.
const SHOWN: usize = 4;

/// An answer; one that did not come has the response code `SILENCE`.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[expect(
    clippy::struct_field_names,
    reason = "the sections have their names from DNS"
)]
pub(crate) struct Answer {
    pub(crate) rcode: String,
    pub(crate) flags: BTreeSet<&'static str>,
    pub(crate) opcode: u8,
    pub(crate) question: Vec<u8>,
    pub(crate) opt: Option<Opt>,
    pub(crate) answer: Vec<Line>,
    pub(crate) authority: Vec<Line>,
    pub(crate) additional: Vec<Line>,
}

/// The `OPT` record of an answer. How large a datagram the server itself takes is not compared.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Opt {
    pub(crate) version: u8,
    pub(crate) dnssec_ok: bool,
    pub(crate) options: Vec<u16>,
}

/// A record.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Line {
    pub(crate) owner: String,
    pub(crate) rtype: Rtype,
    pub(crate) ttl: u32,
    pub(crate) class: u16,
    pub(crate) data: String,
    /// The length of the data without compression.
    pub(crate) octets: usize,
}

impl Answer {
    pub(crate) fn read(octets: Option<&[u8]>) -> Self {
        let Some(octets) = octets else {
            return Self {
                rcode: "SILENCE".to_owned(),
                ..Self::default()
            };
        };
        let message = Message::from_octets(octets).unwrap();
        let header = message.header();
        let rcode = message
            .opt()
            .map_or(header.rcode().into(), |opt| opt.rcode(header));
        let flags = [
            (header.qr(), "qr"),
            (header.aa(), "aa"),
            (header.tc(), "tc"),
            (header.rd(), "rd"),
            (header.ra(), "ra"),
            (header.z(), "z"),
            (header.ad(), "ad"),
            (header.cd(), "cd"),
        ];
        let (_, answer, authority, additional) = message.sections().unwrap();
        let end = message.answer().unwrap().pos();
        let lines = |section: domain::base::message::RecordSection<'_, &[u8]>| {
            let mut lines: Vec<Line> = section
                .map(|record| record.unwrap())
                .filter(|record| record.rtype() != Rtype::OPT)
                .map(|record| Line::read(&record))
                .collect();
            lines.sort();
            lines
        };
        Self {
            rcode: if rcode == OptRcode::BADVERS {
                "BADVERS".to_owned()
            } else {
                rcode.to_string()
            },
            flags: flags
                .into_iter()
                .filter(|(set, _)| *set)
                .map(|(_, flag)| flag)
                .collect(),
            opcode: header.opcode().to_int(),
            question: octets[12..end].to_vec(),
            opt: message.opt().map(|opt| Opt {
                version: opt.version(),
                dnssec_ok: opt.dnssec_ok(),
                options: opt
                    .opt()
                    .iter::<UnknownOptData<_>>()
                    .map(|option| option.unwrap().code().to_int())
                    .collect(),
            }),
            answer: lines(answer),
            authority: lines(authority),
            additional: lines(additional),
        }
    }

    pub(crate) fn has(&self, flag: &str) -> bool {
        self.flags.contains(&flag)
    }

    pub(crate) fn clear_records(&mut self) {
        self.answer.clear();
        self.authority.clear();
        self.additional.clear();
    }

    /// How long this answer is when only owners are compressed, as in ours.
    pub(crate) fn octets(&self) -> usize {
        let sections = [&self.answer, &self.authority, &self.additional];
        let records: usize = sections
            .into_iter()
            .flatten()
            .map(|line| 12 + line.octets)
            .sum();
        12 + self.question.len() + records + if self.opt.is_some() { 11 } else { 0 }
    }
}

impl Line {
    fn read<O: Octets>(record: &ParsedRecord<'_, O>) -> Self {
        let owner = record.owner().to_string().to_ascii_lowercase();
        let parsed = record.to_record::<AllRecordData<_, ParsedName<_>>>();
        let parsed = parsed.unwrap().unwrap();
        let mut octets = Vec::new();
        parsed.data().compose_rdata(&mut octets).unwrap();
        let data = parsed.data().to_string();
        Self {
            owner,
            rtype: record.rtype(),
            ttl: record.ttl().as_secs(),
            class: record.class().to_int(),
            data: match record.rtype() {
                // Words of people; everything else is names and numbers.
                Rtype::TXT | Rtype::CAA | Rtype::HINFO | Rtype::URI => data,
                _ => data.to_ascii_lowercase(),
            },
            octets: octets.len(),
        }
    }
}

impl fmt::Display for Answer {
    /// As `dig` shows it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let flags: Vec<&str> = self.flags.iter().copied().collect();
        writeln!(
            f,
            "{} opcode={} flags: {}",
            self.rcode,
            self.opcode,
            flags.join(" ")
        )?;
        if let Some(opt) = &self.opt {
            let (version, options) = (opt.version, &opt.options);
            let dnssec_ok = if opt.dnssec_ok { " do" } else { "" };
            writeln!(
                f,
                "  edns: version {version}{dnssec_ok} options {options:?}"
            )?;
        }
        for (title, lines) in [
            ("answer", &self.answer),
            ("authority", &self.authority),
            ("additional", &self.additional),
        ] {
            for line in lines.iter().take(SHOWN) {
                writeln!(f, "  {title}: {line}")?;
            }
            if lines.len() > SHOWN {
                writeln!(f, "  {title}: and {} more", lines.len() - SHOWN)?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let data: String = self.data.chars().take(120).collect();
        let (owner, ttl, class, rtype) = (&self.owner, self.ttl, self.class, self.rtype);
        write!(f, "{owner} {ttl} CLASS{class} {rtype} {data}")
    }
}
