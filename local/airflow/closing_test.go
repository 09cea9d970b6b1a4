package airflow_test

import (
	"slices"
	"strings"
	"testing"

	"backstop/local/airflow"
)

const monthly = "billing_close"

const proposal = `{"period": "2026-10", "already_closed": false, "objections": [], "lines": 4, "items": 31, "sums": [], "review": []}`

// testClosing has a month closed and another time not, by what the one who is logged in answers.
func testClosing(t *testing.T, a *airflow.Airflow, fakes programs) {
	fakes.tell(t, "billing", map[string]any{"stdout": []string{proposal}})
	before := len(fakes.calls(t))
	states := answered(t, a, airflow.Reject, "not yet")
	if got := "approve " + states["approve"] + ", close " + states["close"]; got != "approve success, close skipped" {
		t.Errorf("a rejected closing ended as: %s", got)
	}
	proposing := "billing close --period 2026-10 --by billing_close --dry-run --json"
	checkCalls(t, fakes, before, proposing)

	before = len(fakes.calls(t))
	if states = answered(t, a, airflow.Approve, "agreed with all"); states["close"] != "success" {
		t.Errorf("the tasks of an approved closing ended as %v", states)
	}
	checkCalls(t, fakes, before, proposing, proposing,
		"billing close --period 2026-10 --by "+a.Login.User+" --note agreed with all --json")
}

// answered runs a closing, answers when it asks, and gives the last state of each task. Another run goes before the answer: Airflow 3.3.2 takes
// a task for killed whose answer overtakes the end of the process that asked, and a run from start to end leaves no such end unseen.
func answered(t *testing.T, a *airflow.Airflow, answer airflow.Answer, note string) map[string]string {
	t.Helper()
	run, err := a.RunMonth(t.Context(), monthly, "2026-10", func(task airflow.Task) {
		if task.State != airflow.AwaitingInput {
			return
		}
		if _, err := a.Run(t.Context(), daily, "2026-11-20", func(airflow.Task) {}); err != nil {
			t.Fatalf("run before the answer: %v", err)
		}
		if err := a.Answer(t.Context(), monthly, answer, note); err != nil {
			t.Fatalf("answer: %v", err) // the run would wait for ever
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("answered %s and ended in %s", answer, run.Elapsed)
	states := map[string]string{}
	for _, task := range run.Tasks {
		states[task.ID] = task.State
	}
	return states
}

// checkCalls holds what was called of billing since then against what is wanted.
func checkCalls(t *testing.T, fakes programs, before int, want ...string) {
	t.Helper()
	var got []string
	for _, c := range fakes.calls(t)[before:] {
		if c.Argv[1] == "billing" {
			got = append(got, strings.Join(c.Argv[1:], " "))
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("the steps called %q, want %q", got, want)
	}
}

const questions = "GET /api/v2/dags/d/dagRuns/~/hitlDetails"

func TestAnswerGoesToTheTaskThatWaits(t *testing.T) {
	const patch = "PATCH /api/v2/dags/d/dagRuns/manual__1/taskInstances/approve/-1/hitlDetails"
	a, client := serve(t, map[string][]answer{
		questions: ok(`{"hitl_details": [{"task_instance": {"task_id": "approve", "dag_run_id": "manual__1"}}]}`),
		patch:     ok(`{}`),
	})
	if err := client.Answer(t.Context(), "d", airflow.Approve, ""); err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(a.asked, patch) {
		t.Errorf("asked %q, want %s", a.asked, patch)
	}
}

func TestAnswerWithoutAQuestionIsAnError(t *testing.T) {
	_, client := serve(t, map[string][]answer{questions: ok(`{"hitl_details": []}`)})
	err := client.Answer(t.Context(), "d", airflow.Approve, "")
	if err == nil || err.Error() != "no task of d waits for an answer" {
		t.Errorf("got %v", err)
	}
}
