import pytest

from backstop.closing import approval_of, is_open, question, refuse_changed
from backstop.exits import Exit, StepFailed

ROW = {"party_type": "affiliate", "currency": "USD", "regular": "120.50", "adjustments": "-20.00", "amount": "100.50"}
WAITING = {"reason": "flagged_input", "currency": "", "conversions": 3, "revenue": "0.00", "payout": "0.00"}


def proposal(**others: object) -> dict[str, object]:
    well = {"period": "2026-10", "already_closed": False, "closed_by": "billing_close", "lines": 4, "items": 31}
    return {**well, "objections": [], "sums": [ROW], "review": [WAITING], **others}


def response(**others: object) -> dict[str, object]:
    user = {"id": "7", "name": "Ada Byron"}
    return {"chosen_options": ["Approve"], "params_input": {"note": None}, "responded_by_user": user, **others}


def test_the_question_shows_the_sums_and_what_waits() -> None:
    text = question(proposal())
    assert "4 lines of 31 conversions" in text
    assert (
        "| party | currency | regular | adjustments | amount |\n"
        "| :-- | :-- | --: | --: | --: |\n"
        "| affiliate | USD | 120.50 | -20.00 | 100.50 |\n" in text
    )
    assert (
        "| reason | currency | conversions | revenue | payout |\n"
        "| :-- | :-- | --: | --: | --: |\n"
        "| flagged_input |  | 3 | 0.00 | 0.00 |\n" in text
    )


def test_the_question_says_so_when_there_is_nothing() -> None:
    text = question(proposal(sums=[], review=[]))
    assert "No lines." in text
    assert "Nothing waits." in text
    assert "|" not in text


def test_a_month_without_objections_is_open_and_a_closed_one_is_not() -> None:
    assert is_open(proposal()) is True
    assert is_open(proposal(already_closed=True)) is False


def test_all_objections_are_named_and_what_to_do() -> None:
    with pytest.raises(StepFailed, match=r"2026-10 .*one; two.*clear the run from `propose`") as failure:
        is_open(proposal(objections=["one", "two"]))
    assert failure.value.exit is Exit.DATA


def test_a_proposal_that_was_never_made_is_not_judged() -> None:
    with pytest.raises(StepFailed, match="no result of propose"):
        is_open(None)


def test_the_approval_is_the_persons() -> None:
    approval = approval_of(response(params_input={"note": " agreed "}))
    assert (approval.by, approval.note) == ("Ada Byron", "agreed")


@pytest.mark.parametrize("params_input", [{}, {"note": None}, {"note": " "}])
def test_a_note_may_stay_empty(params_input: dict[str, object]) -> None:
    assert approval_of(response(params_input=params_input)).note == ""


NOBODY = {
    "marked as successful by hand": None,
    "rejected": response(chosen_options=["Reject"]),
    "answered by nobody": response(responded_by_user=None),
    "answered without a name": response(responded_by_user={"id": "7", "name": ""}),
}


@pytest.mark.parametrize("answer", NOBODY.values(), ids=NOBODY)
def test_without_a_persons_approval_nothing_is_closed(answer: dict[str, object] | None) -> None:
    with pytest.raises(StepFailed, match="no person has approved") as failure:
        approval_of(answer)
    assert failure.value.exit is Exit.DATA


def test_other_sums_than_those_approved_are_refused() -> None:
    with pytest.raises(StepFailed, match="sums of 2026-10 have changed") as failure:
        refuse_changed(proposal(), proposal(sums=[{**ROW, "amount": "100.51"}]))
    assert failure.value.exit is Exit.DATA


def test_the_same_sums_and_a_month_closed_meanwhile_are_no_change() -> None:
    refuse_changed(proposal(), proposal(review=[]))
    refuse_changed(proposal(), proposal(already_closed=True, sums=[{**ROW, "status": "closed"}]))
