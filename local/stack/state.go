package stack

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Secrets are made once per state folder, so that a stack that is opened again answers to the same logins.
type Secrets struct {
	Tokens            map[string]string `json:"tokens"` // source → token of its postback URL
	TuneNetworkToken  string            `json:"tune_network_token"`
	WarehousePassword string            `json:"warehouse_password"`
	AirflowPassword   string            `json:"airflow_password"`
}

// openSecrets reads the secrets of a state folder, or makes them.
func openSecrets(folder string, sources []string) (Secrets, error) {
	file := filepath.Join(folder, "secrets.json")
	text, err := os.ReadFile(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return makeSecrets(file, sources)
	case err != nil:
		return Secrets{}, fmt.Errorf("open the state's secrets: %w", err)
	}
	var s Secrets
	if err := json.Unmarshal(text, &s); err != nil {
		return Secrets{}, fmt.Errorf("%s is damaged; remove the state's folder to start anew: %w", file, err)
	}
	return s, nil
}

func makeSecrets(file string, sources []string) (Secrets, error) {
	s := Secrets{
		Tokens: map[string]string{}, TuneNetworkToken: token(), WarehousePassword: token(), AirflowPassword: token(),
	}
	for _, source := range sources {
		s.Tokens[source] = token()
	}
	text, err := json.Marshal(s)
	if err != nil {
		return Secrets{}, fmt.Errorf("encode the state's secrets: %w", err)
	}
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return Secrets{}, fmt.Errorf("keep the state's secrets: %w", err)
	}
	return s, nil
}

// token is 256 random bits in hex, as a source's token is in production.
func token() string {
	raw := make([]byte, 32)
	rand.Read(raw) // never fails: it ends the program rather than return less
	return hex.EncodeToString(raw)
}
