"""What a person is asked before a month is closed, and what has to hold before and after the answer.

A proposal is what `backstop billing close --dry-run --json` answers.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from backstop.exits import Exit, StepFailed

APPROVE = "Approve"

SUMS = {
    "party": "party_type",
    "currency": "currency",
    "regular": "regular",
    "adjustments": "adjustments",
    "amount": "amount",
}
REVIEW = {
    "reason": "reason",
    "currency": "currency",
    "conversions": "conversions",
    "revenue": "revenue",
    "payout": "payout",
}

Row = Mapping[str, object]


@dataclass(frozen=True)
class Approval:
    """The name of the person who answers for a closing, and what that person wants to be remembered about it."""

    by: str
    note: str


def is_open(proposal: Mapping[str, object] | None) -> bool:
    """Whether the month is still to be closed; raises StepFailed (data) that names all that stands against it.

    A step without a result was marked as successful by hand.
    """
    if proposal is None:
        raise StepFailed(Exit.DATA, "no result of propose: clear the run from there")
    if proposal["already_closed"]:
        return False
    if proposal["objections"]:
        reasons = "; ".join(map(str, proposal["objections"]))
        raise StepFailed(
            Exit.DATA, f"{proposal['period']} cannot be closed: {reasons}. Mend this, then clear the run from `propose`"
        )
    return True


def question(proposal: Mapping[str, object]) -> str:
    """What would be booked and what would not, in Markdown, for the person who decides."""
    period = proposal["period"]
    return "\n\n".join(
        [
            f"**Booked for {period}:** {proposal['lines']} lines of {proposal['items']} conversions",
            _table(SUMS, 2, proposal["sums"]) or "No lines.",
            "**Not booked**, because they wait for review:",
            _table(REVIEW, 2, proposal["review"]) or "Nothing waits.",
            f"*Approve* closes {period} in your name; that cannot be undone. *Reject* closes nothing.",
        ]
    )


def approval_of(response: Mapping[str, object] | None) -> Approval:
    """Reads who approved from the result of `approve`; raises StepFailed (data) if that was nobody.

    There is no such result if the task was marked as successful by hand.
    """
    user = (response or {}).get("responded_by_user") or {}
    if not user.get("name") or response["chosen_options"] != [APPROVE]:
        raise StepFailed(Exit.DATA, "no person has approved: clear the run from `approve` and answer it in Airflow")
    return Approval(user["name"], (response["params_input"].get("note") or "").strip())


def refuse_changed(approved: Mapping[str, object], now: Mapping[str, object]) -> None:
    """Raises StepFailed (data) if other sums would be booked now than the person has seen.

    A month that is closed by now is no change: closing it again books nothing.
    """
    if not now["already_closed"] and now["sums"] != approved["sums"]:
        raise StepFailed(
            Exit.DATA,
            f"the sums of {approved['period']} have changed since they were proposed: clear the run from `propose`, "
            "and a person decides on the new ones",
        )


def _table(columns: Mapping[str, str], names: int, rows: Iterable[Row]) -> str:
    """A table whose first `names` columns are words and the rest numbers; empty if there is no row."""
    rules = [":--" if i < names else "--:" for i in range(len(columns))]
    cells = [[str(row[key]) for key in columns.values()] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in [list(columns), rules, *cells]) if cells else ""
