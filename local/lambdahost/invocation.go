package lambdahost

import (
	"encoding/json"
	"sync"

	"github.com/google/uuid"
)

// invocation is one call of the function; it is finished once.
type invocation struct {
	id      string
	payload []byte
	taken   chan struct{} // closed when the runtime has taken the payload
	done    chan struct{} // closed when answer or err is there
	once    sync.Once
	answer  []byte
	err     error
}

func newInvocation(payload []byte) *invocation {
	return &invocation{id: uuid.NewString(), payload: payload, taken: make(chan struct{}), done: make(chan struct{})}
}

// finish sets the outcome; a later one is ignored.
func (i *invocation) finish(answer []byte, err error) {
	i.once.Do(func() {
		i.answer, i.err = answer, err
		close(i.done)
	})
}

// respond finishes with what the runtime posted as its answer.
func (i *invocation) respond(answer []byte) {
	if len(answer) > maxPayload {
		i.finish(nil, functionError("Function.ResponseSizeTooLarge", "Response payload size exceeded maximum allowed payload size (6291556 bytes)."))
		return
	}
	i.finish(answer, nil)
}

// fail finishes with what the runtime posted as its error.
func (i *invocation) fail(payload []byte) {
	var posted struct{ ErrorType, ErrorMessage string }
	if err := json.Unmarshal(payload, &posted); err != nil {
		posted.ErrorType, posted.ErrorMessage = "Runtime.Unknown", "the runtime posted an error that is not JSON"
	}
	i.finish(nil, &FunctionError{Type: posted.ErrorType, Message: posted.ErrorMessage, Payload: payload})
}
