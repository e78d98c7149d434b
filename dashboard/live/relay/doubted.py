"""What follows where nobody answered one command, by its kind."""

from __future__ import annotations

from dashboard.jobs.models import Job
from dashboard.live.relay import end_sessions, inventory
from dashboard.live.relay.outcomes import harmless
from dashboard.live.relay.outcomes.items import words_unsure
from dashboard.live.relay.outcomes.starts import create_unsure
from dashboard.live.relay.outcomes.steering import change_unsure
from dashboard.live.relay.outcomes.wishes import not_dropped
from dashboard.vendors import outbox
from dashboard.vendors.models import SPEAKS, Command, CommandKind, CommandState

#: They change nothing at the vendor: whoever keeps the job or account now asks again.
_ASKS = (CommandKind.CHECK, CommandKind.RECORD, CommandKind.TEST, CommandKind.IMPORT_ROOMS)
MOST_QUESTIONS = 5


def doubt(command: Command, why: str) -> None:
    if command.kind in SPEAKS and command.subject:
        words_unsure(command, why)
    elif command.kind == CommandKind.CREATE and command.job_id is not None:
        create_unsure(_job(command.job_id), command, why)
    elif command.job_id is not None and harmless.is_harmless(command):
        harmless.go_again(_job(command.job_id), command, why)
    elif command.job_id is not None and command.subject.startswith("change:"):
        change_unsure(_job(command.job_id), command, why)
    elif command.job_id is not None and command.kind == CommandKind.DROP_INSERTED:
        not_dropped(_job(command.job_id), command)
    elif command.kind == CommandKind.PUSH_ROOM:
        inventory.push_unsure(command, why)
    elif command.kind in _ASKS and command.attempts < MOST_QUESTIONS:
        outbox.put_back(command, after_s=2.0, reason=why)
    elif command.kind == CommandKind.END_SESSION:
        end_sessions.end_unsure(command, why)
    else:
        outbox.settle(command, CommandState.UNKNOWN)


def _job(job_id: int) -> Job:
    return Job.objects.whole(job_id)
