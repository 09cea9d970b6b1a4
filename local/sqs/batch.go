package sqs

import (
	"errors"
	"regexp"

	"backstop/local/awsjson"
)

// batchOutput answers a batch entry by entry.
type batchOutput[T any] struct {
	Successful []T
	Failed     []batchFailure
}

type batchFailure struct {
	Id          string
	Code        string
	Message     string
	SenderFault bool
}

func newBatchOutput[T any]() *batchOutput[T] {
	return &batchOutput[T]{Successful: []T{}, Failed: []batchFailure{}}
}

var entryID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,80}$`)

// runBatch checks the batch as a whole, which is refused as a whole, and then does each entry.
func runBatch[E, T any](entries []E, id func(E) string, out *batchOutput[T], do func(E) (T, error)) error {
	if err := checkBatch(entries, id); err != nil {
		return err
	}
	for _, e := range entries {
		done, err := do(e)
		if err == nil {
			out.Successful = append(out.Successful, done)
			continue
		}
		refusal := new(awsjson.Error)
		if !errors.As(err, &refusal) {
			return err
		}
		out.Failed = append(out.Failed, batchFailure{Id: id(e), Code: refusal.Query, Message: refusal.Message, SenderFault: refusal.Status < 500})
	}
	return nil
}

func checkBatch[E any](entries []E, id func(E) string) error {
	if len(entries) == 0 {
		return batchError("EmptyBatchRequest", "There should be at least one entry in the request.")
	}
	if len(entries) > maxEntries {
		return batchError("TooManyEntriesInBatchRequest", "Maximum number of entries per request are %d. You have sent %d.", maxEntries, len(entries))
	}
	seen := map[string]bool{}
	for _, e := range entries {
		if !entryID.MatchString(id(e)) {
			return batchError("InvalidBatchEntryId", "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.")
		}
		if seen[id(e)] {
			return batchError("BatchEntryIdsNotDistinct", "Id %s repeated.", id(e))
		}
		seen[id(e)] = true
	}
	return nil
}
