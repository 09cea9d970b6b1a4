package airflow_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"backstop/local/airflow"
)

// api answers as Airflow's REST API does, each path from its own list of answers, the last of which stays.
type api struct {
	mu      sync.Mutex
	answers map[string][]answer
	asked   []string
}

type answer struct {
	code int
	body string
}

const (
	login  = "POST /auth/token"
	dag    = "PATCH /api/v2/dags/d"
	errs   = "GET /api/v2/importErrors"
	runs   = "POST /api/v2/dags/d/dagRuns"
	run    = "GET /api/v2/dags/d/dagRuns/manual__1"
	clear  = "POST /api/v2/dags/d/dagRuns/manual__1/clear"
	tasks  = "GET /api/v2/dags/d/dagRuns/manual__1/taskInstances"
	logged = "GET /api/v2/dags/d/dagRuns/manual__1/taskInstances/load/logs/2"
)

func ok(bodies ...string) []answer {
	var answers []answer
	for _, body := range bodies {
		answers = append(answers, answer{http.StatusOK, body})
	}
	return answers
}

func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	call := r.Method + " " + r.URL.Path
	a.asked = append(a.asked, call)
	if call != login && r.Header.Get("Authorization") != "Bearer good" {
		http.Error(w, `{"detail": "Invalid JWT token"}`, http.StatusUnauthorized)
		return
	}
	answers := a.answers[call]
	if len(answers) == 0 {
		http.Error(w, `{"detail": "Not Found"}`, http.StatusNotFound)
		return
	}
	if len(answers) > 1 {
		a.answers[call] = answers[1:]
	}
	w.WriteHeader(answers[0].code)
	fmt.Fprint(w, answers[0].body)
}

// serve starts an API where a run goes well, with the given answers instead of its own.
func serve(t *testing.T, instead map[string][]answer) (*api, *airflow.Client) {
	t.Helper()
	a := &api{answers: map[string][]answer{
		login: ok(`{"access_token": "good"}`),
		dag:   ok(`{}`),
		errs:  ok(`{"import_errors": []}`),
		runs:  ok(`{"dag_run_id": "manual__1", "state": "queued"}`),
		clear: ok(`{}`),
		run: ok(`{"dag_run_id": "manual__1", "state": "running"}`,
			`{"dag_run_id": "manual__1", "state": "success", "duration": 2.5}`),
		tasks: ok(`{"task_instances": [{"task_id": "load", "state": "running", "try_number": 1}, {"task_id": "gate", "state": null}]}`,
			`{"task_instances": [{"task_id": "load", "state": "success", "try_number": 1, "duration": 2}, {"task_id": "gate", "state": "success"}]}`),
	}}
	for call, answers := range instead {
		a.answers[call] = answers
	}
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	return a, airflow.NewClient(server.URL, airflow.Login{User: "admin", Password: "canary-4711"})
}

func TestRunTellsEachChangeOnce(t *testing.T) {
	_, client := serve(t, nil)
	var told []string
	run, err := client.Run(t.Context(), "d", "2026-11-20", func(task airflow.Task) { told = append(told, task.ID+" "+task.State) })
	if err != nil {
		t.Fatal(err)
	}
	if run.ID != "manual__1" || run.State != "success" || run.Elapsed.Seconds() != 2.5 {
		t.Errorf("the run is %+v", run)
	}
	if want := []string{"load running", "load success", "gate success"}; !slices.Equal(told, want) {
		t.Errorf("told %q, want %q", told, want)
	}
}

func TestRunWaitsUntilTheDAGIsParsed(t *testing.T) {
	a, client := serve(t, map[string][]answer{dag: {{http.StatusNotFound, `{}`}, {http.StatusOK, `{}`}}})
	if _, err := client.Run(t.Context(), "d", "2026-11-20", func(airflow.Task) {}); err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(a.asked, errs) {
		t.Error("nobody asked whether the DAG can be parsed")
	}
}

func TestRunSaysWhyADAGCannotBeParsed(t *testing.T) {
	_, client := serve(t, map[string][]answer{
		dag:  {{http.StatusNotFound, `{}`}},
		errs: ok(`{"import_errors": [{"filename": "other.py", "stack_trace": "x"}, {"filename": "d.py", "stack_trace": "Traceback\n  line 3\nStepFailed: BACKSTOP_TIME_ZONE is not set\n"}]}`),
	})
	_, err := client.Run(t.Context(), "d", "2026-11-20", func(airflow.Task) {})
	if err == nil || !strings.HasSuffix(err.Error(), "cannot parse d.py: StepFailed: BACKSTOP_TIME_ZONE is not set") {
		t.Errorf("got %v", err)
	}
}

func TestFailedRunQuotesTheLogOfItsFirstFailedTask(t *testing.T) {
	exception := `{"content": [{"event": "begun", "level": "info"}, {"event": "Task failed with exception", "level": "error",
		"error_detail": [{"exc_type": "AirflowFailException", "exc_value": "outer"}, {"exc_type": "StepFailed", "exc_value": "load ended with exit code 30: line 7"}]},
		{"event": "{\"alert\": \"task_failed\"}", "level": "error"}]}`
	cases := map[string]struct {
		log  []answer
		want string
	}{
		"an exception": {ok(exception), "load ended with exit code 30: line 7"},
		"a line":       {ok(`{"content": [{"event": "Process terminated by signal.", "level": "critical"}]}`), "Process terminated by signal."},
		"nothing":      {ok(`{"content": []}`), "see the run in Airflow"},
		"no log":       {[]answer{{http.StatusNotFound, `{"detail": "gone"}`}}, "its log cannot be read"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, client := serve(t, map[string][]answer{
				run:    ok(`{"dag_run_id": "manual__1", "state": "failed"}`),
				tasks:  ok(`{"task_instances": [{"task_id": "fetch", "state": "success"}, {"task_id": "load", "state": "failed", "try_number": 2}, {"task_id": "gate", "state": "upstream_failed"}]}`),
				logged: c.log,
			})
			got, err := client.Run(t.Context(), "d", "2026-11-20", func(airflow.Task) {})
			var failed *airflow.RunError
			if !errors.As(err, &failed) || failed.Task != "load" || !strings.Contains(failed.Log, c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if got.State != "failed" || len(got.Tasks) != 3 {
				t.Errorf("the run is %+v", got)
			}
		})
	}
}

func TestClearWaitsForTheNewEnd(t *testing.T) {
	a, client := serve(t, nil)
	var told int
	if err := client.Clear(t.Context(), "d", "manual__1", func(airflow.Task) { told++ }); err != nil {
		t.Fatal(err)
	}
	if told == 0 || !slices.Contains(a.asked, clear) {
		t.Errorf("told %d changes, asked %q", told, a.asked)
	}
}

func TestEndedTokenIsRenewed(t *testing.T) {
	a, client := serve(t, map[string][]answer{login: ok(`{"access_token": "ended"}`, `{"access_token": "good"}`)})
	if err := client.Unpause(t.Context(), "d"); err != nil {
		t.Fatal(err)
	}
	if want := []string{login, dag, login, dag}; !slices.Equal(a.asked, want) {
		t.Errorf("asked %q, want %q", a.asked, want)
	}
}

func TestRefusalsSayWhatWasAskedAndHideThePassword(t *testing.T) {
	refused := []answer{{http.StatusForbidden, `{"detail": "no"}`}}
	for call, words := range map[string]string{
		login: "log in to Airflow as admin: Airflow answered POST /auth/token with 403",
		dag:   "Airflow answered PATCH /api/v2/dags/d with 403",
		runs:  "trigger d for 2026-11-20: Airflow answered POST",
		run:   "look at run manual__1 of d",
		tasks: "look at the tasks of run manual__1 of d",
	} {
		_, client := serve(t, map[string][]answer{call: refused})
		_, err := client.Run(t.Context(), "d", "2026-11-20", func(airflow.Task) {})
		if err == nil || !strings.Contains(err.Error(), words) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s refused: got %v, want %q", call, err, words)
		}
	}
}

func TestWaitingEndsWithItsContext(t *testing.T) {
	_, client := serve(t, map[string][]answer{run: ok(`{"dag_run_id": "manual__1", "state": "running"}`)})
	ctx, cancel := context.WithCancelCause(t.Context())
	_, err := client.Run(ctx, "d", "2026-11-20", func(airflow.Task) { cancel(errors.New("enough")) })
	if err == nil {
		t.Error("a cancelled wait ended well")
	}
}

func TestTriggerCarriesTheDayAndNoDate(t *testing.T) {
	var body map[string]any
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/dagRuns") {
			if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
				t.Error(err)
			}
			http.Error(w, "enough", http.StatusTeapot)
			return
		}
		fmt.Fprint(w, `{"access_token": "good"}`)
	}))
	defer server.Close()
	_, _ = airflow.NewClient(server.URL, airflow.Login{}).Run(t.Context(), "d", "2026-11-20", func(airflow.Task) {})
	if conf, _ := body["conf"].(map[string]any); conf["day"] != "2026-11-20" {
		t.Errorf("the trigger's body is %v", body)
	}
	if date, there := body["logical_date"]; !there || date != nil {
		t.Errorf("the logical date is %v, want null", date)
	}
}
