package redshift

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// orders are the faults that are still to come, as the control port tells them.
type orders struct {
	CopyFile      int    `json:"copy_file,omitempty"` // files of COPY until the one that fails
	Commit        string `json:"commit,omitempty"`    // conflict, lost_before, lost_after
	Slow          string `json:"slow,omitempty"`      // how long every statement waits
	RefusedLogins int    `json:"refused_logins,omitempty"`
}

// Handler is the control port: faults by HTTP, for tests that are not written in Go.
//
//	GET    /faults                       what is ordered, as JSON
//	POST   /faults/copy-file?n=3         the third file that COPY opens from now on fails, once; a manifest is a file
//	POST   /faults/commit?how=conflict   the next COMMIT is rolled back with error 1023
//	POST   /faults/commit?how=lost_before  the next COMMIT loses its connection and does not take effect
//	POST   /faults/commit?how=lost_after   the next COMMIT loses its connection and takes effect
//	POST   /faults/slow?wait=2s          every statement waits, until wait=0s
//	POST   /faults/logins?refuse=2       the next two logins are refused
//	DELETE /faults                       nothing is ordered any more
//
// It answers what is then ordered, and 400 with a reason for what it does not understand.
func (f *Faults) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /faults", func(w http.ResponseWriter, _ *http.Request) { f.tell(w) })
	mux.HandleFunc("DELETE /faults", func(w http.ResponseWriter, _ *http.Request) {
		f.Clear()
		f.tell(w)
	})
	f.order(mux, "copy-file", "n", func(value string) error {
		n, err := strconv.Atoi(value)
		if err != nil || n < 1 {
			return fmt.Errorf("n=%q must be the number of a file, from 1", value)
		}
		f.FailCopyFile(n)
		return nil
	})
	f.order(mux, "commit", "how", f.orderCommit)
	f.order(mux, "slow", "wait", func(value string) error {
		wait, err := time.ParseDuration(value)
		if err != nil || wait < 0 {
			return fmt.Errorf("wait=%q must be a time such as 500ms or 2s", value)
		}
		f.Slow(wait)
		return nil
	})
	f.order(mux, "logins", "refuse", func(value string) error {
		n, err := strconv.Atoi(value)
		if err != nil || n < 0 {
			return fmt.Errorf("refuse=%q must be a number of logins", value)
		}
		f.RefuseLogins(n)
		return nil
	})
	return mux
}

// order takes orders of one kind, each with one parameter.
func (f *Faults) order(mux *http.ServeMux, kind, parameter string, take func(string) error) {
	mux.HandleFunc("POST /faults/"+kind, func(w http.ResponseWriter, r *http.Request) {
		if err := take(r.URL.Query().Get(parameter)); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		f.tell(w)
	})
}

func (f *Faults) orderCommit(how string) error {
	for fault, name := range commitFaultNames() {
		if name == how {
			f.set(func() { f.commit = fault })
			return nil
		}
	}
	return fmt.Errorf("how=%q must be conflict, lost_before or lost_after", how)
}

func commitFaultNames() map[commitFault]string {
	return map[commitFault]string{conflictAtCommit: "conflict", lostBeforeCommit: "lost_before", lostAfterCommit: "lost_after"}
}

func (f *Faults) tell(w http.ResponseWriter) {
	var now orders
	f.set(func() {
		now = orders{CopyFile: f.copyFile, Commit: commitFaultNames()[f.commit], RefusedLogins: f.logins}
		if f.slow > 0 {
			now.Slow = f.slow.String()
		}
	})
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(now) // a client that is gone needs no answer
}
