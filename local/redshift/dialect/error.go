package dialect

// SQLSTATEs that Redshift answers with.
const (
	syntaxError         = "42601"
	undefinedFunction   = "42883"
	undefinedObject     = "42704"
	featureNotSupported = "0A000"
)

// Error is what Redshift (or, for what is not imitated, the stand-in) says about a statement.
type Error struct {
	Code    string // SQLSTATE
	Message string
	Hint    string // what to write instead
}

func (e *Error) Error() string { return e.Message }
