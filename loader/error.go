package loader

import (
	"context"
	"errors"
	"fmt"
)

// Class says who can mend an error: time, an administrator, or whoever owns the data.
type Class string

const (
	// Transient errors may be gone at the next try: a warehouse that is down, a rate limit, an archive that changes while it is read.
	Transient Class = "transient"
	// Configuration errors stay until somebody changes a setting, a permission or a schema.
	Configuration Class = "configuration"
	// Data errors stay until somebody looks at the files: an unreadable line, a partition that would shrink.
	Data Class = "data"
)

// ErrStale tells that somebody else loaded the partition after it was planned: it has to be looked at again.
var ErrStale = errors.New("the partition was loaded by somebody else in the meantime")

// Error is an error with its class.
type Error struct {
	Class Class
	Err   error
}

func (e *Error) Error() string { return e.Err.Error() }
func (e *Error) Unwrap() error { return e.Err }

// Fail makes an error of a class; format and args are those of fmt.Errorf.
func Fail(class Class, format string, args ...any) error {
	return &Error{Class: class, Err: fmt.Errorf(format, args...)}
}

// ClassOf gives the class of the outermost classified error. What was interrupted is Transient; what nobody classified needs a
// person: Configuration.
func ClassOf(err error) Class {
	var classified *Error
	switch {
	case errors.As(err, &classified):
		return classified.Class
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return Transient
	default:
		return Configuration
	}
}
