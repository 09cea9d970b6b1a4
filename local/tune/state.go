package tune

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// Save writes the whole account to a file, as a whole or not at all.
func (s *Server) Save(path string) error {
	s.mu.Lock()
	text, err := json.Marshal(s.account)
	s.mu.Unlock()
	if err != nil {
		return fmt.Errorf("encode the TUNE account: %w", err)
	}
	part, err := os.CreateTemp(filepath.Dir(path), ".tune-*")
	if err != nil {
		return fmt.Errorf("save the TUNE account: %w", err)
	}
	defer os.Remove(part.Name())
	if _, err := part.Write(text); err != nil {
		part.Close()
		return fmt.Errorf("save the TUNE account: %w", err)
	}
	if err := part.Close(); err != nil {
		return fmt.Errorf("save the TUNE account: %w", err)
	}
	if err := os.Rename(part.Name(), path); err != nil {
		return fmt.Errorf("save the TUNE account: %w", err)
	}
	return nil
}

// Load replaces the account by a saved one. After an error the account is as before.
func (s *Server) Load(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("load the TUNE account: %w", err)
	}
	loaded := newAccount()
	if err := json.Unmarshal(text, &loaded); err != nil {
		return fmt.Errorf("load the TUNE account from %s: %w", path, err)
	}
	for _, row := range loaded.Conversions {
		transaction := row.Fields["ad_id"]
		loaded.byTransaction[transaction] = append(loaded.byTransaction[transaction], row)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.account = loaded
	return nil
}
