"""Measures the package domainconnectzone: one command a line in, one answer a line out.

`load` takes a zone and jobs, and answers with the places of the jobs that the package carries out;
`choose` says which of them count; `run` does one stage for all of them, so many times, and answers with
the seconds; `memory` answers with the highest KiB of memory so far. stand_ins.py is run first.
"""

import json
import resource
import sys
import time

from domainconnectzone import DomainConnect, DomainConnectTemplates

zone, jobs = [], []


class Nowhere:
    """Takes what the package prints while it looks for variables."""

    def write(self, text):
        pass


answers, sys.stdout = sys.stdout, Nowhere()
# It wants a folder of templates, and reads none.
checks = DomainConnectTemplates("/")
redirect_records = [{"type": "A", "pointsTo": "192.0.2.80", "ttl": 3600}]


def read(job):
    return json.loads(job["text"])


def check(job):
    template = json.loads(job["text"])
    checks.validate_template(template)
    return template


def apply_template(job, template):
    engine = DomainConnect(template=template, redir_template_records=redirect_records)
    # The package writes into the records it is given and asks for a copy: this is the fastest.
    records = [record.copy() for record in zone]
    engine.apply_template(
        records, "example.com", job["host"], job["values"], ignore_signature=True
    )


STAGES = {
    "read": read,
    "check": check,
    "apply": lambda job: apply_template(job, job["template"]),
    "all": lambda job: apply_template(job, check(job)),
}


def load(argument):
    global zone, jobs
    zone, jobs = argument["zone"], argument["jobs"]
    done = []
    for place, job in enumerate(jobs):
        try:
            job["template"] = check(job)
            apply_template(job, job["template"])
        except Exception:  # whatever it is, the job does not count
            continue
        done.append(place)
    return done


def choose(places):
    global jobs
    jobs = [jobs[place] for place in places]


def run(argument):
    stage = STAGES[argument["stage"]]
    began = time.perf_counter()
    for _ in range(argument["times"]):
        for job in jobs:
            stage(job)
    return time.perf_counter() - began


def memory(_argument):
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


COMMANDS = {"load": load, "choose": choose, "run": run, "memory": memory}

for line in sys.stdin:
    command, argument = json.loads(line)
    print(json.dumps(COMMANDS[command](argument)), file=answers, flush=True)
