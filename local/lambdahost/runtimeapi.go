package lambdahost

import (
	"io"
	"net/http"
	"strconv"
	"time"
)

const apiVersion = "/2018-06-01"

// routes is the Runtime API as a runtime for provided.al2023 uses it.
func (s *sandbox) routes(f Function) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+apiVersion+"/runtime/invocation/next", func(w http.ResponseWriter, r *http.Request) { s.next(w, r, f) })
	mux.HandleFunc("POST "+apiVersion+"/runtime/invocation/{id}/response", func(w http.ResponseWriter, r *http.Request) {
		s.finish(w, r, (*invocation).respond)
	})
	mux.HandleFunc("POST "+apiVersion+"/runtime/invocation/{id}/error", func(w http.ResponseWriter, r *http.Request) {
		s.finish(w, r, (*invocation).fail)
	})
	mux.HandleFunc("POST "+apiVersion+"/runtime/init/error", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusAccepted) // the runtime exits next, and that is what the invocation reports
	})
	return mux
}

// next waits for an invocation and hands it out.
func (s *sandbox) next(w http.ResponseWriter, r *http.Request, f Function) {
	select {
	case s.asked <- struct{}{}:
	default:
	}
	select {
	case i := <-s.work:
		<-s.asked // from here on a token means that this invocation is over
		s.mu.Lock()
		s.current = i
		s.mu.Unlock()
		w.Header().Set("Lambda-Runtime-Aws-Request-Id", i.id)
		w.Header().Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(time.Now().Add(f.Timeout).UnixMilli(), 10))
		w.Header().Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:"+f.Region+":"+account+":function:"+f.Name)
		w.Header().Set("Lambda-Runtime-Trace-Id", "Root=1-00000000-000000000000000000000000;Sampled=0")
		w.Header().Set("Content-Type", "application/json")
		close(i.taken)
		_, _ = w.Write(i.payload) // a runtime that is gone ends the invocation by its exit
	case <-r.Context().Done():
	}
}

// finish ends the current invocation with what the runtime posted.
func (s *sandbox) finish(w http.ResponseWriter, r *http.Request, end func(*invocation, []byte)) {
	s.mu.Lock()
	i := s.current
	s.mu.Unlock()
	if i == nil || i.id != r.PathValue("id") {
		http.Error(w, `{"errorType":"InvalidRequestID","errorMessage":"Invalid request ID"}`, http.StatusBadRequest)
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxPayload+1))
	if err != nil {
		http.Error(w, `{"errorType":"Runtime.TruncatedResponse","errorMessage":"the answer could not be read"}`, http.StatusBadRequest)
		return
	}
	w.WriteHeader(http.StatusAccepted)
	end(i, body)
}
