package secrets_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"backstop/ingest/secrets"
)

// manager is a Secrets Manager with one secret, whose text a test may change.
type manager struct {
	text  atomic.Value
	calls atomic.Int32
}

func (m *manager) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.calls.Add(1)
	var asked struct{ SecretId string }
	json.NewDecoder(r.Body).Decode(&asked)
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	if r.Header.Get("X-Amz-Target") != "secretsmanager.GetSecretValue" || asked.SecretId != "backstop/tune" {
		w.WriteHeader(http.StatusBadRequest)
		io.WriteString(w, `{"__type":"ResourceNotFoundException","message":"Secrets Manager can't find the specified secret."}`)
		return
	}
	json.NewEncoder(w).Encode(map[string]string{"Name": asked.SecretId, "SecretString": m.text.Load().(string)})
}

func secretsAt(t *testing.T, m *manager, now func() time.Time) *secrets.Secrets {
	t.Helper()
	server := httptest.NewServer(m)
	t.Cleanup(server.Close)
	cfg := aws.Config{Region: "us-east-1", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("id", "secret", "")}
	return secrets.New(cfg, 5*time.Minute, now)
}

func TestASecretIsReadOnceAndAgainWhenItIsOld(t *testing.T) {
	m, clock := &manager{}, time.Unix(0, 0)
	m.text.Store(`{"network_id":"demo","network_token":"first"}`)
	s := secretsAt(t, m, func() time.Time { return clock })
	expect := func(value string, calls int32) {
		t.Helper()
		got, err := s.Secret(t.Context(), "backstop/tune", "network_token")
		if err != nil || got != value || m.calls.Load() != calls {
			t.Errorf("%q after %d calls (%v), want %q after %d", got, m.calls.Load(), err, value, calls)
		}
	}
	expect("first", 1)
	m.text.Store(`{"network_token":"second"}`)
	clock = clock.Add(5*time.Minute - 1)
	expect("first", 1)
	clock = clock.Add(1)
	expect("second", 2)
}

func TestManyAskersMakeOneCall(t *testing.T) {
	m := &manager{}
	m.text.Store(`{"network_token":"one"}`)
	s := secretsAt(t, m, time.Now)
	var askers sync.WaitGroup
	for range 20 {
		askers.Go(func() {
			if value, err := s.Secret(t.Context(), "backstop/tune", "network_token"); err != nil || value != "one" {
				t.Errorf("%q, %v", value, err)
			}
		})
	}
	askers.Wait()
	if m.calls.Load() != 1 {
		t.Errorf("%d calls", m.calls.Load())
	}
}

func TestWhatCannotBeReadIsToldWithoutItsValue(t *testing.T) {
	tests := []struct{ name, text, secret, field, says string }{
		{"no such secret", `{}`, "backstop/other", "a", "read the secret backstop/other"},
		{"no such field", `{"a":"geheim"}`, "backstop/tune", "b", `the secret backstop/tune has no field "b"`},
		{"no JSON", `geheim`, "backstop/tune", "a", "is no JSON object of texts"},
		{"no texts", `{"a":{"geheim":1}}`, "backstop/tune", "a", "is no JSON object of texts"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := &manager{}
			m.text.Store(test.text)
			_, err := secretsAt(t, m, time.Now).Secret(t.Context(), test.secret, test.field)
			if err == nil || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "geheim") {
				t.Errorf("got %v", err)
			}
		})
	}
}
