//! Runs the files in `cases`: zones, questions, and the whole answer that is expected.
//!
//! A file has `[zone APEX]` with a zone file below it, `[discovery APEX TEXT]`, and
//! `[ask NAME TYPE OPTIONS]` with the expected answer below it: a line with the response code, the
//! flags and the EDNS size, then a line for each record. Options are `tcp`, `rd`, `cd`, `do`,
//! `edns=OCTETS`, `version=NUMBER`, `class=CLASS` and `opcode=OPERATION`. The parser of answers is not
//! ours.

use std::path::Path;

use domain::base::iana::{OptRcode, Rtype};
use domain::base::{Message, ParsedRecord};
use domain::rdata::AllRecordData;
use easement_dns::{Batch, Transport, answer};
use easement_zone::{HostedZones, Name, RecordType, ZoneSnapshot, zonefile};

#[test]
fn every_case_is_answered_as_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/cases");
    let mut wrong = Vec::new();
    let mut questions = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let file = CaseFile::parse(&text);
        assert!(!file.cases.is_empty(), "{} asks nothing", path.display());
        let zones = file.hosted();
        for case in &file.cases {
            questions += 1;
            let found = case.ask(&zones);
            if without_final_dots(&found) != without_final_dots(&case.expected) {
                let file = path.file_name().unwrap().display();
                wrong.push(format!(
                    "{file}: {}\nexpected:\n{}\nfound:\n{found}\n",
                    case.question, case.expected
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert!(questions > 80, "only {questions} questions were found");
}

/// The other implementation ends some names in record data with a dot, and some not.
fn without_final_dots(text: &str) -> String {
    let words = text.split(' ').map(|word| word.trim_end_matches('.'));
    words.collect::<Vec<_>>().join(" ").replace(".\n", "\n")
}

#[derive(Default)]
struct CaseFile {
    zones: Vec<(Name, String)>,
    discovery: Vec<(Name, String)>,
    cases: Vec<Case>,
}

struct Case {
    question: String,
    expected: String,
}

impl CaseFile {
    fn parse(text: &str) -> Self {
        let mut file = Self::default();
        for section in format!("\n{text}").split("\n[").skip(1) {
            let (head, body) = section.split_once(']').unwrap();
            let body: Vec<&str> = body
                .lines()
                .map(str::trim)
                .filter(|line| !line.is_empty() && !line.starts_with('#'))
                .collect();
            let body = body.join("\n");
            match head.split_once(' ').unwrap() {
                ("zone", apex) => file.zones.push((apex.parse().unwrap(), body)),
                ("discovery", rest) => {
                    let (apex, text) = rest.split_once(' ').unwrap();
                    file.discovery
                        .push((apex.parse().unwrap(), text.to_owned()));
                }
                ("ask", question) => file.cases.push(Case {
                    question: question.to_owned(),
                    expected: body,
                }),
                other => panic!("unknown section {other:?}"),
            }
        }
        file
    }

    fn hosted(&self) -> HostedZones {
        let zones = HostedZones::new();
        for (apex, text) in &self.zones {
            let options = zonefile::ReadOptions {
                origin: Some(apex.clone()),
                ..zonefile::ReadOptions::default()
            };
            let file = zonefile::read(&format!("{text}\n"), &options)
                .unwrap_or_else(|errors| panic!("{apex}: {errors}"));
            let mut snapshot = ZoneSnapshot::new(file.zone, 1);
            for (_, text) in self.discovery.iter().filter(|(other, _)| other == apex) {
                snapshot = snapshot.with_discovery(text);
            }
            zones.publish(snapshot);
        }
        zones
    }
}

impl Case {
    fn ask(&self, zones: &HostedZones) -> String {
        let query = self.query();
        let mut out = Vec::new();
        if self.question.split(' ').any(|word| word == "tcp") {
            answer(&query, zones, Transport::Tcp, &mut out).unwrap();
        } else {
            answer(&query, zones, Transport::Udp, &mut out).unwrap();
            let mut batch = Batch::new();
            for slot in batch.answer(&[&query, &query, &query], zones) {
                assert_eq!(slot.octets, out, "{} in a batch", self.question);
            }
        }
        render(&query, &out)
    }

    fn query(&self) -> Vec<u8> {
        let mut words = self.question.split(' ');
        let name: Name = words.next().unwrap().parse().unwrap();
        let qtype: RecordType = words.next().unwrap().parse().unwrap();
        let mut header = [0x12, 0x34, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        let mut class = 1u16;
        let (mut octets, mut version, mut dnssec_ok) = (None, 0u8, 0u8);
        for word in words {
            match word.split_once('=').unwrap_or((word, "")) {
                ("tcp", "") => {}
                ("rd", "") => header[2] |= 1,
                ("cd", "") => header[3] |= 0x10,
                ("do", "") => dnssec_ok = 0x80,
                ("edns", size) => octets = Some(size.parse::<u16>().unwrap()),
                ("version", number) => version = number.parse().unwrap(),
                ("class", "CH") => class = 3,
                ("class", "ANY") => class = 255,
                ("opcode", "status") => header[2] |= 2 << 3,
                ("opcode", "notify") => header[2] |= 4 << 3,
                ("opcode", "update") => header[2] |= 5 << 3,
                other => panic!("unknown option {other:?}"),
            }
        }
        header[11] = u8::from(octets.is_some());
        let mut query = [&header, name.as_wire()].concat();
        query.extend(qtype.number().to_be_bytes());
        query.extend(class.to_be_bytes());
        if let Some(octets) = octets {
            query.extend([0, 0, 41]);
            query.extend(octets.to_be_bytes());
            query.extend([0, version, dnssec_ok, 0, 0, 0]);
        }
        query
    }
}

/// The answer as text, read by another implementation.
fn render(query: &[u8], answer: &[u8]) -> String {
    let message = Message::from_octets(answer).unwrap();
    let header = message.header();
    assert_eq!(&answer[..2], &query[..2], "the id comes back");
    assert!(header.qr() && !header.ra() && !header.ad());
    assert_eq!(header.opcode().to_int(), query[2] >> 3 & 0x0f);
    if message.header_counts().qdcount() == 1 {
        let question = 12..query.len().min(message.answer().unwrap().pos());
        assert_eq!(
            answer[question.clone()],
            query[question],
            "so does the question"
        );
    }
    let rcode = message
        .opt()
        .map_or(header.rcode().into(), |opt| opt.rcode(header));
    let mut first = vec![if rcode == OptRcode::BADVERS {
        "BADVERS".to_owned()
    } else {
        header.rcode().to_string()
    }];
    let flags = [
        (header.aa(), "aa"),
        (header.tc(), "tc"),
        (header.rd(), "rd"),
        (header.cd(), "cd"),
    ];
    first.extend(
        flags
            .iter()
            .filter(|(set, _)| *set)
            .map(|(_, flag)| (*flag).to_owned()),
    );
    if let Some(opt) = message.opt() {
        first.push(format!("edns={}", opt.udp_payload_size()));
        first.extend(opt.dnssec_ok().then(|| "do".to_owned()));
    }
    let mut lines = vec![first.join(" ")];
    let (_, answers, authority, additional) = message.sections().unwrap();
    for (title, section) in [
        ("answer", answers),
        ("authority", authority),
        ("additional", additional),
    ] {
        for record in section {
            let record = record.unwrap();
            if record.rtype() != Rtype::OPT {
                lines.push(format!("{title}: {}", line(&record)));
            }
        }
    }
    lines.join("\n")
}

fn line(record: &ParsedRecord<'_, &[u8]>) -> String {
    let parsed = record.to_record::<AllRecordData<_, _>>().unwrap().unwrap();
    format!(
        "{}. {} {} {} {}",
        record.owner(),
        record.ttl().as_secs(),
        record.class(),
        record.rtype(),
        parsed.data()
    )
}
