package sqs

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// savedQueue is a queue as a snapshot file holds it.
type savedQueue struct {
	Name       string            `json:"name"`
	Attributes map[string]string `json:"attributes"`
	Created    time.Time         `json:"created"`
	Messages   []savedMessage    `json:"messages"`
}

// savedMessage is a stored copy; Hidden is how long, in the queue's time, it was still to be hidden.
type savedMessage struct {
	Message
	Key     string        `json:"key"`
	Twice   bool          `json:"twice,omitempty"`
	Delayed bool          `json:"delayed,omitempty"`
	Hidden  time.Duration `json:"hidden"`
}

type snapshot struct {
	Copies int64        `json:"copies"`
	Queues []savedQueue `json:"queues"`
}

// Save writes all queues and their messages to a file, whole or not at all. Nothing may be in progress.
func (s *Server) Save(path string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := snapshot{Copies: s.copies}
	for _, name := range slices.Sorted(maps.Keys(s.queues)) {
		out.Queues = append(out.Queues, s.queues[name].save())
	}
	text, err := json.Marshal(out)
	if err != nil {
		return fmt.Errorf("save queues: %w", err)
	}
	if err := replaceFile(path, text); err != nil {
		return fmt.Errorf("save queues: %w", err)
	}
	return nil
}

func (q *Queue) save() savedQueue {
	out := savedQueue{Name: q.name, Attributes: q.attributes, Created: q.created}
	for e := q.visible.Front(); e != nil; e = e.Next() {
		out.Messages = append(out.Messages, e.Value.(*copyOf).save(0))
	}
	for _, c := range q.hidden {
		out.Messages = append(out.Messages, c.save(c.visibleAt.Sub(q.server.now())))
	}
	return out
}

func (c *copyOf) save(hidden time.Duration) savedMessage {
	return savedMessage{Message: c.Message, Key: c.key, Twice: c.twice, Delayed: c.delayed, Hidden: hidden}
}

// replaceFile writes a file beside its target, syncs it and renames it.
func replaceFile(path string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("create %s: %w", path, err)
	}
	defer os.Remove(f.Name()) // gone already when renamed
	_, err = f.Write(text)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return fmt.Errorf("replace %s: %w", path, err)
	}
	return nil
}

// Restore reads what Save wrote into a server without queues. Messages that were in flight stay hidden for what was left
// of their visibility timeout, and old receipt handles still count. A file that is not there is an empty state, no error.
func (s *Server) Restore(path string) error {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var in snapshot
	if err == nil {
		err = json.Unmarshal(text, &in)
	}
	if err != nil {
		return fmt.Errorf("restore queues from %s: %w", path, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.copies = in.Copies
	for _, saved := range in.Queues {
		q, err := s.create(saved.Name, saved.Attributes)
		if err != nil {
			return fmt.Errorf("restore queue %s from %s: %w", saved.Name, path, err)
		}
		q.created = saved.Created
		for _, m := range saved.Messages {
			q.restore(m)
		}
	}
	return nil
}

func (q *Queue) restore(m savedMessage) {
	c := &copyOf{Message: m.Message, key: m.Key, twice: m.Twice, delayed: m.Delayed, index: -1}
	q.copies[c.key] = c
	if m.Hidden <= 0 {
		c.delayed = false
		c.place = q.visible.PushBack(c)
		return
	}
	if c.delayed {
		q.delayed++
	}
	q.hide(c, m.Hidden)
}
